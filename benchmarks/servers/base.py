"""What a server is to the benchmarks."""

import shutil
import sys
from abc import ABC, abstractmethod
from pathlib import Path


class Server(ABC):
    """One program with the configuration in which it is measured: limits raised, flood control
    off, logs off; the rest as it comes."""

    name: str
    protocol: str
    """What the load generator speaks to it."""
    settle = 0.2
    """Seconds from the last join until the room is quiet."""
    at_once = 128
    """Connections that are being made at one time: what its backlog takes, and it needs."""
    tells_presence = True
    """Whether the members of a room hear who joins it."""
    too_much: frozenset[str] = frozenset()
    """Workloads for which it needs too long."""
    programs: tuple[str, ...] = ()
    """What has to be installed."""
    hint = ""
    """How to install it."""

    def missing(self) -> str | None:
        """Why it cannot be measured on this machine."""
        absent = [name for name in self.programs if find(name) is None]
        return f"{', '.join(absent)} is not installed ({self.hint})" if absent else None

    @abstractmethod
    def command(self, port: int, folder: Path) -> list[str]:
        """How to start it in the foreground; configuration files are written to `folder`."""

    def tls_arguments(self, port: int, certificate: Path, key: Path) -> list[str] | None:
        """What makes of its command one that takes TLS alone; None where it is plain only."""
        return None


def find(program: str) -> str | None:
    """Where the program is: beside this Python, on the path, or where daemons are."""
    beside = Path(sys.executable).parent
    return (
        shutil.which(program, path=str(beside))
        or shutil.which(program)
        or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    )
