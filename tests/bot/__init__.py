"""From Telegram to the desk."""
