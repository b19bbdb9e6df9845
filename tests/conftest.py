"""Fixtures that every kind of test may use."""

from tests.support.processes import serve_process, start

__all__ = ["serve_process", "start"]
