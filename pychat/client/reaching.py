"""The way to a Hall: its host's addresses, a connection to one of them, and the greeting."""

import asyncio
import socket

from pychat.client.address import Address
from pychat.client.connection import Connection
from pychat.client.errors import Unreachable
from pychat.protocol import commands, replies


async def open_connection(connection: Connection, seconds: float) -> None:
    """Try each address that the host has, in the order of the resolver. Raises Unreachable."""
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
        try:
            # Not every machine has sockets of every family.
            sock = socket.socket(family, kind, protocol)
            await _attempt(connection, sock, where, share)
        except OSError as error:
            if not isinstance(refusal, ConnectionRefusedError):
                refusal = error
        else:
            return
    raise Unreachable(_why(connection.address, refusal, seconds))


async def _attempt(
    connection: Connection, sock: socket.socket, where: tuple[object, ...], seconds: float
) -> None:
    loop = asyncio.get_running_loop()
    try:
        sock.setblocking(False)
        async with asyncio.timeout(seconds):
            await loop.sock_connect(sock, where)
            await loop.create_connection(lambda: connection, sock=sock)
    except BaseException:
        sock.close()
        raise


async def greet(connection: Connection, hello: commands.Hello, seconds: float) -> replies.Welcome:
    """Ask to be let in.

    Raises CommandError when the Hall refuses, ConnectionLost when it hangs up; Unreachable when
    it is silent: then the connection is ended.
    """
    try:
        async with asyncio.timeout(seconds):
            return await connection.request(hello, replies.Welcome)
    except TimeoutError:
        why = (
            f"{connection.address} picked up but said nothing for {seconds:g} s. "
            "Is it `pychat serve` that listens there?"
        )
        connection.abandon(why)
        raise Unreachable(why) from None


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
