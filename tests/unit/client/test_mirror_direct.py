"""Direct rooms in the mirror: who the other is, and what of theirs is unread."""

import pytest

from pychat.client import Mirror
from pychat.protocol import commands, replies
from tests.support.told import greeted, joined, member, presence, said, stands, tell

ROOM = "@ann,kim"
PAIR = [member("ann"), member("kim")]


@pytest.fixture
def mirror() -> Mirror:
    mirror = greeted("ann")
    joined(mirror, room=ROOM, members=PAIR)
    return mirror


def test_the_other_is_named_as_they_are_called_now(mirror: Mirror) -> None:
    view = mirror.rooms[ROOM]
    assert view.direct == "kim"

    event = presence(changed={"kim": member("Zoe")}, room=ROOM)
    changes = mirror.apply(event, now=0.0)

    assert view.direct == "Zoe"
    assert changes.rooms
    assert mirror.room("@zoe") is mirror.direct("ZOE") is view
    assert mirror.room("@kim") is mirror.direct("kim") is None


def test_my_own_change_of_name_makes_nobody_of_me_the_other(mirror: Mirror) -> None:
    mirror.apply(replies.Ok(id=3), now=0.0, answering=commands.Name(id=3, name="Anna"))
    assert mirror.rooms[ROOM].direct == "kim"

    tell(mirror, presence(changed={"ann": member("Anna")}, room=ROOM))

    assert mirror.rooms[ROOM].direct == "kim"


def test_the_other_may_take_a_name_that_was_mine(mirror: Mirror) -> None:
    mirror.apply(replies.Ok(id=3), now=0.0, answering=commands.Name(id=3, name="Anna"))
    tell(mirror, presence(changed={"ann": member("Anna")}, room=ROOM))

    tell(mirror, presence(changed={"kim": member("ann")}, room=ROOM))

    assert mirror.rooms[ROOM].direct == "ann"


def test_who_has_gone_is_still_named(mirror: Mirror) -> None:
    tell(mirror, presence(left={"kim": "quit"}, room=ROOM))
    assert mirror.rooms[ROOM].direct == "kim"

    again = greeted("ann")
    joined(again, room=ROOM, members=[member("ann")])
    assert again.rooms[ROOM].direct == "kim"


def test_of_two_of_one_name_the_one_who_is_there_is_meant(mirror: Mirror) -> None:
    tell(mirror, presence(left={"kim": "quit"}, room=ROOM))
    joined(mirror, room="@ann,kim-2", members=PAIR)

    assert mirror.direct("kim") is mirror.rooms["@ann,kim-2"]


def test_each_message_there_is_for_me(mirror: Mirror) -> None:
    tell(mirror, said(6, "hi", sender="kim", room=ROOM, prev=0))
    tell(mirror, said(7, "yes", sender="ann", room=ROOM))

    view = mirror.rooms[ROOM]
    assert (view.unread, view.mentions) == (1, 1)


def test_what_was_said_before_i_came_is_unread_unless_i_had_read_it() -> None:
    for read, marks, unread in [(None, {}, 2), (6, {}, 1), (None, {ROOM: 6}, 1), (6, {ROOM: 7}, 0)]:
        mirror = greeted("ann")
        mirror.marks = marks
        page = [stands(6, sender="kim", room=ROOM), stands(7, sender="kim", room=ROOM)]

        joined(mirror, *page, room=ROOM, members=PAIR, read=read)

        assert (mirror.rooms[ROOM].unread, mirror.rooms[ROOM].mentions) == (unread, unread)


@pytest.mark.parametrize(
    ("read", "marks", "last_read", "unread"),
    [(None, {}, 5, 0), (3, {}, 3, 2), (None, {"lobby": 4}, 4, 1), (3, {"lobby": 4}, 4, 1)],
)
def test_a_room_is_read_up_to_where_the_hall_or_the_last_program_says(
    read: int | None, marks: dict[str, int], last_read: int, unread: int
) -> None:
    mirror = greeted("ann")
    mirror.marks = marks

    joined(mirror, *(stands(seq) for seq in range(1, 6)), read=read)

    assert (mirror.rooms["lobby"].last_read, mirror.rooms["lobby"].unread) == (last_read, unread)


def test_in_a_room_of_owners_the_other_is_known_while_they_are_away() -> None:
    mirror = greeted("kim")

    joined(mirror, room="@ann,kim,0123456789ab", members=[member("kim")])

    assert mirror.rooms["@ann,kim,0123456789ab"].direct == "ann"
