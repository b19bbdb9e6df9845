"""From an address to a Client: a TCP connection, then a name that the Hall grants."""

import os
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from pychat import __version__
from pychat.client.address import Address, Place, parse_place
from pychat.client.client import Client
from pychat.client.connection import Connection
from pychat.client.errors import ConnectionLost, Unreachable
from pychat.client.identity import Identity
from pychat.client.outbox import Outbox
from pychat.client.outbox_store import OutboxStore
from pychat.client.reaching import greet, open_connection
from pychat.client.read_marks import ReadMarks
from pychat.client.session import Session
from pychat.client.supervisor import Supervisor
from pychat.client.timing import SYSTEM_TIMING, Timing
from pychat.client.trust import Trust
from pychat.protocol import commands, limits

DIAL_SECONDS = 10.0
"""For the connection, and again for the `welcome`: the Hall waits no longer either."""

SELF_DESCRIPTION = f"pychat/{__version__}"


def known_password() -> str | None:
    """Of Halls that have one, from the environment: an argument could be read by others here."""
    return os.environ.get("PYCHAT_PASSWORD")


class Dialled:
    """A Hall that has picked up, to which one name after the other can be offered."""

    def __init__(self, connection: Connection, timeout: float, timing: Timing) -> None:
        self._connection = connection
        self._timeout = timeout
        self._session = Session(connection, timing)
        self._granted = False

    async def hello(
        self,
        name: str | None = None,
        *,
        password: str | None = None,
        identity: Identity | None = None,
        passphrase: str | None = None,
        client: str = SELF_DESCRIPTION,
        reconnect: bool = False,
        outbox: OutboxStore | None = None,
    ) -> Client:
        """Enter the Hall. Without a name it gives one. `password` is the Hall's; `passphrase` the
        name's owner's, for a machine whose key the Hall does not know.

        With an `identity` a free name becomes one's own, and one of one's own is had again.

        With `reconnect` the Client comes back by itself whenever the connection is lost, until
        the Hall does not want it back. What it posts is kept in `outbox`, by default in memory. By
        an `outbox` the place that a killed program has just left there is taken again, too.

        Raises OutboxError and IdentityError, before anything is sent; CommandError when the Hall
        refuses, after `name-taken` and `bad-name` to be called again with another name; Unreachable
        when it is no Hall; ConnectionLost when it hangs up.
        """
        session = self._session
        session.keep_in(Outbox(session.timing.wall, outbox))
        session.store = outbox
        if outbox is not None:
            session.reading.marks = ReadMarks(outbox.path.with_suffix(".read"))
        session.supervisor = (
            Supervisor(
                session,
                password=password,
                identity=identity,
                passphrase=passphrase,
                client=client,
                seconds=self._timeout,
            )
            if reconnect
            else None
        )
        command = commands.Hello(
            id=self._connection.next_id(),
            protocol=[limits.PROTOCOL],
            client=client,
            name=name,
            password=password,
            resume=outbox.token if outbox is not None else None,
            invite=self._connection.trust.token,
            passphrase=passphrase,
        )
        try:
            await greet(self._connection, command, self._timeout, identity)
        except BaseException as error:
            session.outbox.close()
            if isinstance(error, ConnectionLost) and not self._connection.heard:
                raise Unreachable(
                    f"{self._connection.address} answers, but not as pychat. "
                    "Is the port right, and does no other program listen there?"
                ) from None
            raise
        self._granted = True
        return Client(session)

    async def close(self) -> None:
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes, unless a name has been granted: then the Client is the one to close."""
        if not self._granted:
            await self.close()


async def dial(
    address: Address | str,
    *,
    timeout: float = DIAL_SECONDS,  # noqa: ASYNC109  # part of what it is to dial
    timing: Timing = SYSTEM_TIMING,
    trust: Trust | None = None,
) -> Dialled:
    """Open a connection, for `hello` to follow soon: a Hall waits 10 s for it. A text may be an
    invitation, whose key comes before that of `trust`.

    Raises Unreachable, of which UnknownKey and ChangedKey tell of keys that nobody has trusted; and
    AddressError when the text is neither an address nor an invitation.
    """
    place = parse_place(address) if isinstance(address, str) else Place(address)
    trust = trust or Trust()
    trust = replace(trust, key=place.key or trust.key, token=place.token or trust.token)
    connection = Connection(place.address, trust)
    dialled = Dialled(connection, timeout, timing)
    await open_connection(connection, timeout)
    return dialled


async def connect(
    address: Address | str,
    *,
    name: str | None = None,
    password: str | None = None,
    identity: Identity | None = None,
    client: str = SELF_DESCRIPTION,
    timeout: float = DIAL_SECONDS,  # noqa: ASYNC109
    reconnect: bool = False,
    outbox: OutboxStore | None = None,
    timing: Timing = SYSTEM_TIMING,
    trust: Trust | None = None,
) -> Client:
    """Dial and enter. `client` describes the program to the Hall.

    Raises AddressError, Unreachable, OutboxError, IdentityError, ConnectionLost, and CommandError
    when the Hall refuses; the connection is closed then.
    """
    async with await dial(address, timeout=timeout, timing=timing, trust=trust) as dialled:
        return await dialled.hello(
            name,
            password=password,
            identity=identity,
            client=client,
            reconnect=reconnect,
            outbox=outbox,
        )
