from types import SimpleNamespace
from typing import cast

import pytest

from pychat.server.cluster.attendance import Attendance
from pychat.server.cluster.entries import AnyEntry, Confirmed, Lost
from pychat.server.connection import Connection


class Told:
    """What the log is told of connections whose numbers they carry."""

    def __init__(self) -> None:
        self.entries: list[AnyEntry] = []
        self.attendance = Attendance(lambda each: each.number, self.entries.append)  # type: ignore[attr-defined]


class Fake(SimpleNamespace):
    __hash__ = object.__hash__


@pytest.fixture
def told() -> Told:
    return Told()


def connected(number: int = 1, *, unconfirmed: bool = True) -> Connection:
    return cast(Connection, Fake(number=number, unconfirmed=unconfirmed))


def test_that_a_connection_is_no_more_is_told_once_until_the_log_has_it(told: Told) -> None:
    connection = connected(7)

    told.attendance.lost(connection)
    told.attendance.lost(connection)

    assert told.entries == [Lost(peer=7, unconfirmed=True)]
    told.attendance.settled(told.entries[0], connection)
    told.attendance.lost(connection)
    assert len(told.entries) == 2


def test_a_welcome_that_arrives_is_told_once_and_only_of_who_took_a_session_over(
    told: Told,
) -> None:
    resumed, other = connected(1), connected(2, unconfirmed=False)
    told.attendance.resumed(resumed)
    told.attendance.look()
    assert told.entries == []

    resumed.unconfirmed = False
    for _ in range(2):
        told.attendance.look()

    assert told.entries == [Confirmed(peer=1)]
    told.attendance.confirm(resumed)
    assert len(told.entries) == 1
    told.attendance.confirm(other)
    assert told.entries[1:] == [Confirmed(peer=2)]


def test_of_who_is_gone_no_welcome_is_told(told: Told) -> None:
    connection = connected()
    told.attendance.resumed(connection)
    told.attendance.lost(connection)
    connection.unconfirmed = False

    told.attendance.look()

    assert [type(each) for each in told.entries] == [Lost]


def test_a_node_that_is_another_one_tells_anew(told: Told) -> None:
    one, two, three = connected(1), connected(2), connected(3)
    told.attendance.lost(one)
    told.attendance.confirm(two)
    told.attendance.resumed(three)
    three.unconfirmed = False
    told.entries.clear()

    told.attendance.forget()
    told.attendance.look()
    told.attendance.lost(one)
    told.attendance.confirm(two)

    assert told.entries == [Lost(peer=1), Confirmed(peer=2)]
