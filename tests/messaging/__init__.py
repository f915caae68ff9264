"""The queues and the channels."""
