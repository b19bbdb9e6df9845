"""Direct rooms of owners over sockets and on disk: two who write to each other, and a third one."""

import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pychat.client import Client, Identity, connect
from pychat.server.backplane import archive, backup, checkup, database
from pychat.server.backplane.directory import MemoryDirectory, SqliteDirectory
from pychat.server.backplane.registry import SqliteRegistry
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import RunningHall, running_hall
from tests.support.news import notices, until
from tests.support.proving import ANN, EVE, come
from tests.support.wire import Json, Wire


@contextlib.asynccontextmanager
async def opened(folder: Path, *, sessions: bool = True) -> AsyncIterator[RunningHall]:
    """A Hall whose data is in the folder."""
    clock = SYSTEM_CLOCK.wall
    directory = SqliteDirectory(folder / "sessions.db", clock) if sessions else None
    async with running_hall(
        SqliteLedger(folder / "hall.db", clock),
        directory or MemoryDirectory(clock),
        registry=SqliteRegistry(folder / "people.db"),
    ) as hall:
        yield hall


async def owner(hall: RunningHall, name: str) -> Wire:
    wire, welcome = await come(hall, ANN if name == "ann" else EVE, name)
    assert welcome["verified"]
    wire.welcome = welcome
    return wire


async def test_a_letter_is_there_after_a_restart_and_found_by_the_two(tmp_path: Path) -> None:
    async with opened(tmp_path) as hall:
        ann, eve = await owner(hall, "ann"), await owner(hall, "eve")
        room = (await ann.granted("join", room="@eve"))["room"]
        await eve.granted("quit")
        sent = await ann.say("@eve", "swordfish")
        await ann.granted("read", room=room, seq=sent["seq"])
    async with opened(tmp_path) as hall:
        eve = await owner(hall, "eve")

        news = await eve.event("direct")
        assert (news["room"], news["name"], news["after"]) == (room, "ann", 0)
        joined = await eve.granted("join", room=room, after=0, epoch=eve.welcome["epoch"])
        assert [each["text"] for each in joined["events"]] == ["swordfish"]
        found = await eve.granted("search", text="swordfish")
        assert [(each["room"], each["text"]) for each in found["messages"]] == [(room, "swordfish")]
        back = await Wire.enter(hall.port, resume=ann.welcome["resume"])
        assert back.welcome["rooms"] == [room]
        joined = await back.granted("join", room=room)
        assert (joined["read"], joined["count"]) == (sent["seq"], 2)
        again = await back.say(room, "swordfish", nonce=sent["nonce"])
        assert again["seq"] == sent["seq"]


async def test_markers_are_told_to_ones_other_sessions_and_outlive_all_of_them(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, sessions=False) as hall:
        desk, phone = await owner(hall, "ann"), await owner(hall, "ann")
        await desk.granted("join", room="lobby")
        await phone.granted("join", room="lobby")
        seq = (await desk.say("lobby", "one"))["seq"]

        await phone.granted("read", room="lobby", seq=seq)

        told = await desk.event("read")
        assert (told["room"], told["seq"], set(told)) == ("lobby", seq, {"type", "room", "seq"})
        for wire in (desk, phone):
            await wire.granted("quit")
    async with opened(tmp_path, sessions=False) as hall:
        later = await owner(hall, "ann")
        assert (await later.granted("join", room="lobby"))["read"] == seq


async def test_a_third_one_and_the_keeper_learn_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as hall:
        ann, eve = await owner(hall, "ann"), await owner(hall, "eve")
        bob = await Wire.member(hall.port, "bob", "lobby")
        room = (await ann.granted("join", room="@eve"))["room"]
        await ann.say(room, "swordfish")
        await eve.granted("join", room="@ann")
        heard: list[Json] = [
            await bob.ask("search", text="swordfish"),
            await bob.ask("list"),
            await bob.ask("whois", name="eve"),
            await bob.ask("ping"),
        ]
        for kind in ("join", "history", "members", "leave"):
            assert await bob.refused(kind, room=room) == "no-such-room"
        heard += await bob.drain()
        told = json.dumps(heard)
        assert "swordfish" not in told
        assert "@ann" not in told
        assert not [note for note in hall.report.notes if (note.room or "")[:1] == "@"]

    log = tmp_path / "hall.db"
    with database.open_beside(log) as db:
        for name in (room, "@ANN,eve", room.upper()):
            with pytest.raises(archive.NoSuchRoomError):
                archive.find_room(db, log, name)
    findings = [f"{each.text} {each.advice}" for each in checkup.check(tmp_path)]
    assert not [each for each in findings if "ann" in each or "swordfish" in each]
    # A backup has it: it is for those who restore the Hall.
    assert backup.copy(log, tmp_path / "copy.db").rooms == 1


