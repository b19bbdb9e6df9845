"""The command line: the one place that wires server, client and screen together."""
