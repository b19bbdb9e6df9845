"""The list of rooms by itself: where its cursor stands when what is listed changes."""

from collections.abc import AsyncIterator

import pytest
from textual.app import App, ComposeResult

from pychat.tui.widgets.room_list import PlaceRow, RoomList


class Listing(App[None]):
    def compose(self) -> ComposeResult:
        yield RoomList()


def rows(*rooms: str, opened: str) -> list[PlaceRow]:
    return [
        PlaceRow(number=number, room=room, title=room, open=room == opened)
        for number, room in enumerate(rooms, 1)
    ]


@pytest.fixture
async def rooms() -> AsyncIterator[RoomList]:
    """It has the focus, and `b` is open."""
    app = Listing()
    async with app.run_test(size=(30, 10)) as pilot:
        listed = app.query_one(RoomList)
        listed.focus()
        listed.show(rows("a", "b", "c", opened="b"))
        await pilot.pause()
        yield listed


async def test_the_cursor_goes_with_what_is_opened_until_it_was_moved(rooms: RoomList) -> None:
    rooms.show(rows("a", "b", "c", "d", opened="d"))

    assert rooms.highlighted == 3


async def test_a_cursor_that_was_moved_stays_at_its_room(rooms: RoomList) -> None:
    rooms.action_cursor_down()
    rooms.show(rows("b", "c", opened="b"))

    assert rooms.highlighted == 1


async def test_where_its_room_is_gone_it_stays_in_the_list(rooms: RoomList) -> None:
    rooms.action_cursor_down()
    rooms.show(rows("a", "b", opened="a"))

    assert rooms.highlighted == 1
