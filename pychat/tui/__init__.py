"""The terminal client: shows what the client library knows and turns keys into its calls."""
