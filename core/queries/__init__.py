"""What may be seen, always asked for as somebody."""
