"""`pychat export`: a room out of a Hall's log, also while the Hall is open; or a closed Hall."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits, moving
from pychat.cli.parameters import DataFolder, data_folder

if TYPE_CHECKING:
    import sqlite3

    from pychat.protocol.replies import Message
    from pychat.server.backplane.archive import Place
    from pychat.server.backplane.reader import Reader
    from pychat.server.moving.whole import WholeHall

_STDOUT = "-"


class Format(StrEnum):
    JSONL = "jsonl"
    MARKDOWN = "markdown"


def export(
    room: Annotated[
        str | None,
        typer.Argument(
            metavar="ROOM", show_default=False, help="The room to export; none with --hall."
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", show_default=False, help="It must be new.  [default: -, the output]"
        ),
    ] = None,
    data: DataFolder = None,
    form: Annotated[
        Format, typer.Option("--format", help="jsonl has everything, markdown is for reading.")
    ] = Format.JSONL,
    hall: Annotated[
        bool, typer.Option("--hall", help="All rooms and who is known, of a Hall that is closed.")
    ] = False,
    cluster: moving.Cluster = None,
    streams: moving.Streams = "pychat",
) -> None:
    """Write a room's log as JSON Lines, or its messages as Markdown. The Hall may be open.

    With --hall: a whole Hall, for `pychat import`, of a folder or of a cluster. It is to be closed,
    all of its nodes.

    Example: pychat export tea tea.md --format markdown --data /srv/chat
    """
    if hall:
        if file is not None or form is not Format.JSONL:
            exits.fail("export", "--hall takes a FILE alone, and writes jsonl", exits.USAGE)
        target = room or _STDOUT
        moving.export(data_folder(data), cluster, streams, lambda whole: _write(whole, target))
    elif room is None:
        exits.fail("export", "name the ROOM, or give --hall", exits.USAGE)
    elif cluster is not None:
        exits.fail("export", "--cluster goes with --hall; of a room, ask a client", exits.USAGE)
    else:
        _export_room(room, file or _STDOUT, data, form)


def _write(hall: "WholeHall", file: str) -> None:
    from pychat.cli.new_file import new_file
    from pychat.server.moving.form import lines

    if file == _STDOUT:
        for line in lines(hall):
            sys.stdout.write(line + "\n")
        return
    with new_file("export", Path(file)) as part, part.open("w", encoding="utf-8") as stream:
        stream.writelines(line + "\n" for line in lines(hall))


def _export_room(room: str, file: str, data: Path | None, form: Format) -> None:
    from pychat.cli.new_file import new_file
    from pychat.server.backplane.archive import NoSuchRoomError
    from pychat.server.backplane.interface import LedgerError

    log = data_folder(data) / "hall.db"
    try:
        if file == _STDOUT:
            for piece in _pieces(log, room, form):
                sys.stdout.write(piece)
            return
        with new_file("export", Path(file)) as part, part.open("w", encoding="utf-8") as stream:
            stream.writelines(_pieces(log, room, form))
    except NoSuchRoomError as fault:
        exits.fail("export", fault, exits.REFUSED)
    except LedgerError as fault:
        exits.fail("export", fault, exits.FAILED)
    except BrokenPipeError:
        # Who read the output has seen enough.
        exits.forget_output()


def _pieces(log: Path, name: str, form: Format) -> Iterator[str]:
    from pychat.server.backplane import archive, database

    with database.open_beside(log) as db:
        database.require_current(db, log)
        room = archive.find_room(db, log, name)
        if form is Format.JSONL:
            for line in archive.lines(db, log, room):
                yield line + "\n"
        else:
            yield from _markdown(db, room)


def _markdown(db: "sqlite3.Connection", room: "Place") -> Iterator[str]:
    from pychat.client.markdown import document
    from pychat.server.backplane.interface import PageQuery
    from pychat.server.backplane.reader import Reader

    reader = Reader(db)

    def find(seq: int) -> "Message | None":
        query = PageQuery(room=room.name, upto=room.head, around=seq, limit=1, budget=0)
        found = reader.page(query).messages
        return found[0] if found and found[0].seq == seq else None

    return document(room.name, room.topic, _messages(reader, room), find)


def _messages(reader: "Reader", room: "Place") -> "Iterator[Message]":
    """As they stand, oldest first, a page at a time."""
    from pychat.protocol import limits
    from pychat.server.backplane.interface import PageQuery

    last, more = room.floor, True
    while more:
        page = reader.page(
            PageQuery(
                room=room.name,
                upto=room.head,
                after=last,
                limit=limits.PAGE_MESSAGES,
                budget=limits.SERVER_FRAME_BYTES,
            )
        )
        yield from page.messages
        more = page.more_after
        last = page.messages[-1].seq if page.messages else last
