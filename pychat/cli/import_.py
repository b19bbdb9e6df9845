"""`pychat import`: a room out of an export into the log of a Hall that is closed."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import DataFolder, data_folder


def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", show_default=False, help="An export, or - for input.")
    ],
    data: DataFolder = None,
    room: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", show_default=False, help="Into this room.  [default: as it was called]"
        ),
    ] = None,
) -> None:
    """Add what `pychat export` wrote as JSON Lines to a log. The Hall must be closed.

    Example: pychat import tea.jsonl --data /srv/chat
    """
    from pychat.server.backplane.importing import ImportRefusedError, import_room
    from pychat.server.backplane.interface import LedgerError

    log = data_folder(data) / "hall.db"
    try:
        if file == "-":
            done = import_room(log, sys.stdin.buffer, room)
        else:
            with Path(file).open("rb") as source:
                done = import_room(log, source, room)
    except ImportRefusedError as refusal:
        exits.fail("import", f"nothing was imported from {file}\n{refusal}", exits.REFUSED)
    except LedgerError as fault:
        exits.fail("import", fault, exits.FAILED)
    except OSError as fault:
        exits.fail("import", f"{file} cannot be read: {fault.strerror or fault}", exits.FAILED)
    told = f"{done.room}: {done.added:,} events added, {done.known:,} were there already"
    if done.left_out:
        told += f", {done.left_out:,} left out, as the messages that they change are gone"
    typer.echo(told)
