"""A link to nowhere: a test sees what is sent on it, and answers."""

import asyncio
import itertools
from collections.abc import Callable
from typing import NamedTuple

from pychat.server.backplane.jetstream.link import (
    Expected,
    LinkError,
    Message,
    NobodyAnswersError,
    Receive,
)

PATIENCE = 30.0
"""Seconds that a test waits for anything."""


class Sent(NamedTuple):
    subject: str
    body: bytes
    reply: str
    headers: dict[str, str]


class FakeLink:
    """What a Link does as far as its users see, with nobody at the other end."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.connected = True
        self.max_payload = 1 << 20
        self.answers: dict[str, list[bytes | LinkError]] = {}
        """To requests, by how their subjects begin; the last one stays."""
        self.subscribed: dict[str, Receive] = {}
        """What comes at a subject, a test gives to its receiver."""
        self._awaited: dict[str, Receive] = {}
        self._listeners: list[Callable[[bool], None]] = []
        self._numbers = itertools.count(1)
        self._more = asyncio.Event()

    async def subscribe(self, subject: str, receive: Receive) -> None:
        self.subscribed[subject] = receive

    def watch(self, listener: Callable[[bool], None]) -> None:
        self._listeners.append(listener)

    def reconnect(self) -> None:
        self.connected = True
        for listener in self._listeners:
            listener(True)

    def expect(self, receive: Receive, answer: object = None) -> Expected:
        reply = f"inbox.{next(self._numbers)}"
        self._awaited[reply] = receive
        return Expected(reply, lambda: self._awaited.pop(reply, None) and None)

    @property
    def awaited(self) -> int:
        """How many answers somebody waits for."""
        return len(self._awaited)

    async def send(
        self, subject: str, body: bytes = b"", *, reply: str = "", headers: dict[str, str] | None
    ) -> None:
        if not self.connected:
            raise LinkError("the connection to NATS is lost; it comes back by itself")
        self.sent.append(Sent(subject, body, reply, headers or {}))
        self._more.set()

    async def has_sent(self, count: int) -> list[Sent]:
        """All, when they are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.sent) < count:
                self._more.clear()
                await self._more.wait()
        return self.sent

    def answer(self, sent: Sent, body: bytes = b"", **headers: str) -> None:
        """As somebody who got it would."""
        receive = self._awaited.get(sent.reply)
        if receive is not None:
            receive(Message(sent.reply, body, headers))

    async def request(
        self,
        subject: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        seconds: float = 1.0,
    ) -> Message:
        self.sent.append(Sent(subject, body, "", headers or {}))
        for beginning, answers in self.answers.items():
            if subject.startswith(beginning):
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if isinstance(answer, LinkError):
                    raise answer
                return Message(subject, answer, {})
        raise NobodyAnswersError(f"nobody on NATS answers {subject} just now")
