"""The public names, and what is asked page by page."""

import asyncio

import pychat.client
from pychat.client import (
    Client,
)
from pychat.protocol import commands, replies
from tests.support.fake_hall import FakeHall


def test_the_public_names_are_sorted_and_exist() -> None:
    names = list(pychat.client.__all__)

    assert names == sorted(names)
    assert all(hasattr(pychat.client, name) for name in names)


async def test_all_pages_of_rooms_are_read(hall: FakeHall, client: Client) -> None:
    listing = asyncio.create_task(client.list_rooms())
    rooms = [replies.RoomInfo(name=name, members=1, topic="", seq=1) for name in "abc"]

    first = await hall.expect(commands.List)
    hall.tell(replies.Rooms(id=first.id, rooms=rooms[:2], more=True))
    second = await hall.expect(commands.List)
    hall.tell(replies.Rooms(id=second.id, rooms=rooms[2:], more=False))

    assert await listing == rooms
    assert (first.after, second.after) == (None, "b")


async def test_an_empty_page_ends_the_reading_whatever_the_server_promises(
    hall: FakeHall, client: Client
) -> None:
    listing = asyncio.create_task(client.members("lobby"))
    command = await hall.expect(commands.Members)
    hall.tell(replies.Members(id=command.id, room="lobby", members=[], count=9, more=True))

    assert await listing == []


async def test_nothing_older_is_asked_for_where_there_is_nothing(
    hall: FakeHall, client: Client
) -> None:
    assert await client.fetch_older("nowhere") is False
    assert hall.unread == 0
