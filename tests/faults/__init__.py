"""The kill test: people play while the desk dies by ``kill -9``, and a checker counts what was lost or doubled."""
