"""Chat rooms in the terminal that a team hosts itself with one command."""

__version__ = "0.1.0"
