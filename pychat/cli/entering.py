"""How a command enters a Hall and leaves it: under which name, and what its end means."""

import asyncio
import contextlib
import getpass
import signal
from collections.abc import Coroutine
from typing import Any

import typer

from pychat.cli import exits
from pychat.client import (
    Address,
    Client,
    CommandError,
    ConnectionLost,
    FellBehind,
    Identity,
    IdentityError,
    Trust,
    Unreachable,
    dial,
    known_password,
)
from pychat.protocol import limits, names
from pychat.protocol.errors import Refused

_NAMESAKES = 100
"""Numbered names that are tried before giving up."""


async def enter(address: Address, name: str | None, trust: Trust | None = None) -> Client:
    """Under this name exactly; without one, under the login name or the next free after it.

    Raises what `dial` and `hello` raise.
    """
    identity, password = await _identity(), known_password()
    async with await dial(address, trust=trust) as dialled:
        if name is not None:
            return await dialled.hello(name, password=password, identity=identity)
        login = login_name()
        for number in range(1, _NAMESAKES):
            try:
                wanted = login and _numbered(login, number)
                return await dialled.hello(wanted, password=password, identity=identity)
            except CommandError as refusal:
                if refusal.code != "name-taken":
                    raise
        return await dialled.hello(password=password)


async def _identity() -> Identity | None:
    """By which the name is one's own; where there is none one is a guest, and is told why."""
    identity = Identity()
    try:
        await asyncio.to_thread(lambda: identity.key)
    except IdentityError as fault:
        typer.echo(f"pychat: {fault}", err=True)
        return None
    return identity


def login_name() -> str | None:
    """Who is logged in here, as far as a Hall allows such a name; None if nothing is left of it."""
    try:
        login = getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None
    return _allowed(login)


def _allowed(login: str) -> str | None:
    kept = ""
    for char in login:
        with contextlib.suppress(Refused):
            names.check_name(kept + char)
            kept += char
        if len(kept) == limits.NAME_CHARS:
            break
    return kept or None


def _numbered(name: str, number: int) -> str:
    if number == 1:
        return name
    suffix = f"-{number}"
    return name[: limits.NAME_CHARS - len(suffix)] + suffix


def carry_out(command: str, main: Coroutine[Any, Any, None]) -> None:
    """Run to the end. What goes wrong ends the program with a sentence and its exit code."""
    try:
        asyncio.run(_until_terminated(main))
    except (CommandError, Refused) as refusal:
        exits.fail(command, refusal, exits.REFUSED)
    except (Unreachable, ConnectionLost, FellBehind) as fault:
        exits.fail(command, fault, exits.UNREACHABLE)
    except BrokenPipeError:
        # Who read the output has seen enough.
        exits.forget_output()
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        raise typer.Exit(exits.INTERRUPTED) from None
    except asyncio.CancelledError:
        raise typer.Exit(exits.TERMINATED) from None


async def _until_terminated(main: Coroutine[Any, Any, None]) -> None:
    """SIGTERM ends it like Ctrl+C, so that the Hall is told `quit` and the name is free again."""
    task = asyncio.current_task()
    assert task is not None
    # There are no signal handlers in Windows' loops.
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await main
