"""What people read: reports, mails, messages."""
