"""Benchmarks of the server (`python -m benchmarks`) and of the client (benchmarks.client)."""
