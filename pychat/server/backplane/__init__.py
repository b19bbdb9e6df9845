"""Where the room logs are kept. One interface, several engines."""
