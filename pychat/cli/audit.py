"""`pychat audit`: what operators have done."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import AsJson, DataFolder, data_folder

if TYPE_CHECKING:
    from pychat.server.backplane.interface import AuditLine


def audit(
    data: DataFolder = None,
    room: Annotated[
        str | None,
        typer.Option(metavar="ROOM", show_default=False, help="Only what was done there."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME",
            show_default=False,
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            help="Only from then on: 2026-11-22, 2026-11-22T18:00.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell who was kicked, banned, muted and appointed, by whom and why. The Hall may be open.

    Example: pychat audit --room tea --since 2026-11-22
    """
    from pychat.protocol.names import fold
    from pychat.server.backplane.interface import RegistryError
    from pychat.server.backplane.registry import read_audit

    path = data_folder(data) / "people.db"
    try:
        lines = read_audit(path)
    except RegistryError as fault:
        exits.fail("audit", fault, exits.FAILED)
    begin = since.timestamp() * 1000 if since is not None else 0
    for line in lines:
        there = room is None or (line.room is not None and fold(line.room) == fold(room))
        if there and line.time >= begin:
            typer.echo(_json(line) if as_json else _told(line))


def _json(line: "AuditLine") -> str:
    import msgspec

    fields = msgspec.structs.asdict(line)
    return json.dumps({name: value for name, value in fields.items() if value is not None})


def _told(line: "AuditLine") -> str:
    from pychat.protocol.text import clean_line

    when = datetime.fromtimestamp(line.time / 1000).astimezone()
    where = f"#{line.room}" if line.room is not None else "the Hall"
    whom = f" {line.whom}" if line.whom is not None else ""
    why = f": {line.why}" if line.why is not None else ""
    return clean_line(f"{when:%Y-%m-%d %H:%M:%S} {where}: {line.who} {line.act}{whom}{why}")
