"""The bot: what a customer sees in Telegram."""
