"""The desk itself: rules, tables, actions and messaging, without a face."""
