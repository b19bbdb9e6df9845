"""What Tab may make of what is written."""

import pytest

from pychat.client import Mirror
from pychat.client.room_view import Load, RoomView
from pychat.plain.completing import OFFERED, candidates
from pychat.protocol.replies import Member


@pytest.fixture
def mirror() -> Mirror:
    mirror = Mirror()
    mirror.rooms = {name: RoomView(name, Load()) for name in ("tea", "team")}
    mirror.open_room = "tea"
    mirror.rooms["tea"].members = {name: Member(name=name) for name in ("Ada", "adam", "lee")}
    return mirror


@pytest.mark.parametrize(
    ("before", "begin", "names"),
    [
        ("/jo", 0, ["/join "]),
        ("/re", 0, ["/react ", "/reconnect ", "/release ", "/reply ", "/retry "]),
        ("/join te", 6, ["#tea ", "#team "]),
        ("/join #d", 6, ["#dev "]),
        ("see #TEA", 4, ["#tea ", "#team "]),
        ("ad", 0, ["Ada ", "adam "]),
        ("hi @l", 3, ["@lee "]),
        ("hi ", 3, []),
        ("", 0, []),
        ("x/jo", 0, []),
    ],
)
def test_the_word_before_the_cursor_is_completed(
    mirror: Mirror, before: str, begin: int, names: list[str]
) -> None:
    assert candidates(before, mirror, ["dev", "tea"]) == (begin, names)


def test_outside_of_all_rooms_there_is_nobody_to_name(mirror: Mirror) -> None:
    mirror.open_room = None

    assert candidates("ad", mirror, []) == (0, [])


def test_a_name_that_would_work_on_the_terminal_is_not_offered(mirror: Mirror) -> None:
    bad = "ada\x1b]0;x\x07"
    mirror.rooms["tea"].members[bad] = Member(name=bad)

    assert candidates("ad", mirror, [])[1] == ["Ada ", "adam "]


@pytest.mark.parametrize("count", [OFFERED - 1, OFFERED, OFFERED + 1])
def test_what_is_offered_has_a_bound(mirror: Mirror, count: int) -> None:
    rooms = [f"room{number}" for number in range(count)]

    assert len(candidates("#roo", mirror, rooms)[1]) == min(count, OFFERED)
