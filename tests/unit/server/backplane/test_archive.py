"""Out of one log and into another: all of it, once, and nothing of what is damaged."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pychat.server.backplane import archive, database, retention
from pychat.server.backplane.importing import Imported, ImportRefusedError, import_room
from pychat.server.backplane.interface import LedgerError, Retention
from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.ledgers import (
    FakeClock,
    Recorder,
    append,
    deleted,
    edited,
    newest,
    reacted,
    said,
    topic,
)

Edit = Callable[[list[dict[str, object]]], object]


def exported(path: Path, name: str = "lobby") -> bytes:
    with database.open_beside(path) as db:
        room = archive.find_room(db, path, name)
        return "".join(f"{line}\n" for line in archive.lines(db, path, room)).encode()


def events_of(export: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in export.splitlines()[1:]]


@pytest.fixture
async def export(on_disk, recorder, clock, path) -> bytes:
    """Of a room with one of each kind of event, whose messages are 2, 3 and 6."""
    clock.now = 5_000_000
    await append(on_disk, recorder, topic("about"), said("fox"), said("ox", reply_to=2))
    clock.now += 1_000
    await append(
        on_disk,
        recorder,
        reacted(2, "👍", sender="bob"),
        edited(3, "an ox"),
        said("\u2028odd\u009b"[:4]),
        deleted(6),
    )
    return exported(path)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Of a log that is yet to be made, in a folder that is too."""
    return tmp_path / "other" / "log.db"


async def fill(path: Path, clock: FakeClock, *events: object) -> None:
    ledger, recorder = SqliteLedger(path, clock), Recorder()
    await ledger.open(recorder)
    await append(ledger, recorder, *events)
    await ledger.close()


async def texts(path: Path, room: str = "lobby") -> list[tuple[int, str]]:
    ledger = SqliteLedger(path, FakeClock())
    await ledger.open(Recorder())
    page = await ledger.page(newest(room))
    await ledger.close()
    return [(message.seq, message.text) for message in page.messages]


def test_the_lines_are_ascii_and_tell_what_is_on_the_wire(export, recorder) -> None:
    header, *events = [json.loads(line) for line in export.decode("ascii").split("\n")[:-1]]

    assert header["type"] == "pychat-room"
    assert (header["version"], header["room"], header["topic"]) == (1, "lobby", "about")
    assert (header["floor"], header["head"]) == (0, 7)
    assert [event["type"] for event in events][2:5] == ["message", "reacted", "edited"]
    assert [(e["seq"], e["prev"], e["nonce"], e["time"]) for e in events] == [
        (e.seq, e.prev, e.nonce, e.time) for e in recorder.events
    ]
    assert events[3]["emojis"] == ["👍"]


def test_an_import_into_a_new_log_is_the_same_room(export, other) -> None:
    assert import_room(other, io.BytesIO(export)) == Imported("lobby", added=7)

    assert events_of(exported(other)) == events_of(export)


async def test_what_was_imported_is_found_and_goes_on(export, other, recorder, clock) -> None:
    import_room(other, io.BytesIO(export), "tea")
    clock.now += 10_000
    await fill(other, clock, said("new", room="tea"))

    assert await texts(other, "tea") == [(2, "fox"), (3, "an ox"), (6, ""), (8, "new")]


def test_a_second_import_adds_nothing(export, other) -> None:
    import_room(other, io.BytesIO(export))
    before = exported(other)

    assert import_room(other, io.BytesIO(export)) == Imported("lobby", known=7)
    assert exported(other) == before


async def test_targets_move_with_what_is_there_already(export, other, clock) -> None:
    await fill(other, clock, said("here"), said("first"))

    assert import_room(other, io.BytesIO(export)) == Imported("lobby", added=7)

    moved = {event["seq"]: event for event in events_of(exported(other))}
    assert (moved[5]["reply_to"], moved[6]["target"], moved[7]["target"]) == (4, 4, 5)
    assert [event["prev"] for event in moved.values()] == list(range(9))
    assert import_room(other, io.BytesIO(export)) == Imported("lobby", known=7)


async def test_time_does_not_go_back_for_what_is_older(export, other, clock) -> None:
    clock.now = 9_000_000
    await fill(other, clock, said("here"))

    import_room(other, io.BytesIO(export))

    assert {event["time"] for event in events_of(exported(other))} == {9_000_000}


async def test_the_rooms_own_spelling_and_topic_stay(export, other, clock) -> None:
    await fill(other, clock, topic("ours", room="Lobby"), said(room="Lobby"))

    assert import_room(other, io.BytesIO(export)).room == "Lobby"


async def test_a_room_that_looks_like_another_is_refused(export, other, clock) -> None:
    await fill(other, clock, said(room="lоbby"))

    with pytest.raises(ImportRefusedError, match=r"looks like the room .* --room"):
        import_room(other, io.BytesIO(export))


async def test_what_retention_took_is_left_out_of_what_follows(
    tmp_path, other, recorder, clock, monkeypatch
) -> None:
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.01)
    path = tmp_path / "short.db"
    ledger = SqliteLedger(path, clock, Retention(max_messages=2))
    await ledger.open(recorder)
    batch = [topic("t"), said("a"), said("b", reply_to=2), said("c", reply_to=2), reacted(2, "👍")]
    await append(ledger, recorder, *batch)
    while len((await ledger.page(newest())).messages) > 2:
        await append(ledger, recorder, reacted(4, "🎉"))
    await ledger.close()
    export = exported(path)

    done = import_room(other, io.BytesIO(export))

    assert (json.loads(export.splitlines()[0])["floor"], done.left_out) == (2, 1)
    assert await texts(other) == [(1, "b"), (2, "c")]
    with database.open_beside(other) as db:
        assert archive.find_room(db, other, "lobby").topic == "t"


