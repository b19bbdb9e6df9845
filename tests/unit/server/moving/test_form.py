"""A whole Hall as a file: what is damaged is told by its line, and becomes no Hall."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pychat.server.backplane.interface import Fact
from pychat.server.moving import folder, form
from pychat.server.moving.whole import (
    Begun,
    MoveError,
    Spent,
    WholeHall,
    checked,
    floor_of,
    spent_of,
)
from tests.support.ledgers import edited, said, topic
from tests.support.moved import export, written

Lines = list[dict[str, Any]]


def hall(**changes: Any) -> WholeHall:
    """Of `old` the first four events are gone; a message that another is about, too."""
    told = [
        said("fox", room="tea"),
        edited(3, "what is gone", room="old"),
        said("ox", room="old"),
        topic("about", room="tea"),
    ]
    places = [(1, 0), (5, 4), (6, 5), (2, 1)]
    for at, (event, (seq, prev)) in enumerate(zip(told, places, strict=True)):
        event.seq, event.prev, event.time = seq, prev, 1_000 + at
    spent = Spent(room="old", sender_key="ann", nonce="n", seq=4, time=9, fingerprint="f")
    whole: dict[str, Any] = {
        "epoch": "0123456789abcdef",
        "facts": [Fact("room", "tea", b'{"roles":{"ann":"owner"}}')],
        "rooms": [
            Begun(room="gone", topic="", floor=7, floor_time=500, head=7),
            Begun(room="old", topic="before", floor=4, floor_time=0, head=6),
            Begun(room="tea", topic="about", floor=0, floor_time=0, head=2),
        ],
        "spent": [spent],
        "events": iter(told),
    }
    return WholeHall(**(whole | changes))


def test_a_hall_is_the_same_after_a_file_and_after_a_folder(tmp_path: Path) -> None:
    before = written(hall())

    assert before.isascii()
    assert before.startswith(form.BEGINNING)
    assert written(form.read(io.BytesIO(before))) == before
    assert folder.put(tmp_path / "new", form.read(io.BytesIO(before))) == 4
    assert export(tmp_path / "new") == before


def test_an_empty_folder_is_used_and_another_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").write_text("dear")

    folder.put(tmp_path / "empty", hall())
    with pytest.raises(MoveError, match="not empty"):
        folder.put(tmp_path / "full", hall())
    with pytest.raises(MoveError, match="not empty"):
        folder.put(tmp_path / "full" / "letter", hall())

    assert [each.name for each in (tmp_path / "full").iterdir()] == ["letter"]


def swap(lines: Lines) -> None:
    lines[-1], lines[-2] = lines[-2], lines[-1]
    lines[-1], lines[-3] = lines[-3], lines[-1]


def change(line: int, **fields: object) -> Callable[[Lines], None]:
    return lambda lines: lines[line].update(fields)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda lines: lines.pop(), "'tea' ends after event 1, and should after 2"),
        (lambda lines: lines.pop(-2), "'old' ends after event 5"),
        (lambda lines: lines.pop(-3), "'old' event 6 is said to come after 5, and here"),
        (lambda lines: lines.append(lines[-1]), "'tea' event 2 .* here comes after 2"),
        (swap, "missing, doubled or in another order"),
        (change(-1, room="milk"), "'milk', which is not listed"),
        (change(-1, time=1), "another order"),
        (change(-1, time=10**14), "line 10: .*future"),
        (change(-1, type="joke"), "line 10: "),
        (change(-1, sender="a\u202eb"), "line 10: "),
        (change(0, version=2), "version 2"),
        (change(0, facts=2), "line 3: here 'fact' is to stand"),
        (change(0, rooms=2), "line 5: here 'spent' is to stand"),
        (change(2, room="Two words"), "line 3: "),
        (change(5, time=1_002), "in 'old' event 5"),
        (change(2, topic="a\nb"), "line 3: "),
        (change(1, bucket="purse"), "line 2: "),
    ],
)
def test_what_is_damaged_is_told_and_leaves_nothing(
    tmp_path: Path, damage: Callable[[Lines], object], why: str
) -> None:
    lines: Lines = [json.loads(line) for line in written(hall()).splitlines()]
    damage(lines)
    source = io.BytesIO("".join(json.dumps(line) + "\n" for line in lines).encode())

    with pytest.raises(MoveError, match=why):
        folder.put(tmp_path / "new", form.read(source))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b"{" + b" " * 100])
def test_what_is_no_hall_at_all_is_refused(text: bytes) -> None:
    with pytest.raises(MoveError, match="line 1: "):
        form.read(io.BytesIO(text))


@pytest.mark.parametrize(("size", "fits"), [(-1, True), (0, False), (1, False)])
def test_a_line_has_so_many_bytes_and_no_more(
    monkeypatch: pytest.MonkeyPatch, size: int, fits: bool
) -> None:
    raw = written(hall())
    longest = max(len(line) + 1 for line in raw.splitlines()[:6])
    monkeypatch.setattr(form, "_FACT_BYTES", longest - size)

    if fits:
        assert form.read(io.BytesIO(raw)).epoch == hall().epoch
    else:
        with pytest.raises(MoveError, match="bytes or more"):
            form.read(io.BytesIO(raw))


def test_a_floor_is_as_late_as_the_nonces_that_it_has() -> None:
    whole = hall()
    gone, old, _ = whole.rooms
    spent = spent_of(whole)

    assert floor_of(gone, spent.get("gone", ())).time == 500
    assert floor_of(old, spent["old"]).time == 9


def test_events_are_checked_wherever_they_come_from() -> None:
    assert [event.seq for event in checked(hall())] == [1, 5, 6, 2]
    with pytest.raises(MoveError, match="ends after event 0"):
        list(checked(hall(events=iter(()), rooms=[hall().rooms[2]])))
