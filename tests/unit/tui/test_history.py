"""What was sent: walked, searched, bounded, and read again by the next program."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.tui.history import ENTRIES, ENTRY_CHARS, KEPT_CHARS, History, bounded
from pychat.tui.history_store import FILE_BYTES, HistoryStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "kim.history"


def having(*texts: str) -> History:
    return History(lambda: texts)


def test_a_walk_goes_from_the_newest_to_the_oldest_and_back_to_what_was_typed() -> None:
    walk = having("one", "two").walk("typed")

    assert walk.is_back
    assert walk.step(-1, "typed") == "two"
    assert walk.step(-1, "two") == "one"
    assert walk.step(-1, "one") is None
    assert walk.step(1, "one") == "two"
    assert walk.step(1, "two") == "typed"
    assert walk.is_back
    assert walk.step(1, "typed") is None


def test_what_is_changed_on_a_walk_is_there_as_long_as_it_goes_on() -> None:
    walk = having("one", "two").walk("typed")
    walk.step(-1, "typed, more")
    walk.step(-1, "two, changed")

    assert walk.left_behind() == ["two, changed", "typed, more"]
    assert walk.step(1, "one") == "two, changed"
    assert walk.entry == "two"
    assert walk.typed == "typed, more"


@given(
    st.lists(st.text(max_size=5), max_size=6),
    st.text(max_size=5),
    st.lists(st.tuples(st.sampled_from([-1, 1]), st.text(max_size=5)), max_size=20),
)
def test_no_text_is_lost_on_a_walk(
    sent: list[str], typed: str, steps: list[tuple[int, str]]
) -> None:
    walk = having(*sent).walk(typed)
    at, texts = len(bounded(sent)), [*bounded(sent), typed]
    for by, text in steps:
        found = walk.step(by, text)
        if 0 <= at + by < len(texts):
            texts[at], at = text, at + by
            assert found == texts[at]
        else:
            assert found is None

    before = [*bounded(sent), typed]
    written = [text for place, text in enumerate(texts) if place != at and text != before[place]]
    assert set(written) <= set(walk.left_behind())


def test_a_search_finds_the_newest_first_and_then_older_ones() -> None:
    history = having("Deploy one", "soup", "deploy two")

    newest = history.find("DEPLOY")
    assert newest == 2
    assert history.find("deploy", newest) == 0
    assert history.find("deploy", 0) is None
    assert history.find("x") is None


def test_the_same_twice_in_a_row_is_kept_once_and_blanks_are_not() -> None:
    history = having("a")
    for text in ("a", "b", "b", " \n", "a"):
        history.add(text)

    assert history.entries == ["a", "b", "a"]


@pytest.mark.parametrize("count", [ENTRIES - 1, ENTRIES, ENTRIES + 1])
def test_the_newest_are_kept(count: int) -> None:
    texts = [f"{number}" for number in range(count)]

    assert bounded(texts) == texts[-ENTRIES:]


@pytest.mark.parametrize(("chars", "kept"), [(-1, 5), (0, 5), (1, 4)])
def test_all_together_are_bounded(chars: int, kept: int) -> None:
    texts = [f"{number}" * (KEPT_CHARS // 5) for number in range(5)]
    texts[0] = "0" * (KEPT_CHARS // 5 + chars)

    assert len(bounded(texts)) == kept


@pytest.mark.parametrize(
    ("chars", "kept"), [(ENTRY_CHARS - 1, 1), (ENTRY_CHARS, 1), (ENTRY_CHARS + 1, 0)]
)
def test_what_is_too_long_drives_out_nothing(chars: int, kept: int) -> None:
    history = having("before")
    history.add("x" * chars)

    assert len(history.entries) == 1 + kept


def test_nothing_is_read_before_it_is_asked_for(path: Path) -> None:
    HistoryStore(path).keep("before")
    history = History(HistoryStore(path).load)

    history.add("now")

    assert history.entries == ["before", "now"]


def test_the_next_program_finds_what_was_sent(path: Path) -> None:
    store = HistoryStore(path)
    for text in ("one", "two\nlines", 'a "quoted" ☕'):
        store.keep(text)

    assert HistoryStore(path).load() == ["one", "two\nlines", 'a "quoted" ☕']
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_that_was_torn_is_left_out_and_does_not_spoil_the_next(path: Path) -> None:
    store = HistoryStore(path)
    store.keep("whole")
    store.keep("torn")
    os.truncate(path, path.stat().st_size - 3)

    fresh = HistoryStore(path)
    assert fresh.load() == ["whole"]
    fresh.keep("next")

    assert HistoryStore(path).load() == ["whole", "next"]


def test_lines_that_are_no_texts_are_left_out(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'"a"\n{}\n\xff\n17\n"b\\u001b"\n')

    assert HistoryStore(path).load() == ["a", "b␛"]


def test_the_file_is_bounded_and_keeps_the_newest(path: Path) -> None:
    store = HistoryStore(path)
    for number in range(2 * FILE_BYTES // 40_000):
        store.keep(f"{number} " + "x" * 40_000)
        assert path.stat().st_size <= FILE_BYTES + 40_020

    assert HistoryStore(path).load()[-1].startswith(f"{number} ")


def test_nothing_is_kept_without_a_file_and_a_refusal_is_not_told(tmp_path: Path) -> None:
    HistoryStore(None).keep("a")
    assert HistoryStore(None).load() == []
    (tmp_path / "file").touch()
    refused = HistoryStore(tmp_path / "file" / "kim.history")

    refused.keep("a")
    refused.keep("\ud800")

    assert refused.load() == []
