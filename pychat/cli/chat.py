"""`pychat chat`: the shortest way into a chat, on this machine."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Annotated, NoReturn

import typer

from pychat.cli import exits
from pychat.cli.parameters import data_folder
from pychat.cli.terminal import can_draw, on_terminal
from pychat.protocol import limits

_LOOPBACK = "127.0.0.1"


def chat(
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Where the Hall is, or is opened.")
    ] = limits.DEFAULT_PORT,
) -> None:
    """Open a Hall on this machine and go in; both end together.

    A Hall that runs here already is used and left running. Without a terminal a few programs
    have a short conversation in a Hall of their own, and what one of them saw is printed.

    Example: pychat chat
    """
    from pychat.cli.hall_process import HallError

    try:
        if on_terminal():
            raise typer.Exit(_go_in(port))
        _converse()
    except HallError as fault:
        exits.fail("chat", fault, exits.FAILED)


def _go_in(port: int) -> int:
    from pychat.client import Address
    from pychat.tui.settings.reading import load

    with _a_hall(port):
        address = Address(_LOOPBACK, port)
        if not can_draw():
            from pychat.cli.plain import talk

            return talk(address, None, None, load().settings)

        from pychat.tui.settings.destination import Destination
        from pychat.tui.start import run

        return run(Destination(address=address), load())


@contextlib.contextmanager
def _a_hall(port: int) -> Iterator[None]:
    """The one that is open there already, or one for as long as the block runs."""
    if _is_hall(port):
        yield
        return
    from pychat.cli.hall_process import open_hall

    # By default SIGTERM and SIGHUP would end this process and leave the Hall behind.
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _end)
    with open_hall(data_folder(), port):
        yield


def _end(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def _is_hall(port: int) -> bool:
    import asyncio

    from pychat.client import Address, CommandError, ConnectionLost, Unreachable, connect

    async def ask() -> bool:
        try:
            async with await connect(Address(_LOOPBACK, port)):
                return True
        except Unreachable:
            return False
        except (CommandError, ConnectionLost):
            # It is one, whatever else it says: the screen will tell.
            return True

    return asyncio.run(ask())


def _converse() -> None:
    import tempfile
    from pathlib import Path

    from pychat.cli.conversation import play
    from pychat.cli.entering import carry_out

    with tempfile.TemporaryDirectory(prefix="pychat-") as folder:
        carry_out("chat", play(Path(folder)))
