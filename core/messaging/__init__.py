"""Between the desk and the network: nothing lost on the way in, nothing sent twice on the way out."""
