"""One module per corner of the conversation; a handler translates and steps aside."""
