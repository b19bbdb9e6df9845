"""Up to where one has read, kept on disk: never in the way."""

from pathlib import Path

import pytest

from pychat.client import read_marks
from pychat.client.read_marks import ReadMarks


def test_what_is_saved_is_found_by_the_next_program(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ann.read"
    ReadMarks(path).save("e1", {"lobby": 3, "den": 5})

    assert ReadMarks(path).load("e1") == {"lobby": 3, "den": 5}
    assert path.stat().st_mode & 0o077 == 0


def test_marks_of_another_log_are_none(tmp_path: Path) -> None:
    path = tmp_path / "ann.read"
    ReadMarks(path).save("e1", {"lobby": 3})

    assert ReadMarks(path).load("e2") == {}


@pytest.mark.parametrize(
    "written",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"epoch":"e1","marks":{"lobby":"3"}}', b" " * 2**21],
)
def test_a_damaged_file_is_as_none(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "ann.read"
    path.write_bytes(written)

    marks = ReadMarks(path)

    assert marks.load("e1") == {}
    marks.save("e1", {"lobby": 3})
    assert ReadMarks(path).load("e1") == {"lobby": 3}


def test_a_disk_that_refuses_costs_nothing_but_the_marks(tmp_path: Path) -> None:
    path = tmp_path / "file" / "ann.read"
    (tmp_path / "file").write_text("no folder")
    marks = ReadMarks(path)

    marks.save("e1", {"lobby": 3})

    assert marks.load("e1") == {}


@pytest.mark.parametrize(("count", "kept"), [(2, 2), (3, 3), (4, 3)])
def test_no_more_rooms_are_kept_than_the_bound(
    tmp_path: Path, count: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_marks, "KEPT_ROOMS", 3)
    path = tmp_path / "ann.read"

    ReadMarks(path).save("e1", {f"room-{number}": 1 for number in range(count)})

    assert list(ReadMarks(path).load("e1")) == [f"room-{n}" for n in range(count)][-kept:]


def test_what_is_on_disk_already_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "ann.read"
    marks = ReadMarks(path)
    marks.save("e1", {"lobby": 3})
    path.unlink()

    marks.save("e1", {"lobby": 3})

    assert not path.exists()
