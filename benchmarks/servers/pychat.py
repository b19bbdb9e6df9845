"""pychat as users run it, and the naive server as the floor."""

import sys
from pathlib import Path

from benchmarks.servers.base import Server

_GATHERED = 1.2
"""Joins of a busy room are told once a second."""


class Pychat(Server):
    """Default settings: durable, with its report of what is said (written to /dev/null)."""

    name = "pychat"
    protocol = "pychat"
    settle = _GATHERED

    def command(self, port: int, folder: Path) -> list[str]:
        serve = [sys.executable, "-m", "pychat", "serve", "--port", str(port)]
        return [*serve, "--data", str(folder / "data"), "--flood", "off"]

    def tls_arguments(self, port: int, certificate: Path, key: Path) -> list[str]:
        return ["--tls", str(certificate), str(key)]


class Naive(Server):
    """asyncio streams, json, one encoding, write and drain for each recipient; nothing on disk."""

    name = "naive"
    protocol = "pychat"
    too_much = frozenset({"W6"})

    def command(self, port: int, folder: Path) -> list[str]:
        return [sys.executable, str(Path(__file__).parent.parent / "naive.py"), str(port)]
