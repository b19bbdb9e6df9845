"""Comes back after a break: dials, resumes, and joins each room where it was left."""

import asyncio
from typing import TYPE_CHECKING

from pychat.client.backoff import Backoff
from pychat.client.connection import Connection
from pychat.client.errors import CommandError, ConnectionLost, Unreachable, Untrusted
from pychat.client.identity import Identity
from pychat.client.reaching import greet, open_connection
from pychat.protocol import commands, limits, names, replies

if TYPE_CHECKING:
    from pychat.client.session import Session

LONGEST_ASKED_SECONDS = 600.0
"""A Hall that wants to be left alone for longer is asked again all the same."""

STEADY_SECONDS = 60.0
"""A stay of which this much passed was a good one: the waits begin anew, however it ended."""

_ANOTHER_NAME = frozenset({"name-taken", "bad-name"})
"""Refusals that are over when the name becomes free, or another one is given."""

Trouble = Unreachable | ConnectionLost | CommandError


class Supervisor:
    """The one owner of the task that reconnects. One break is its work from `begin` on until
    `Session.settled` or `Session.finish`."""

    def __init__(
        self,
        session: "Session",
        *,
        password: str | None,
        identity: Identity | None,
        passphrase: str | None,
        client: str,
        seconds: float,
    ) -> None:
        """`seconds` are for reaching the Hall, and again for its welcome."""
        self.at_work = False
        self._session = session
        self._password = password
        self._identity = identity
        self._passphrase = passphrase
        self._client = client
        self._seconds = seconds
        self._backoff = Backoff(session.timing.random)
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._name: str | None = None

    def begin(self, lost: ConnectionLost) -> None:
        self._weigh(lost)
        self._woken.clear()
        self.at_work = True
        self._task = asyncio.create_task(self._come_back(lost), name="pychat reconnect")

    def mend(self, why: str) -> None:
        """Something is missing: give the connection up, since the next one brings it. Others do
        not notice, as they would if a room were left and joined again."""
        self._session.connection.abandon(why)

    def now(self, name: str | None) -> None:
        """Try at once, from now on under this name."""
        self._name = name or self._name
        if not self.at_work:
            lost = self._session.revive()
            if lost is None:
                return
            # Without the farewell: that the Hall did not want this is what is being overruled.
            self.begin(ConnectionLost(lost.text))
        self._woken.set()

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self.at_work = False

    async def _come_back(self, lost: ConnectionLost) -> None:
        trouble: Trouble = lost
        while not is_final(trouble):
            await self._rest(trouble)
            try:
                await self._enter()
            except (Unreachable, ConnectionLost, CommandError) as error:
                trouble = error
                self._session.refusal = error if isinstance(error, CommandError) else None
            else:
                self.at_work = False
                self._session.settled()
                return
        self.at_work = False
        bye = trouble.bye if isinstance(trouble, ConnectionLost) else None
        self._session.finish(ConnectionLost(str(trouble), bye))

    def _weigh(self, trouble: Trouble) -> None:
        """Begin the waits anew where this connection had let me in, and just broke.

        Otherwise a server that is killed again and again would be waited for ever longer. But one
        that sends me away each time, or breaks the protocol, is to be left in peace.
        """
        stay, connection = self._session.stay, self._session.connection
        if stay is None:
            return
        bye = trouble.bye if isinstance(trouble, ConnectionLost) else None
        sent_away = bye is not None and bye.code != "shutdown"
        broke = connection.lost is not None and not connection.abandoned
        if stay >= STEADY_SECONDS or (broke and not sent_away):
            self._backoff.reset()

    async def _rest(self, trouble: Trouble) -> None:
        """Wait for the time of the next try, or until somebody wants it now."""
        session, timing = self._session, self._session.timing
        # Added, so that those whom a Hall told the same do not come back in the same moment.
        seconds = min(_asked(trouble), LONGEST_ASKED_SECONDS) + self._backoff.next()
        handle = timing.call_later(seconds, self._woken.set)
        session.waits(str(trouble), self._backoff.attempt, timing.monotonic() + seconds)
        try:
            await self._woken.wait()
        finally:
            handle.cancel()
        self._woken.clear()
        session.waits(str(trouble), self._backoff.attempt, timing.monotonic())

    async def _enter(self) -> None:
        """One try."""
        session, mirror = self._session, self._session.mirror
        connection = Connection(session.connection.address, session.connection.trust)
        session.use(connection)
        try:
            await open_connection(connection, self._seconds, self._backoff.attempt - 1)
            epoch = mirror.epoch
            hello = commands.Hello(
                id=connection.next_id(),
                protocol=[limits.PROTOCOL],
                client=self._client,
                name=self._name or mirror.name,
                password=self._password,
                resume=session.token,
                invite=connection.trust.token,
                passphrase=self._passphrase,
            )
            welcome = await greet(connection, hello, self._seconds, self._identity)
            self._name = None
            if session.away and not welcome.resumed:
                connection.start(commands.Away(id=connection.next_id(), away=True), replies.Ok)
            await self._join(connection, welcome, epoch)
            if connection.lost is not None:
                raise ConnectionLost(connection.lost.text, connection.lost.bye)
        except BaseException as error:
            if isinstance(error, (Unreachable, ConnectionLost, CommandError)):
                self._weigh(error)
            connection.abandon(str(error))
            raise

    async def _join(self, connection: Connection, welcome: replies.Welcome, epoch: str) -> None:
        """Into each room, from where the mirror has its log."""
        session = self._session
        asked = []
        for room in self._rooms():
            view = session.mirror.rooms.get(room)
            # Another log has nothing to do with what is known of this one.
            known = view is not None and not view.gap and welcome.epoch == epoch
            after = view.head if view is not None and known else None
            if view is None and room.startswith("@"):
                # Somebody has spoken to me meanwhile: what I have not read of it is news.
                after = session.reading.upto(room)
            command = commands.Join(
                id=connection.next_id(),
                room=room,
                after=after,
                epoch=epoch if known else None,
            )
            asked.append((room, connection.start(command, replies.Joined)))
        for room, answer in asked:
            try:
                await answer
            except CommandError as refusal:
                if refusal.retryable:
                    raise ConnectionLost(refusal.text) from None
                session.shut_out(room, f"You are no longer in {self._place(room)}: {refusal.text}")

    def _place(self, room: str) -> str:
        view = self._session.mirror.rooms.get(room)
        if view is None or view.direct is None:
            return f"#{room}"
        return f"the room with {view.direct}"

    def _rooms(self) -> list[str]:
        """Those that I was in, but for those that I was about to leave and have left; and those
        that I was about to enter and have entered."""
        session = self._session
        kept = {names.fold(room): room for room in session.kept_rooms}
        rooms = []
        for room in list(session.mirror.rooms):
            key = names.fold(room)
            if key in kept or key not in session.left:
                rooms.append(room)
            else:
                session.shut_out(room, None)
            kept.pop(key, None)
        session.left.clear()
        return rooms + list(kept.values())


def is_final(trouble: Trouble) -> bool:
    """Whether the Hall does not want to be asked again."""
    match trouble:
        case ConnectionLost():
            return trouble.bye is not None and not trouble.bye.reconnect
        case Untrusted():
            return True
        case CommandError():
            return not trouble.retryable and trouble.code not in _ANOTHER_NAME
        case _:
            return False


def _asked(trouble: Trouble) -> float:
    """Seconds for which the Hall wants to be left alone."""
    match trouble:
        case ConnectionLost():
            asked = trouble.bye.retry_after if trouble.bye is not None else None
        case CommandError():
            asked = trouble.retry_after
        case _:
            asked = None
    return (asked or 0) / 1_000
