"""Floods of strangers, each from a process of its own: `python -m tests.support.flooding KIND HOST
PORT TLS`, where TLS is 0 or 1. What became of them is one line of JSON at the end.

They come at the pace of their kind and with the least claim on the processor: what is measured
beside them is what the Hall does, and not who got the processor.
"""

import collections
import contextlib
import json
import os
import resource
import selectors
import socket
import ssl
import struct
import sys
import time

RATE, SECONDS = 100, 6
"""Of those who connect, greet and go, one after the other."""

CROWD = 1_000
"""Who log in at one time."""

SLOW, SLOW_RATE, SLOW_SECONDS = 10_000, 2_500, 12
"""Who come at that rate, and say a byte each five seconds for so long."""

_PATIENCE = 30.0

_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT.check_hostname, _CONTEXT.verify_mode = False, ssl.CERT_NONE


def _hello(name: str = "", **fields: str) -> bytes:
    more = {"name": name, **fields} if name else fields
    hello = json.dumps({"type": "hello", "id": 1, "protocol": [1], "client": "flood", **more})
    return struct.pack(">I", len(hello)) + hello.encode()


def _answer(data: bytes) -> str:
    """The type of the message, or the code of what is refused."""
    if not data:
        return "nothing"
    message = json.loads(data[4 : 4 + int.from_bytes(data[:4], "big")])
    return str(message.get("code", message["type"]))


def _pace(began: float, number: int, rate: float) -> None:
    time.sleep(max(0.0, began + number / rate - time.perf_counter()))


def connects(host: str, port: int, tls: bool) -> dict[str, int]:
    answers: collections.Counter[str] = collections.Counter()
    began = time.perf_counter()
    for number in range(RATE * SECONDS):
        _pace(began, number, RATE)
        try:
            with socket.create_connection((host, port), _PATIENCE) as sock:
                if tls:
                    with _CONTEXT.wrap_socket(sock) as wrapped:
                        wrapped.send(_hello())
                        answers[_answer(wrapped.recv(65_536))] += 1
                else:
                    sock.send(_hello())
                    answers[_answer(sock.recv(65_536))] += 1
        except OSError as fault:
            answers[getattr(fault, "reason", None) or type(fault).__name__] += 1
    return answers


class _Login:
    """One of a crowd, without ever waiting."""

    def __init__(self, host: str, port: int, tls: bool, hello: bytes) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex((host, port))
        self._left = hello
        self._tls = tls
        self._is_shaken = not tls

    def go_on(self) -> str | None:
        """What it was answered, once it was."""
        try:
            if not self._is_shaken:
                assert isinstance(self.socket, ssl.SSLSocket)
                self.socket.do_handshake()
                self._is_shaken = True
            if self._left:
                self.socket.send(self._left)
                self._left = b""
            return _answer(self.socket.recv(65_536))
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except OSError as fault:
            return type(fault).__name__

    def encrypt(self) -> None:
        """Once it is connected."""
        if self._tls:
            self.socket = _CONTEXT.wrap_socket(self.socket, do_handshake_on_connect=False)


def logins(host: str, port: int, tls: bool, **fields: str) -> dict[str, int]:
    """All at one time, each under another name."""
    looking, answers = selectors.DefaultSelector(), collections.Counter[str]()
    for number in range(CROWD):
        name = f"f{number}-{time.monotonic_ns() % 10**10}"
        login = _Login(host, port, tls, _hello(name, **fields))
        looking.register(login.socket, selectors.EVENT_WRITE, login)
    while looking.get_map():
        for key, events in looking.select():
            login = key.data
            if events & selectors.EVENT_WRITE:
                looking.unregister(login.socket)
                login.encrypt()
                looking.register(login.socket, selectors.EVENT_READ, login)
            if answer := login.go_on():
                answers[answer] += 1
                looking.unregister(login.socket)
                login.socket.close()
    return answers


def passphrases(host: str, port: int, tls: bool) -> dict[str, int]:
    return logins(host, port, tls, passphrase="correct horse battery")


def slow(host: str, port: int, tls: bool) -> dict[str, int]:
    """From several addresses of this machine: one has not so many ports."""
    words = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" if tls else _hello()
    began, come, gone = time.perf_counter(), [], 0
    for number in range(SLOW):
        _pace(began, number, SLOW_RATE)
        come.append(socket.socket())
        if host.startswith("127."):
            come[-1].bind((f"127.0.0.{2 + number % 8}", 0))
        with contextlib.suppress(OSError):
            come[-1].connect((host, port))
        come[-1].setblocking(False)
    began = time.perf_counter()
    for number in range(SLOW * SLOW_SECONDS // 5):
        if number % 20 == 0:
            _pace(began, number, SLOW / 5)
        byte, at = divmod(number, SLOW)
        try:
            come[at].send(words[byte : byte + 1])
        except OSError:
            gone += 1
    return {"gone": gone, "came": len(come)}


if __name__ == "__main__":
    os.nice(19)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kinds = {each.__name__: each for each in (connects, logins, passphrases, slow)}
    kind, host, port, tls = sys.argv[1:]
    print(json.dumps(kinds[kind](host, int(port), tls == "1")))  # noqa: T201
