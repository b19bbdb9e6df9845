import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.client import OutboxError, OutboxStore, Outgoing
from pychat.client.outbox_store import IDLE_BYTES
from pychat.protocol import commands


def item(number: int, text: str = "hi") -> Outgoing:
    command = commands.Send(id=0, room="lobby", text=text, nonce=f"n{number}")
    return Outgoing(command=command, created=number, since=number)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox" / "ann.jsonl"


@pytest.fixture
def store(path: Path) -> Iterator[OutboxStore]:
    store = OutboxStore(path)
    assert store.open() == []
    yield store
    store.close()


def kept(path: Path) -> list[str]:
    """The nonces that the next program finds."""
    store = OutboxStore(path)
    nonces = [each.nonce for each in store.open()]
    store.close()
    return nonces


def test_what_is_kept_is_found_as_it_was_by_the_next_program(
    store: OutboxStore, path: Path
) -> None:
    said = [
        commands.Send(id=0, room="lobby", text="zwei\nZeilen ☕", reply_to=3, nonce="a"),
        commands.Edit(id=0, room="Tea", target=4, text="better", nonce="b"),
        commands.Delete(id=0, room="Tea", target=5, nonce="c"),
        commands.React(id=0, room="lobby", target=6, emojis=["👍"], nonce="d"),
    ]
    for number, command in enumerate(said):
        store.keep(Outgoing(command=command, created=number, since=number + 1))
    store.close()

    again = OutboxStore(path)
    found = again.open()
    again.close()

    assert [each.command for each in found] == said
    assert [(each.created, each.since) for each in found] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert {each.state for each in found} == {"queued"}


def test_what_is_forgotten_does_not_come_back(store: OutboxStore, path: Path) -> None:
    for number in range(3):
        store.keep(item(number))
    store.forget("n1")
    store.forget("n1")
    store.forget("never there")
    store.close()

    assert kept(path) == ["n0", "n2"]


def test_the_token_is_found_by_the_next_program_until_it_is_forgotten(
    store: OutboxStore, path: Path
) -> None:
    assert store.token is None
    store.keep_token("one")
    store.keep_token("two")
    store.close()

    again = OutboxStore(path)
    again.open()
    assert again.token == "two"
    assert stat.S_IMODE(path.with_suffix(".token").stat().st_mode) == 0o600
    again.forget_token()
    again.close()

    last = OutboxStore(path)
    last.open()
    last.close()
    assert last.token is None


def test_who_has_let_go_of_the_queue_leaves_the_token_of_the_next_alone(
    store: OutboxStore, path: Path
) -> None:
    store.close()
    again = OutboxStore(path)
    again.open()
    again.keep_token("theirs")
    store.keep_token("mine")
    store.forget_token()
    again.close()

    assert path.with_suffix(".token").read_text() == "theirs"


def test_a_token_that_is_no_text_is_none(store: OutboxStore, path: Path) -> None:
    store.close()
    path.with_suffix(".token").write_bytes(b"\xff")

    again = OutboxStore(path)
    again.open()
    again.close()
    assert again.token is None


def test_what_waits_anew_keeps_its_place(store: OutboxStore, path: Path) -> None:
    first = item(1)
    store.keep(first)
    store.keep(item(2))
    first.since = 99
    store.keep(first)
    store.close()

    again = OutboxStore(path)
    found = again.open()
    again.close()

    assert [(each.nonce, each.created, each.since) for each in found] == [
        ("n1", 1, 99),
        ("n2", 2, 2),
    ]


def test_as_whom_it_was_tried_is_known_until_it_waits_anew(store: OutboxStore, path: Path) -> None:
    for number in range(3):
        store.keep(item(number))
    store.tried("n0", "ann")
    store.tried("n0", "anna")
    store.tried("n1", "anna")
    store.keep(item(1))
    store.forget("n2")
    store.tried("n2", "anna")
    store.close()

    for _ in range(2):
        again = OutboxStore(path)
        assert [(each.nonce, each.tried_as) for each in again.open()] == [
            ("n0", "anna"),
            ("n1", ""),
        ]
        again.close()


