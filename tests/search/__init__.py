"""Finding tickets."""
