"""Whose queue is whose: by Hall, by name, and by the names that one had before."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pychat.client import OutboxError, OutboxStore, Outgoing, parse_address
from pychat.client.outbox_store import OWNERS, PROGRAMS, outbox_paths
from pychat.protocol import commands

HERE, THERE = parse_address("chat.lan"), parse_address("[::1]:4000")

Begin = Callable[..., OutboxStore]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def say(store: OutboxStore, nonce: str) -> None:
    command = commands.Send(id=0, room="lobby", text="hi", nonce=nonce)
    store.keep(Outgoing(command=command, created=1, since=1))


@pytest.fixture
def begin() -> Iterator[Begin]:
    """A program that has got into the Hall under that name; `found` is what it finds."""
    stores: list[OutboxStore] = []

    def begin(name: str, *found: str, address: object = HERE) -> OutboxStore:
        assert not isinstance(address, str)
        store = OutboxStore.of(address, name)  # type: ignore[arg-type]
        stores.append(store)
        assert [each.nonce for each in store.open()] == list(found)
        store.belongs_to(name)
        return store

    yield begin
    for each in stores:
        each.close()


def test_a_person_has_a_queue_for_each_hall_and_one_for_each_name(begin: Begin) -> None:
    queues = [
        ("ann", HERE),
        ("anna", HERE),
        ("ann", THERE),
        ("\u00e4nn", HERE),
        ("\u4f60" * 32, HERE),
    ]
    for name, address in queues:
        store = begin(name, address=address)
        say(store, f"{name} {address}")
        store.close()
        assert store.path.name.isascii()
        assert len(store.path.name) < 100

    for name, address in queues:
        begin(name.upper(), f"{name} {address}", address=address)


def test_who_changed_their_name_finds_their_queue_under_it(begin: Begin) -> None:
    first = begin("kim")
    first.belongs_to("lee")
    say(first, "a")
    first.close()

    assert begin("LEE", "a").path == first.path


def test_who_begins_under_the_old_name_again_finds_it_too(begin: Begin) -> None:
    first = begin("kim")
    say(first, "a")
    first.belongs_to("lee")
    first.close()

    begin("kim", "a")


def test_who_has_that_name_now_comes_before_who_had_it_once(begin: Begin) -> None:
    renamed = begin("kim")
    renamed.belongs_to("lee")
    say(renamed, "of lee")
    kim = begin("kim")
    say(kim, "of kim")
    renamed.close()
    kim.close()

    begin("kim", "of kim").close()
    begin("lee", "of lee")


def test_two_programs_at_a_time_never_have_the_same_queue(begin: Begin) -> None:
    stores = [begin("kim") for _ in range(PROGRAMS)]
    for number, store in enumerate(stores):
        say(store, str(number))

    assert len({store.path for store in stores}) == PROGRAMS
    with pytest.raises(OutboxError, match="in the hands of another pychat"):
        OutboxStore.of(HERE, "kim").open()


def test_who_comes_while_another_has_what_waited_is_told(begin: Begin) -> None:
    first = begin("kim")
    assert not first.is_second
    assert begin("kim").is_second
    assert not begin("lee").is_second
    first.belongs_to("max")

    assert begin("max").is_second


def test_two_names_at_a_time_keep_their_lines_apart_whoever_ends_first(begin: Begin) -> None:
    kim, lee = begin("kim"), begin("lee")
    say(kim, "k")
    say(lee, "l")
    kim.close()
    lee.close()

    begin("lee", "l")
    begin("kim", "k")


def test_where_something_waits_comes_before_where_nothing_does(begin: Begin) -> None:
    empty, full = begin("kim"), begin("kim")
    say(full, "a")
    empty.close()
    full.close()

    begin("kim", "a")


def test_the_names_of_those_whose_lines_have_gone_are_forgotten(begin: Begin) -> None:
    first = begin("kim")
    first.belongs_to("lee")
    first.close()
    second = begin("lee")
    second.belongs_to("max")
    say(second, "a")
    second.close()

    begin("kim")
    begin("max", "a")


def test_a_program_that_never_got_in_leaves_its_file_to_the_next(begin: Begin) -> None:
    store = OutboxStore.of(HERE, "kim")
    store.open()
    store.close()

    assert begin("kim").path == store.path


@pytest.mark.parametrize("names", [OWNERS - 1, OWNERS, OWNERS + 1])
def test_of_many_names_the_last_are_known(begin: Begin, names: int) -> None:
    store = begin("kim-0")
    say(store, "a")
    for number in range(1, names):
        store.belongs_to(f"kim-{number}")
    store.close()

    known = [store.path in outbox_paths(HERE, f"kim-{number}")[:1] for number in range(names)]
    # The file that nobody has is the same for who began it.
    assert known[1:] == [number > names - 1 - OWNERS for number in range(1, names)]


def test_a_file_of_nothing_but_rubbish_is_nobodys(begin: Begin, state: Path) -> None:
    store = begin("kim")
    store.close()
    store.path.write_bytes(b"\xff\x00" * 500)

    assert begin("kim").path == store.path
