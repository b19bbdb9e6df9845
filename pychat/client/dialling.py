"""From an address to a Client: a TCP connection, then a name that the Hall grants."""

import asyncio
import socket
from types import TracebackType
from typing import Self

from pychat import __version__
from pychat.client.address import Address, parse_address
from pychat.client.client import Client
from pychat.client.connection import Connection
from pychat.client.errors import ConnectionLost, Unreachable
from pychat.protocol import commands, limits, replies

DIAL_SECONDS = 10.0
"""For the connection, and again for the `welcome`: the Hall waits no longer either."""

SELF_DESCRIPTION = f"pychat/{__version__}"


class Dialled:
    """A Hall that has picked up, to which one name after the other can be offered."""

    def __init__(self, connection: Connection, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._client = Client(connection)

    async def hello(
        self,
        name: str | None = None,
        *,
        password: str | None = None,
        client: str = SELF_DESCRIPTION,
    ) -> Client:
        """Enter the Hall. Without a name it gives one.

        Raises CommandError when the Hall refuses, after `name-taken` and `bad-name` to be called
        again with another name; Unreachable when it is no Hall; ConnectionLost when it hangs up.
        """
        command = commands.Hello(
            id=self._connection.next_id(),
            protocol=[limits.PROTOCOL],
            client=client,
            name=name,
            password=password,
        )
        try:
            async with asyncio.timeout(self._timeout):
                await self._connection.request(command, replies.Welcome)
        except TimeoutError:
            await self.close()
            raise Unreachable(
                f"{self._connection.address} picked up but said nothing for {self._timeout:g} s. "
                "Is it `pychat serve` that listens there?"
            ) from None
        except ConnectionLost:
            if self._connection.heard:
                raise
            raise Unreachable(
                f"{self._connection.address} answers, but not as pychat. "
                "Is the port right, and does no other program listen there?"
            ) from None
        return self._client

    async def close(self) -> None:
        await self._client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes, unless a name has been granted: then the Client is the one to close."""
        if self._client.state != "connected":
            await self.close()


async def dial(address: Address | str, *, timeout: float = DIAL_SECONDS) -> Dialled:  # noqa: ASYNC109  # part of what it is to dial
    """Open a connection, for `hello` to follow soon: a Hall waits 10 s for it.

    Raises Unreachable, and AddressError when the text is no address.
    """
    where = parse_address(address) if isinstance(address, str) else address
    connection = Connection(where)
    dialled = Dialled(connection, timeout)
    await _open(connection, timeout)
    return dialled


async def connect(
    address: Address | str,
    *,
    name: str | None = None,
    password: str | None = None,
    client: str = SELF_DESCRIPTION,
    timeout: float = DIAL_SECONDS,  # noqa: ASYNC109
) -> Client:
    """Dial and enter. `client` describes the program to the Hall.

    Raises AddressError, Unreachable, ConnectionLost, and CommandError when the Hall refuses; the
    connection is closed then.
    """
    async with await dial(address, timeout=timeout) as dialled:
        return await dialled.hello(name, password=password, client=client)


async def _open(connection: Connection, seconds: float) -> None:
    """Try each address that the host has, in the order of the resolver."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    try:
        async with asyncio.timeout_at(deadline):
            found = await loop.getaddrinfo(*connection.address, type=socket.SOCK_STREAM)
    except (TimeoutError, socket.gaierror, UnicodeError) as error:
        raise Unreachable(_why_unknown(connection.address.host, error)) from None
    refusal = OSError()
    for index, (family, kind, protocol, _, where) in enumerate(found):
        # One that swallows everything must leave time for the others.
        share = (deadline - loop.time()) / (len(found) - index)
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            async with asyncio.timeout(share):
                await loop.sock_connect(sock, where)
                await loop.create_connection(lambda: connection, sock=sock)
        except OSError as error:
            sock.close()
            if not isinstance(refusal, ConnectionRefusedError):
                refusal = error
        except BaseException:
            sock.close()
            raise
        else:
            return
    raise Unreachable(_why(connection.address, refusal, seconds))


def _why_unknown(host: str, error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"The name {host} could not be looked up in time. Are you on its network?"
    return f"There is no host called {host}. Check the spelling, and that you are on its network."


def _why(address: Address, refusal: OSError, seconds: float) -> str:
    if isinstance(refusal, ConnectionRefusedError):
        return f"Nobody is listening at {address}. Is `pychat serve` running there?"
    if isinstance(refusal, TimeoutError):
        return (
            f"{address} does not answer: timed out after {seconds:g} s. "
            "Is the machine on, and does its firewall let the port through?"
        )
    return f"{address} cannot be reached: {refusal.strerror}. Are you on its network?"
