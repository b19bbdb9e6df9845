"""The way to a Hall: its host's addresses, a connection to one of them, and the greeting."""

import asyncio
import socket
import ssl
from typing import NamedTuple

from pychat.client.address import Address
from pychat.client.connection import Connection
from pychat.client.errors import Unreachable, Untrusted
from pychat.client.identity import Identity, with_proof
from pychat.client.trust import Guard, bare_context
from pychat.protocol import commands, replies

_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
"""What OpenSSL says of a peer that speaks something else."""


async def open_connection(connection: Connection, seconds: float, turn: int = 0) -> None:
    """Try each address that the host has, in the order of the resolver, and look who it is. With
    another `turn` another one is the first: it may answer and be of no use.

    Raises Unreachable; Untrusted, which is one, where it may not be the Hall that is meant.
    """
    guard = Guard(connection.address, connection.trust)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    try:
        async with asyncio.timeout_at(deadline):
            found = await loop.getaddrinfo(*connection.address, type=socket.SOCK_STREAM)
    except (TimeoutError, socket.gaierror, UnicodeError) as error:
        raise Unreachable(_why_unknown(connection.address.host, error)) from None
    first = turn % len(found)
    found = found[first:] + found[:first]
    refusal = OSError()
    for index, (family, kind, protocol, _, where) in enumerate(found):
        # One that swallows everything must leave time for the others.
        share = (deadline - loop.time()) / (len(found) - index)
        way = _Way(family, kind, protocol, where)
        try:
            async with asyncio.timeout(share):
                await _attempt(connection, guard, way)
        except OSError as error:
            if not isinstance(refusal, ConnectionRefusedError):
                refusal = error
        else:
            return
    raise Unreachable(_why(connection.address, refusal, seconds))


class _Way(NamedTuple):
    """One of a host's addresses."""

    family: int
    kind: int
    protocol: int
    where: tuple[object, ...]


async def _attempt(connection: Connection, guard: Guard, way: _Way) -> None:
    context = guard.context(str(way.where[0]))
    vouched = context is not None and context.verify_mode == ssl.CERT_REQUIRED
    try:
        await _connect(connection, way, context)
    except ssl.SSLCertVerificationError:
        # Once more, to see who it is.
        vouched = False
        await _connect(connection, way, bare_context())
    if context is None:
        return
    try:
        admit = guard.admit_vouched if vouched else guard.admit
        connection.trust = admit(connection.certificate)
    except Untrusted as doubt:
        connection.abandon(str(doubt))
        await connection.wait_closed()
        raise


async def _connect(connection: Connection, way: _Way, context: ssl.SSLContext | None) -> None:
    loop = asyncio.get_running_loop()
    # Not every machine has sockets of every family.
    sock = socket.socket(way.family, way.kind, way.protocol)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, way.where)
        name = None if context is None else connection.address.host
        await loop.create_connection(
            lambda: connection, sock=sock, ssl=context, server_hostname=name
        )
    except BaseException:
        sock.close()
        raise


async def greet(
    connection: Connection,
    hello: commands.Hello,
    seconds: float,
    identity: Identity | None = None,
) -> replies.Welcome:
    """Ask to be let in, with the proof of a key if there is one.

    Raises IdentityError; CommandError when the Hall refuses, ConnectionLost when it hangs up;
    Unreachable when it is silent: then the connection is ended.
    """
    try:
        async with asyncio.timeout(seconds):
            return await connection.request(
                await with_proof(connection, hello, identity), replies.Welcome
            )
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
    if isinstance(refusal, ssl.SSLError):
        return _why_not_encrypted(address, refusal.reason or "")
    reason = refusal.strerror or "it hung up"
    return f"{address} cannot be reached: {reason}. Are you on its network?"


def _why_not_encrypted(address: Address, reason: str) -> str:
    """`reason` is OpenSSL's name of it."""
    if reason in _NO_TLS:
        return (
            f"{address} answers without encryption. If its keeper has opened it so, and you trust "
            "all that is between, go there with --no-tls."
        )
    if "ACCESS_DENIED" in reason:
        return (
            f"The Hall at {address} has too many connections from your address, or too many a "
            "minute; close some, or wait a moment."
        )
    told = reason.replace("_", " ").lower() or "its encryption fails"
    return f"No encrypted connection to {address} comes about: {told}."
