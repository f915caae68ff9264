"""The pages: each reads what it shows, or does one thing and sends the browser on."""
