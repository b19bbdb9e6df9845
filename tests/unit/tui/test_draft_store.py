import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.protocol.text import clean
from pychat.tui.draft_store import KEPT_BYTES, KEPT_DRAFTS, DraftStore
from pychat.tui.drafts import Meant

TEXTS: dict[str | None, str] = {None: "/join t", "general": "half a\nsentence ☕", "Tea": "x"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kim.drafts"


def found(path: Path) -> dict[str | None, str]:
    store = DraftStore(path)
    texts = store.load()
    assert store.fault == ""
    return texts


def test_what_is_saved_is_found_by_the_next_program(path: Path) -> None:
    assert DraftStore(path).save(TEXTS) == []

    assert found(path) == TEXTS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_written_where_nothing_is_new(path: Path) -> None:
    store = DraftStore(path)
    assert store.load() == {}
    store.save({})
    assert not path.exists()
    store.save(TEXTS)
    before = path.stat().st_ino

    store.save(dict(TEXTS))
    again = DraftStore(path)
    again.save(again.load())

    # Each writing is a new file.
    assert path.stat().st_ino == before


def test_what_has_been_sent_is_not_found_again(path: Path) -> None:
    store = DraftStore(path)
    store.save(TEXTS)
    store.save({})

    assert found(path) == {}


def test_a_crash_while_it_is_written_leaves_the_drafts_of_before(path: Path) -> None:
    DraftStore(path).save(TEXTS)
    path.with_name(path.name + ".new").write_bytes(b'{"drafts":[{"ro')

    assert found(path) == TEXTS


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\x00" * 100,
        b"{}",
        b'{"drafts":7}',
        b"[" * 100_000,
        b'{"drafts":[{"room":"a"}]}',
        b"\xff",
    ],
)
def test_a_damaged_file_is_told_and_put_aside_and_writing_goes_on(
    path: Path, damage: bytes
) -> None:
    path.write_bytes(damage)
    store = DraftStore(path)

    assert store.load() == {}
    assert store.fault == (
        "What you had written and not sent cannot be read: the file is damaged. "
        f"It is {path.with_suffix('.damaged-drafts')}."
    )
    assert path.with_suffix(".damaged-drafts").read_bytes() == damage
    assert store.save(TEXTS) == []
    assert found(path) == TEXTS


def test_a_file_that_nobody_could_have_written_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        os.truncate(file.fileno(), 10**12)
    store = DraftStore(path)

    assert store.load() == {}
    assert "is damaged" in store.fault


def test_a_folder_in_its_place_is_told(path: Path) -> None:
    path.mkdir()
    store = DraftStore(path)

    assert store.load() == {}
    assert "cannot be read" in store.fault
    assert store.save(TEXTS) == list(TEXTS)
    assert "is not kept" in store.fault


def test_a_disk_that_refuses_is_told_until_it_takes_them(path: Path) -> None:
    store = DraftStore(path / "deeper")
    path.touch()
    assert store.save(TEXTS) == list(TEXTS)
    assert store.fault.startswith("What you write and do not send is not kept on disk: ")

    path.unlink()
    path.mkdir()
    assert store.save(TEXTS) == []
    assert store.fault == ""


def test_a_folder_that_was_cleared_away_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "state" / "kim.drafts"

    assert DraftStore(path).save(TEXTS) == []
    assert found(path) == TEXTS


def test_without_a_path_nothing_is_kept() -> None:
    store = DraftStore(None)

    assert store.load() == {}
    assert store.save(TEXTS) == list(TEXTS)


@pytest.mark.parametrize(("size", "lost"), [(-1, []), (0, []), (1, ["long"])])
def test_of_too_much_the_oldest_is_not_kept(path: Path, size: int, lost: list[str]) -> None:
    long = "é" * (KEPT_BYTES // 2 - 10) + "x" * (20 - len("kept") + size)

    assert DraftStore(path).save({"long": long, "new": "kept"}) == lost
    assert list(found(path)) == [each for each in ("long", "new") if each not in lost]


def test_one_draft_beyond_all_measure_costs_no_other(path: Path) -> None:
    texts: dict[str | None, str] = {"old": "kept", "long": "x" * (KEPT_BYTES + 1)}

    assert DraftStore(path).save(texts) == ["long"]
    assert found(path) == {"old": "kept"}


@pytest.mark.parametrize(("count", "lost"), [(-1, 0), (0, 0), (1, 1)])
def test_of_more_places_than_anybody_has_the_last_are_kept(
    path: Path, count: int, lost: int
) -> None:
    texts: dict[str | None, str] = {f"room-{each}": "x" for each in range(KEPT_DRAFTS + count)}

    assert DraftStore(path).save(texts) == [f"room-{each}" for each in range(lost)]
    assert list(found(path)) == list(texts)[lost:]


@settings(max_examples=30)
@given(st.dictionaries(st.none() | st.text(max_size=5), st.text(min_size=1), max_size=5))
def test_whatever_is_written_is_found_as_it_would_be_shown(texts: dict[str | None, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kim.drafts"
        DraftStore(path).save(texts)

        assert found(path) == {room: clean(text) for room, text in texts.items() if text.strip()}


def test_what_a_draft_is_to_become_is_kept_with_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.drafts"
    meant = Meant("epoch", 7, changes=True, text="new", before="old")
    store = DraftStore(path)
    assert store.save({"dev": "old\nnew", "tea": "x"}, {"dev": meant, "gone": meant}) == []

    after = DraftStore(path)
    assert after.load() == {"dev": "old\nnew", "tea": "x"}
    assert after.meant == {"dev": meant}
    # What is answered no more is so on disk, too.
    assert after.save({"dev": "old\nnew", "tea": "x"}) == []
    last = DraftStore(path)
    last.load()
    assert last.meant == {}
