"""Events of another log: they keep their places, and nothing else comes between."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pychat.protocol.events import LoggedEvent
from pychat.server.backplane import database, rules
from pychat.server.backplane.appender import Appender
from pychat.server.backplane.indexer import Indexer
from pychat.server.backplane.interface import Receipt, Rejection
from pychat.server.backplane.reader import Reader
from pychat.server.backplane.rules import SpentNonce
from tests.support.ledgers import deleted, edited, newest, reacted, said, topic, wanted


@pytest.fixture
def appender(tmp_path: Path) -> Iterator[Appender]:
    with contextlib.closing(database.open_writer(tmp_path / "log.db")) as db:
        yield Appender(db)


def placed(event: LoggedEvent, seq: int, prev: int, time: int = 1_000) -> LoggedEvent:
    event.seq, event.prev, event.time = seq, prev, time
    return event


def test_what_does_not_follow_is_rejected_and_the_rest_is_as_it_was(appender: Appender) -> None:
    outcomes = appender.take_up(
        [
            placed(said("one"), 1, 0, 50),
            placed(said("again"), 1, 0, 60),
            placed(said("three"), 3, 2, 60),
            placed(said("earlier"), 2, 1, 49),
            placed(said("two"), 2, 1, 50),
            placed(said("a jump"), 9, 2, 60),
        ]
    )

    told = [(each.seq, each.time) if isinstance(each, Receipt) else None for each in outcomes]
    assert told == [(1, 50), None, None, None, (2, 50), (9, 60)]
    assert all(isinstance(each, Rejection) for each in outcomes[1:4])
    (last,), _ = appender.append([said("new")], now=70)
    assert (last.seq, last.time) == (10, 70)


def test_what_is_about_a_message_that_is_gone_harms_neither_pages_nor_search(
    appender: Appender,
) -> None:
    appender.begin(placed(topic("tea"), 5, 5, 20), [])
    about = [reacted(3, f"{number}\u20e3") for number in range(10) for _ in range(4)]
    events = [said("fox"), edited(2, "ox"), deleted(1), said("later", reply_to=3), *about]
    appender.take_up([placed(event, 6 + at, 5 + at) for at, event in enumerate(events)])

    reader = Reader(appender._db)
    assert [each.text for each in reader.page(newest()).messages] == ["fox", "later"]
    # Before it is indexed, and after.
    assert [each.text for each in reader.search(wanted("fox")).messages] == ["fox"]
    Indexer(appender._db).step(1_000)
    assert [each.text for each in reader.search(wanted("fox")).messages] == ["fox"]


def test_a_room_begins_where_the_other_log_does(appender: Appender) -> None:
    floor = placed(topic("tea"), 5, 5, 900)
    used = said("gone", sender="Ann")
    used.nonce = "n1"
    spent = SpentNonce(
        seq=4, time=800, fingerprint=rules.fingerprint(used), sender_key="ann", nonce="n1"
    )

    assert appender.begin(floor, []) == Receipt(5, 900)
    # In pieces, where there is much to tell.
    assert appender.begin(floor, [spent]) == Receipt(5, 900)
    assert isinstance(appender.begin(placed(topic("tea"), 6, 6), []), Rejection)

    again = said("gone", sender="Ann")
    again.nonce = "n1"
    (known, fresh), _ = appender.append([again, said("new")], now=100)
    assert known == Receipt(4, 800, duplicate=True)
    assert (fresh.seq, fresh.time > 900) == (6, True)
    (room,) = appender._db.execute("SELECT topic, floor, head FROM place")
    assert room == ("tea", 5, 6)
