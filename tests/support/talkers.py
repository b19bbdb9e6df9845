"""Two who talk in a room, in a process of their own: `python -m tests.support.talkers PORT TLS
RATE`, where TLS is 0 or 1.

One says something at a steady rate, however long it takes to be heard; the other hears it. For each
line on standard input the seconds that each message took since the line before are written, as
JSON, once all of them are heard; with the end of the input the process ends.
"""

import contextlib
import itertools
import json
import select
import socket
import ssl
import struct
import sys
import time
from collections.abc import Iterator
from typing import Any

PATIENCE = 30.0
"""Seconds in which what was said must be heard; what is not counts as having taken so long."""


class Talker:
    """A connection to a Hall that anybody may enter, in a room. Whom it reaches it does not ask."""

    def __init__(self, port: int, tls: bool, name: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        # What makes a TLS socket readable need not be anything that was said.
        self.socket.setblocking(False)
        self._come = bytearray()
        self._ids = itertools.count(1)
        self._obeyed("hello", protocol=[1], client="talkers", name=name)
        self._obeyed("join", room="talk")

    def tell(self, kind: str, **fields: object) -> int:
        number = next(self._ids)
        command = json.dumps({"type": kind, "id": number, **fields}).encode()
        self.socket.sendall(struct.pack(">I", len(command)) + command)
        return number

    def hear(self) -> Iterator[dict[str, Any]]:
        """What has come. Raises EOFError at the end."""
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
            while part := self.socket.recv(65_536):
                self._come += part
            raise EOFError
        while len(self._come) >= 4:
            end = 4 + int.from_bytes(self._come[:4], "big")
            if len(self._come) < end:
                return
            message = json.loads(self._come[4:end])
            del self._come[:end]
            assert message["type"] not in ("error", "bye"), message
            if message["type"] == "ping":
                self.socket.sendall(b'\0\0\0\x0f{"type":"pong"}')
            yield message

    def _obeyed(self, kind: str, **fields: object) -> None:
        number = self.tell(kind, **fields)
        while not any(message.get("id") == number for message in self.hear()):
            select.select([self.socket], [], [])


class Talk:
    """What was said and is not heard yet, and how long it took else."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self.said: dict[str, float] = {}
        self.taken: list[float] = []

    def say(self, talker: Talker) -> None:
        text = str(next(self._numbers))
        self.said[text] = time.perf_counter()
        talker.tell("send", room="talk", text=text, nonce=text)

    def hear(self, talker: Talker) -> None:
        heard = [each for each in talker.hear() if each["type"] == "message"]
        now = time.perf_counter()
        self.taken += [now - self.said.pop(each["text"]) for each in heard]

    @property
    def is_heard(self) -> bool:
        return all(now < time.perf_counter() - PATIENCE for now in self.said.values())

    def told(self) -> list[float]:
        taken = self.taken + [PATIENCE] * len(self.said)
        self.taken, self.said = [], {}
        return taken


def talk(port: int, tls: bool, rate: float) -> None:
    ann, bob, said = Talker(port, tls, "ann"), Talker(port, tls, "bob"), Talk()
    due, asked = time.perf_counter(), False
    print("ready", flush=True)  # noqa: T201
    while True:
        if asked and said.is_heard:
            print(json.dumps(said.told()), flush=True)  # noqa: T201
            due, asked = time.perf_counter(), False
        if not asked and time.perf_counter() >= due:
            said.say(ann)
            due += 1 / rate
        wait = 1.0 if asked else max(0.0, due - time.perf_counter())
        listening = [ann.socket, bob.socket, *([] if asked else [sys.stdin])]
        ready, _, _ = select.select(listening, [], [], wait)
        list(ann.hear())
        said.hear(bob)
        if sys.stdin in ready:
            if not sys.stdin.readline():
                return
            asked = True


if __name__ == "__main__":
    talk(int(sys.argv[1]), sys.argv[2] == "1", float(sys.argv[3]))
