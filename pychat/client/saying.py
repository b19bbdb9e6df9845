"""What callers wait for: a command that lasts is done once, over as many connections as it takes,
and in the order of the calls."""

from typing import TYPE_CHECKING

import msgspec

from pychat.client.connection import Connection
from pychat.client.errors import ConnectionLost
from pychat.client.turnstile import Turnstile
from pychat.protocol import commands, replies
from pychat.protocol.events import Logged

if TYPE_CHECKING:
    from pychat.client.session import Session


class Saying:
    def __init__(self, session: "Session") -> None:
        self._session = session
        self.turnstile = Turnstile()
        """Open while there is a connection on which all is as it was before, and at the end."""
        self._receipts: dict[str, replies.Sent | None] = {}
        """By nonce; there already if its event has come before it."""

    def __bool__(self) -> bool:
        """Whether there is anything to recognise."""
        return bool(self._receipts)

    async def say(self, command: commands.Durable) -> replies.Sent:
        """Where the connection breaks, again on the next one, under the same nonce."""
        session, ticket = self._session, self.turnstile.ticket()
        nonce = command.nonce
        self._receipts[nonce] = None
        session.mirror.outgoing.add(nonce)
        try:
            while True:
                if session.supervisor is not None:
                    await self.turnstile.passage(ticket)
                connection = session.connection
                try:
                    return await self._say_once(connection, command)
                except ConnectionLost:
                    if receipt := self._receipts.get(nonce):
                        return receipt
                    if not session.comes_back:
                        raise
                await connection.wait_closed()
        finally:
            self._receipts.pop(nonce, None)
            session.mirror.outgoing.discard(nonce)

    async def _say_once(self, connection: Connection, command: commands.Durable) -> replies.Sent:
        session = self._session
        if receipt := self._receipts.get(command.nonce):
            return receipt
        if session.lost is not None:
            raise ConnectionLost(session.lost.text, session.lost.bye)
        numbered = msgspec.structs.replace(command, id=connection.next_id())
        answers = session.answers
        answers.began()
        try:
            return await connection.request(numbered, replies.Sent)
        finally:
            answers.ended()

    def recognise(self, event: Logged) -> None:
        """What has come back is on the Hall's disk, whether its receipt comes or not."""
        if event.nonce in self._receipts and event.sender == self._session.mirror.name:
            self._receipts[event.nonce] = replies.Sent(
                id=0, room=event.room, seq=event.seq, time=event.time, nonce=event.nonce
            )