async def test_what_is_damaged_in_one_is_told_without_names(tmp_path: Path) -> None:
    async with opened(tmp_path) as hall:
        ann, _ = await owner(hall, "ann"), await owner(hall, "eve")
        await ann.granted("join", room="@eve")
        await ann.say("@eve", "swordfish")
    with contextlib.closing(sqlite3.connect(tmp_path / "hall.db")) as db, db:
        db.execute("UPDATE event SET body = x'7b22'")

    (fault,) = [each.text for each in checkup.check(tmp_path) if each.level == "fault"]

    assert "event 1 of a room of two cannot be read" in fault
    assert "@" not in fault


@pytest.fixture
async def clients(hall: RunningHall, tmp_path: Path) -> AsyncIterator[tuple[Client, Client]]:
    """Of ann's and of eve's, who own their names."""
    ann = await connect(hall.address, name="ann", identity=Identity(tmp_path / "ann"))
    eve = await connect(hall.address, name="eve", identity=Identity(tmp_path / "eve"))
    async with ann, eve:
        yield ann, eve


async def test_a_program_that_comes_later_finds_what_was_said_unread_and_the_next_does_not(
    hall: RunningHall, clients: tuple[Client, Client], tmp_path: Path
) -> None:
    ann, eve = clients
    await eve.quit()
    room = (await ann.direct("eve")).name
    for text in ("one", "two"):
        await ann.send(room, text)

    identity = Identity(tmp_path / "eve")
    async with await connect(hall.address, name="eve", identity=identity) as later:
        await until(later, lambda: room in later.mirror.rooms)
        view = later.mirror.rooms[room]
        assert [each.text for each in view.messages] == ["one", "two"]
        assert (view.unread, view.direct) == (2, "ann")
        later.mark_read(room)
    async with await connect(hall.address, name="eve", identity=identity) as last:
        view = await last.direct("ann")
        assert (view.unread, [each.text for each in view.messages]) == (0, ["one", "two"])


async def test_who_goes_by_another_name_is_out_of_it_and_is_told_why(
    clients: tuple[Client, Client],
) -> None:
    ann, eve = clients
    room = (await ann.direct("eve")).name
    await ann.send(room, "one")
    await until(eve, lambda: room in eve.mirror.rooms)
    told = notices(ann)

    await ann.set_name("zoe")
    await until(ann, lambda: room not in ann.mirror.rooms)
    await until(eve, lambda: "ann" not in eve.mirror.rooms[room].members)

    reason = "kicked by the Hall: it is of ann, and you are zoe now"
    assert told == [f"You were removed from @ann,eve: {reason}"]
    assert eve.mirror.rooms[room].direct == "ann"
    await eve.send(room, "two")
    await ann.set_name("ann")
    await until(ann, lambda: room in ann.mirror.rooms)
    view = ann.mirror.rooms[room]
    assert ([each.text for each in view.messages], view.unread, view.more_before) == (
        ["two"],
        1,
        True,
    )


async def test_what_is_read_in_one_program_is_read_in_the_other(
    hall: RunningHall, clients: tuple[Client, Client], tmp_path: Path
) -> None:
    ann, eve = clients
    identity = Identity(tmp_path / "eve")
    async with await connect(hall.address, name="eve", identity=identity) as phone:
        for client in (ann, eve, phone):
            await client.join("lobby")
        await ann.send("lobby", "one")
        views = [client.mirror.rooms["lobby"] for client in (eve, phone)]
        for client, view in zip((eve, phone), views, strict=True):
            await until(client, lambda view=view: view.unread == 1)

        eve.mark_read("lobby")

        await until(phone, lambda: views[1].unread == 0)
        assert views[1].last_read == views[0].last_read == 1
