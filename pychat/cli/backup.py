"""`pychat backup`: a copy of a Hall's log, also while the Hall is open."""

from contextlib import ExitStack
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
    """Copy a Hall's log into a file, as it is at this moment, and what is known of its people into
    FILE.people. The Hall may be open.

    Example: pychat backup /mnt/backup/chat-monday.db --data /srv/chat
    """
    from pychat.cli.new_file import new_file
    from pychat.server.backplane.backup import copy, copy_people
    from pychat.server.backplane.interface import LedgerError, RegistryError

    folder = data_folder(data)
    people = file.with_name(f"{file.name}.people")
    known = (folder / "people.db").exists()
    try:
        with new_file("backup", file) as part, ExitStack() as more:
            copied = copy(folder / "hall.db", part)
            if known:
                copy_people(folder / "people.db", more.enter_context(new_file("backup", people)))
    except (LedgerError, RegistryError) as fault:
        exits.fail("backup", fault, exits.FAILED)
    typer.echo(
        f"{file}: {copied.events:,} events in {copied.rooms:,} rooms, {copied.bytes:,} bytes"
    )
    if known:
        typer.echo(f"{people}: names and rights")
