"""The rules of the desk: tables and pure functions over plain values, with `now` as an argument."""