def change(field: str, value: object, line: int) -> Edit:
    return lambda lines: lines[line].__setitem__(field, value)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (change("type", "gif", 3), "line 4: there is no event of type 'gif'"),
        (change("text", "a\x1b[2Jb", 2), "line 3: the control character U+001B"),
        (change("text", 7, 2), "line 3: Expected `str`"),
        (change("sender", "<b>", 2), "line 3: a name"),
        (change("emojis", ["a b"], 4), "line 5: a reaction has no white space"),
        (change("room", "other", 2), "line 3: the room is 'other'"),
        (change("seq", 2, 3), "line 4: event 2 is said to come after 2"),
        (change("time", 2**53 - 1, 7), "line 8: the time"),
        (change("time", 1, 7), "line 8: the time"),
        (change("target", 1, 5), "line 6: 1 is no message before this one"),
        (change("reply_to", 6, 3), "line 4: 6 is no message before this one"),
        (change("sender", "bob", 5), "line 6: only its sender may edit message"),
        (change("nonce", "", 5), "line 6: "),
        (lambda lines: lines.pop(3), "line 4: event 4 is said to come after 3, and here comes"),
        (lambda lines: lines.pop(), "line 8: the file ends after event 6, and should after 7"),
        (lambda lines: lines.pop(0), "line 1: this is no header of a pychat export"),
        (change("version", 2, 0), "line 1: the format is of version 2"),
        (change("room", "no good", 0), "line 1: a room's name has"),
    ],
)
def test_a_damaged_line_is_told_and_nothing_is_imported(export, other, edit, told) -> None:
    import_room(other, io.BytesIO(export), "before")
    before = exported(other, "before")
    lines = [json.loads(line) for line in export.splitlines()]
    edit(lines)
    damaged = "".join(json.dumps(line) + "\n" for line in lines).encode()

    with pytest.raises(ImportRefusedError) as refusal:
        import_room(other, io.BytesIO(damaged))

    assert str(refusal.value).startswith(told)
    assert "\n" not in str(refusal.value)
    assert exported(other, "before") == before
    with database.open_beside(other) as db:
        assert db.execute("SELECT name FROM room").fetchall() == [("before",)]


def test_every_damaged_line_is_told(export, other) -> None:
    lines = export.splitlines(keepends=True)
    lines[2] = b"{" * 5_000 + b"\n"
    lines[5] = b'{"type":"message","text":"' + b"x" * (1 << 20) + b'"}\n'

    with pytest.raises(ImportRefusedError) as refusal:
        import_room(other, io.BytesIO(b"".join(lines)))

    first, second = str(refusal.value).split("\n")
    assert first.startswith("line 3: ")
    assert second.startswith("line 6: it has 262,144 bytes or more")


def test_a_nonce_used_for_something_else_refuses_the_import(export, other) -> None:
    import_room(other, io.BytesIO(export))
    changed = export.replace(b'"fox"', b'"cat"')

    with pytest.raises(ImportRefusedError, match=r"line 3: the nonce .* something else"):
        import_room(other, io.BytesIO(changed))


@pytest.mark.parametrize("content", [b"", b"\n", b"[]\n", b"\xff\n", b"[" * 9_000])
def test_what_is_no_export_is_refused(other, content) -> None:
    with pytest.raises(ImportRefusedError, match="line 1: this is no header"):
        import_room(other, io.BytesIO(content))


def test_a_log_that_a_server_has_open_is_refused(export, on_disk, path) -> None:
    with pytest.raises(LedgerError, match="another server has this log open"):
        import_room(path, io.BytesIO(export))


def test_a_room_that_is_not_there_is_told(export, path) -> None:
    with pytest.raises(archive.NoSuchRoomError, match="has no room 'nowhere'"):
        exported(path, "nowhere")


def test_a_room_is_found_by_any_spelling(export, path) -> None:
    assert exported(path, "ＬＯＢＢＹ") == export


async def test_many_events_that_build_on_each_other_keep_their_relations(
    on_disk, recorder, path, other, clock
) -> None:
    await append(on_disk, recorder, *(said(str(number)) for number in range(700)))
    await append(
        on_disk, recorder, *(edited(number, f"new {number}") for number in range(1, 701, 3))
    )
    await append(on_disk, recorder, *(said("re", reply_to=number) for number in range(600, 700)))
    await fill(other, clock, said("here"))

    done = import_room(other, io.BytesIO(exported(path)))

    assert done.added == 700 + 234 + 100
    for old, new in zip(events_of(exported(path)), events_of(exported(other))[1:], strict=True):
        assert new["seq"] == old["seq"] + 1
        assert new.get("target", 0) == (old["target"] + 1 if "target" in old else 0)
        assert new.get("reply_to", 0) == (old["reply_to"] + 1 if "reply_to" in old else 0)


async def test_an_event_that_is_missing_in_the_log_stops_the_export(
    on_disk, recorder, path
) -> None:
    await append(on_disk, recorder, *(said() for _ in range(5)))
    await on_disk.close()
    with database.open_alone(path) as db:
        db.execute("DELETE FROM event WHERE seq = 3")

    with pytest.raises(LedgerError, match="no event right after 2 in the room 'lobby'"):
        exported(path)
