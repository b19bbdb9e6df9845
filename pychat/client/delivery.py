"""Sends what the outbox has, over whatever connection there is, until the Hall has confirmed it."""

import asyncio
import functools
from typing import TYPE_CHECKING

import msgspec

from pychat.client.answers import Answers
from pychat.client.backoff import Backoff
from pychat.client.errors import CommandError, ConnectionLost
from pychat.client.outbox import Outbox, Outgoing, Sayable
from pychat.protocol import commands, names, replies

if TYPE_CHECKING:
    from pychat.client.session import Session


class Delivery:
    def __init__(self, session: "Session", outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self._resting: dict[str, Backoff] = {}
        """Rooms, by folded name, in which the Hall asked for patience."""
        self._asleep: set[str] = set()
        """Those of them whose time has not come."""

    def pump(self) -> None:
        """Send what may go now: of each room that can be heard, the first if none is on its way."""
        session = self._session
        if session.state != "connected":
            return
        for room in self._outbox.rooms():
            key = names.fold(room)
            if key not in session.listening or key in self._asleep:
                continue
            while (item := self._outbox.next(room)) is not None:
                if self._start(item):
                    break

    def _start(self, item: Outgoing) -> bool:
        """False if the next of the room may be tried: this one cannot go."""
        session = self._session
        me = session.mirror.name
        if item.tried_as not in ("", me):
            why = f"This may have been said already, as {item.tried_as}: look, then send it again."
            self._outbox.give_up(item, why)
            return False
        if _is_about_another(item.command) and item.epoch not in ("", session.mirror.epoch):
            why = "The Hall has begun another log since, in which what this is about is not."
            self._outbox.give_up(item, why, "no-such-message")
            return False
        connection = session.connection
        command = msgspec.structs.replace(item.command, id=connection.next_id())
        try:
            future = connection.start(command, replies.Sent)
        except ConnectionLost:
            return True
        except CommandError as refusal:
            self._outbox.give_up(item, refusal.text, refusal.code)
            return False
        session.answers.began()
        self._outbox.started(item, me)
        session.mirror.outgoing.add(item.nonce)
        future.add_done_callback(functools.partial(self._answered, item, session.answers))
        return True

    def _answered(
        self, item: Outgoing, answers: Answers, answer: asyncio.Future[replies.Sent]
    ) -> None:
        answers.ended()
        error = answer.exception()
        key = names.fold(item.room)
        if error is None:
            self._resting.pop(key, None)
            self._outbox.settle(item.nonce)
        elif isinstance(error, CommandError):
            if error.retryable:
                self._rest(key, error)
            self._outbox.refused(item, error.text, again=error.retryable, code=error.code)
            self._session.mirror.outgoing.discard(item.nonce)
            if error.code == "not-in-room":
                self._session.shut_out(item.room, f"You are not in #{item.room}: {error.text}")
        # What was interrupted the Session has put back.
        self._outbox.on_change()

    def _rest(self, key: str, refusal: CommandError) -> None:
        backoff = self._resting.setdefault(key, Backoff(self._session.timing.random))
        seconds = max(backoff.next(), (refusal.retry_after or 0) / 1_000)
        self._asleep.add(key)
        self._session.timing.call_later(seconds, functools.partial(self._wake, key))

    def _wake(self, key: str) -> None:
        self._asleep.discard(key)
        self.pump()
        self._outbox.on_change()


def _is_about_another(command: Sayable) -> bool:
    """Whether it names a message by its position, which says nothing about another log."""
    return not isinstance(command, commands.Send) or command.reply_to is not None
