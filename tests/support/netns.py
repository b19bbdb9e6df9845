"""Two machines with a wire between them, as network namespaces: to cut it and to lose packets.

Needs root, `ip` and `nft`. Nothing of it touches the network of the machine itself.
"""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

_numbers = itertools.count()

_HALL_ADDRESS = "10.0.0.1"


class NoNamespaces(Exception):  # noqa: N818  # no fault: a reason to skip
    """They cannot be had here."""


_CONNECT = f"""
import socket, sys
reached = socket.create_connection(("{_HALL_ADDRESS}", int(sys.argv[1])))
socket.send_fds(socket.socket(fileno=int(sys.argv[2])), [b"."], [reached.fileno()])
"""

_LISTEN_IN = """
import socket, sys
heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
heard.setsockopt(socket.SOL_SOCKET, 33, 32 * 1024 * 1024)
heard.bind(("wire", 0))
socket.send_fds(socket.socket(fileno=int(sys.argv[1])), [b"."], [heard.fileno()])
"""
"""3 is ETH_P_ALL, 33 SO_RCVBUFFORCE: nothing of a test's length is dropped."""


def _run(*command: str, given: str | None = None, passed: socket.socket | None = None) -> None:
    """`passed` is a socket that the command is told the number of, as its last argument."""
    number = [] if passed is None else [passed.fileno()]
    done = subprocess.run(
        [*command, *map(str, number)],
        input=given,
        pass_fds=number,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise NoNamespaces(f"{' '.join(command)}: {done.stderr.strip()}")


class Wired:
    """A Hall's machine and its clients', 10.0.0.1 and 10.0.0.2 on a wire of their own."""

    hall_address = _HALL_ADDRESS

    def __init__(self) -> None:
        unique = f"{os.getpid()}-{next(_numbers)}"
        self._hall, self._people = f"pychat-hall-{unique}", f"pychat-people-{unique}"

    def at_hall(self) -> tuple[str, ...]:
        """What stands before a command that is to run there."""
        return ("ip", "netns", "exec", self._hall)

    def at_people(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self._people)

    def set_up(self) -> None:
        for tool in ("ip", "nft"):
            if shutil.which(tool) is None:
                raise NoNamespaces(f"there is no `{tool}` here")
        for name in (self._hall, self._people):
            _run("ip", "netns", "add", name)
            _run("ip", "-n", name, "link", "set", "lo", "up")
        ends = ("peer", "name", "wire", "netns", self._people)
        _run("ip", "-n", self._hall, "link", "add", "wire", "type", "veth", *ends)
        for name, address in ((self._hall, "10.0.0.1/24"), (self._people, "10.0.0.2/24")):
            _run("ip", "-n", name, "address", "add", address, "dev", "wire")
            _run("ip", "-n", name, "link", "set", "wire", "up")

    def tear_down(self) -> None:
        for name in (self._hall, self._people):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)

    @contextlib.contextmanager
    def losing(self, percent: int) -> Iterator[None]:
        """Lose so many of the packets that arrive, at either end."""
        rules = (
            "table inet loss { chain arriving { type filter hook input priority 0; "
            f'iifname "wire" numgen random mod 100 < {percent} drop; }}; }}'
        )
        for at in (self.at_hall(), self.at_people()):
            _run(*at, "nft", "-f", "-", given=rules)
        try:
            yield
        finally:
            for at in (self.at_hall(), self.at_people()):
                _run(*at, "nft", "delete", "table", "inet", "loss")

    @contextlib.contextmanager
    def deaf(self, port: int) -> Iterator[None]:
        """Of what is on its way to this port of the people's nothing arrives."""
        rules = (
            "table inet deaf { chain arriving { type filter hook input priority 0; "
            f"tcp dport {port} drop; }}; }}"
        )
        _run(*self.at_people(), "nft", "-f", "-", given=rules)
        try:
            yield
        finally:
            _run(*self.at_people(), "nft", "delete", "table", "inet", "deaf")

    def connect(self, port: int) -> socket.socket:
        """A connection of the people's to the Hall's machine, for this process to use."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            _run(*self.at_people(), sys.executable, "-c", _CONNECT, str(port), passed=theirs)
            _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
        return socket.socket(fileno=descriptor)

    def listen_in(self) -> socket.socket:
        """A socket that gets all that crosses the wire from now on."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            _run(*self.at_hall(), sys.executable, "-c", _LISTEN_IN, passed=theirs)
            _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
        return socket.socket(fileno=descriptor)

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        _run("ip", "-n", self._hall, "link", "set", "wire", "down")
        try:
            yield
        finally:
            _run("ip", "-n", self._hall, "link", "set", "wire", "up")


@pytest.fixture
def wire() -> Iterator[Wired]:
    wire = Wired()
    try:
        wire.set_up()
    except NoNamespaces as why:
        pytest.skip(f"no network namespaces here: {why}")
    else:
        yield wire
    finally:
        wire.tear_down()
