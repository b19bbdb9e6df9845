"""A whole Hall out of a data folder, and into a new one."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pychat.protocol import names
from pychat.server.access import Gate
from pychat.server.backplane import database, lock, registry
from pychat.server.backplane.interface import Fact, RoomRecord
from pychat.server.charter import Charter, Conduct, charters
from pychat.server.markers import Markers
from pychat.server.moving import tables
from pychat.server.moving.whole import Begun, MoveError, WholeHall, facts
from pychat.server.owners import Owners
from pychat.server.owners_rooms import OwnersRooms


@contextmanager
def opened(data: Path) -> Iterator[WholeHall]:
    """The Hall in this folder, which is closed and stays so within the block. Raises LedgerError
    and RegistryError."""
    log, people = data / "hall.db", data / "people.db"
    with database.open_beside(log) as db:
        database.require_current(db, log)
        held = lock.acquire(log.with_name(f"{log.name}.lock"))
        try:
            (epoch,) = db.execute("SELECT epoch FROM meta").fetchone()
            known = registry.read_facts(people) if people.exists() else []
            rooms = tables.rooms(db)
            moving = _that_move(rooms, Owners(known))
            yield WholeHall(
                epoch=epoch,
                facts=_facts(known, moving, epoch),
                rooms=moving,
                spent=tables.spent(db, moving),
                events=tables.logged(db, log, moving),
                stays=_stays(data, len(rooms) - len(moving)),
            )
        finally:
            os.close(held)


def _that_move(rooms: Sequence[Begun], owners: Owners) -> list[Begun]:
    """Without those of two whose names have other owners by now: nobody opens them any more."""
    of_owners = OwnersRooms(owners)
    for room in rooms:
        if room.room.startswith("@"):
            of_owners.found(RoomRecord(room.room, room.head, room.topic))
    return [room for room in rooms if not room.room.startswith("@") or of_owners.find(room.room)]


def _facts(known: Sequence[Fact], rooms: Sequence[Begun], epoch: str) -> list[Fact]:
    owners = Owners(known)
    kept = charters(known)
    of_rooms: dict[str, Charter] = {}
    for room in rooms:
        key = names.fold(room.room)
        if key in kept:
            of_rooms[key] = kept[key]
    gate = Gate(known, lambda: "")
    return facts(owners, Markers(known, owners, epoch), Conduct(known), gate, of_rooms)


def _stays(data: Path, nobodys: int) -> list[str]:
    told = []
    people = data / "people.db"
    lines = len(registry.read_audit(people)) if people.exists() else 0
    if lines:
        told.append(f"the audit log, {lines:,} lines, stays in {people}")
    if nobodys:
        text = f"{nobodys:,} rooms of two whose names have other owners by now stay in {data}"
        told.append(text)
    if (data / "hall.pem").exists():
        told.append(f"the Hall's key, {data / 'hall.pem'}: copy it, clients know the Hall by it")
    return told


def put(data: Path, hall: WholeHall) -> int:
    """Make the folder, or use an empty one: wholly or not at all. The number of events. Raises
    MoveError, LedgerError, and OSError."""
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise MoveError(
            f"{data} is not empty: a whole Hall gets a folder of its own; name a new one with "
            "--data"
        )
    parent = data.absolute().parent
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".pychat-", suffix=".part", dir=parent))
    try:
        with database.open_alone(part / "hall.db") as db:
            count = tables.fill(db, hall)
        registry.create(part / "people.db", hall.facts)
        if data.exists():
            data.rmdir()
        part.rename(data)
        database.sync_folder(parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count
