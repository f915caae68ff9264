"""The panel and the REST API: what a technician sees."""