def test_nobody_else_can_read_it(store: OutboxStore, path: Path) -> None:
    store.keep(item(1))

    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch(0o644)
    path.chmod(0o644)

    kept(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_programs_do_not_send_the_same_queue(store: OutboxStore, path: Path) -> None:
    with pytest.raises(OutboxError) as refused:
        OutboxStore(path).open()

    assert str(refused.value) == (
        f"What waits to be sent, in {path}, is in the hands of another pychat under the same "
        "name. Close that one, or go on without a queue on disk."
    )
    store.close()
    assert kept(path) == []


def test_a_place_that_cannot_be_written_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "ann.jsonl"

    with pytest.raises(OutboxError, match=rf"cannot be read in {path}: "):
        OutboxStore(path).open()


def test_what_could_not_be_written_whole_spoils_nothing(
    store: OutboxStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def half(descriptor: int, data: Any) -> int:
        write(descriptor, bytes(data)[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    store.keep(item(1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(OutboxError, match="the disk is full"):
            store.keep(item(2))
    store.keep(item(3))
    store.close()

    assert kept(path) == ["n1", "n2", "n3"]


def test_what_has_another_nonce_now_stays_at_its_place(store: OutboxStore, path: Path) -> None:
    for number in range(3):
        store.keep(item(number))
    store.tried("n1", "ann")
    store.exchange("n1", item(7))
    store.exchange("never there", item(8))
    store.close()

    again = OutboxStore(path)
    assert [(each.nonce, each.tried_as) for each in again.open()] == [
        ("n0", ""),
        ("n7", ""),
        ("n2", ""),
    ]
    again.close()


def test_a_spoilt_line_costs_no_other(store: OutboxStore, path: Path) -> None:
    for number in range(3):
        store.keep(item(number))
    store.close()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b'\xff{"type":\n' + b"[" * 5_000 + b"\n" + lines[2])

    assert kept(path) == ["n0", "n2"]


def test_a_file_that_has_done_its_work_does_not_grow_for_ever(
    store: OutboxStore, path: Path
) -> None:
    store.keep(item(0, "the first one waits"))
    for number in range(1, 400):
        store.keep(item(number, "x" * 8_000))
        store.forget(f"n{number}")

    assert path.stat().st_size < 2 * IDLE_BYTES
    store.close()
    assert kept(path) == ["n0"]
    assert path.stat().st_size < 1_000


# -- a crash at any byte ----------------------------------------------------------------------

steps = st.lists(
    st.tuples(st.sampled_from(["keep", "keep", "forget", "tried", "named"]), st.integers(0, 5)),
    max_size=6,
)


@settings(max_examples=15, deadline=None)
@given(steps)
def test_a_crash_at_any_byte_leaves_what_was_kept_before_it(
    done: list[tuple[str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ann.jsonl"
        store = OutboxStore(path)
        store.open()
        expected: dict[str, None] = {}
        after: list[tuple[int, list[str]]] = [(0, [])]
        for step, number in done:
            if step == "keep":
                store.keep(item(number))
                expected[f"n{number}"] = None
            elif step == "forget":
                store.forget(f"n{number}")
                expected.pop(f"n{number}", None)
            elif step == "tried":
                store.tried(f"n{number}", "ann")
            else:
                store.belongs_to(f"ann-{number}")
            after.append((path.stat().st_size, list(expected)))
        store.close()
        written = path.read_bytes()

        for end in range(len(written) + 1):
            path.write_bytes(written[:end])
            assert kept(path) == [nonces for size, nonces in after if size <= end][-1]


def test_what_was_torn_by_a_crash_is_cut_away_for_good(store: OutboxStore, path: Path) -> None:
    store.keep(item(1))
    store.keep(item(2))
    store.close()
    path.write_bytes(path.read_bytes()[:-1])
    store.open()

    store.keep(item(3))
    store.close()

    assert kept(path) == ["n1", "n3"]


def test_a_crash_while_it_is_written_anew_changes_nothing(store: OutboxStore, path: Path) -> None:
    for number in range(3):
        store.keep(item(number))
    store.forget("n0")
    store.close()
    path.with_name(path.name + ".new").write_bytes(b'{"type":"added","comm')

    assert kept(path) == ["n1", "n2"]
