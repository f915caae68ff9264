"""Minutes, hours and invoices: what closings do to a company's two accounts."""
