"""Who cannot get into a Hall is told what of theirs waits for it here."""

from pathlib import Path

import pytest

from pychat.client import OutboxStore, Outgoing, parse_address
from pychat.protocol import commands
from pychat.tui.draft_store import DraftStore
from pychat.tui.left import left_for
from tests.support.terminal import OpenTerminal

NOBODY, ELSEWHERE = "127.0.0.1:1", "127.0.0.1:2"


def leave(name: str, *texts: str, gone: int = 0, address: str = NOBODY, **drafts: str) -> None:
    """As a program under that name, of whose messages the first have arrived."""
    store = OutboxStore.of(parse_address(address), name)
    store.open()
    store.belongs_to(name)
    for text in texts:
        send = commands.Send(id=0, room="general", text=text, nonce=text)
        store.keep(Outgoing(command=send, created=0, since=0))
    for text in texts[:gone]:
        store.forget(text)
    if drafts:
        DraftStore(store.path.with_suffix(".drafts")).save(dict(drafts))
    store.close()


def test_where_nothing_is_left_nothing_is_told() -> None:
    leave("kim", "has arrived", gone=1)
    leave("kim", "for another Hall", address=ELSEWHERE)

    assert left_for(parse_address(NOBODY)) == ""


def test_one_persons_messages_are_counted() -> None:
    leave("Kim", "one", "two", "three", gone=1)

    assert left_for(parse_address(NOBODY)) == (
        "2 messages of yours wait here, to be sent when you are back as kim."
    )


def test_those_of_several_names_are_told_apart() -> None:
    leave("kim", "a")
    leave("lee", "b", "c")

    told = left_for(parse_address(NOBODY))

    assert told.startswith("3 messages of yours wait here, to be sent when you are back: ")
    assert sorted(told.rpartition(": ")[2].strip(".").split(", ")) == ["1 as kim", "2 as lee"]


def test_drafts_are_told_once_for_each_place() -> None:
    leave("kim", "one", general="half a sen", dev="x")
    leave("lee", general="y")

    told = left_for(parse_address(NOBODY))

    assert told.startswith("1 message of yours waits here, to be sent when you are back as kim.")
    where = told.rpartition(": ")[2].strip(".").split(", ")
    assert sorted(where) == ["#dev", "#general"]


def test_what_cannot_be_read_is_left_as_it_is(state: Path) -> None:
    leave("kim", "one", general="x")
    for file in [*state.rglob("*.drafts"), *state.rglob("*.jsonl")]:
        file.write_bytes(b"\xff\x00\n")

    assert left_for(parse_address(NOBODY)) == ""
    assert [file.suffix for file in state.rglob("*") if file.suffix == ".damaged-drafts"] == []


@pytest.mark.parametrize("bad", ["\x1b[31m", "a\nb"])
def test_nothing_in_a_file_gets_to_the_terminal_as_it_is(bad: str) -> None:
    leave("kim", **{f"x{bad}": "half a sen"})

    assert bad not in left_for(parse_address(NOBODY))


def test_it_is_told_with_why_one_cannot_get_in(
    terminal: OpenTerminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home" / ".local" / "state"))
    leave("kim", "one", "two")

    person = terminal("tui", NOBODY, "--name", "kim")

    assert person.end() == 1
    told = person.painted.decode()
    assert "pychat: Nobody is listening at 127.0.0.1:1." in told
    assert "pychat: 2 messages of yours wait here, to be sent when you are back as kim." in told
