"""`pychat backup`: a copy of a Hall's log, also while the Hall is open."""

from pathlib import Path
from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import DataFolder, data_folder


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="The copy; it must be new.")
    ],
    data: DataFolder = None,
) -> None:
    """Copy a Hall's log into one file, as it is at this moment. The Hall may be open.

    Example: pychat backup /mnt/backup/chat-monday.db --data /srv/chat
    """
    from pychat.cli.new_file import new_file
    from pychat.server.backplane.backup import copy
    from pychat.server.backplane.interface import LedgerError

    try:
        with new_file("backup", file) as part:
            copied = copy(data_folder(data) / "hall.db", part)
    except LedgerError as fault:
        exits.fail("backup", fault, exits.FAILED)
    typer.echo(
        f"{file}: {copied.events:,} events in {copied.rooms:,} rooms, {copied.bytes:,} bytes"
    )
