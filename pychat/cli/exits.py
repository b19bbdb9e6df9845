"""What the exit codes mean (docs/commands.md lists them), and how a command ends with one."""

import contextlib
import os
import sys
from typing import NoReturn

FAILED = 1
"""The Hall could not be opened, or this machine is at fault: a full disk, a closed output."""
USAGE = 2
"""The command line makes no sense; nothing was tried."""
REFUSED = 3
"""The Hall said no."""
UNREACHABLE = 4
"""No Hall there, or the connection was lost."""
INTERRUPTED = 130
TERMINATED = 143


def fail(command: str, sentence: object, code: int) -> NoReturn:
    """Tell on stderr why, and end."""
    import typer

    typer.echo(f"pychat {command}: {sentence}", err=True)
    raise typer.Exit(code)


def forget_output() -> None:
    """Nobody reads it any more: what is left in the buffer must not be tried again at exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
