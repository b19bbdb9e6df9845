"""What plain mode asks and tells no more than so often."""

import asyncio

import pytest

from pychat.client import CommandError, dial, parse_address
from pychat.plain import arrival, errands
from pychat.plain import talk as talking
from pychat.protocol import commands, replies
from pychat.tui.door import Door
from tests.support.fake_hall import FakeHall
from tests.support.paper import stay


@pytest.fixture(autouse=True)
def short_farewells(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Hall that is told what to say answers none."""
    monkeypatch.setattr(talking, "QUIT_SECONDS", 0.05)


@pytest.mark.parametrize("count", [errands.LISTED - 1, errands.LISTED, errands.LISTED + 1])
async def test_rooms_past_two_hundred_are_counted(count: int) -> None:
    rooms = [
        replies.RoomInfo(name=f"r{number}", members=1, topic="", seq=0) for number in range(count)
    ]
    async with FakeHall() as fake, stay(fake.address, room=None) as kim:
        kim.type("/list")
        asked = await fake.find(commands.List)
        fake.tell(replies.Rooms(id=asked.id, rooms=rooms, more=False))
        kim.type("/reconnect")
        await kim.sees("You are connected.")

        listed = [line for line in kim.said if line.startswith("#r")]
        assert len(listed) == min(count, errands.LISTED)
        assert ("And 1 more." in kim.said) is (count > errands.LISTED)


async def test_names_are_tried_no_more_than_so_often() -> None:
    async with FakeHall(greets=False) as fake:
        door = Door(parse_address(fake.address), dial)
        tried: list[str | None] = []

        async def refuse() -> None:
            while True:
                hello = await fake.find(commands.Hello)
                tried.append(hello.name)
                fake.tell(replies.error("name-taken", "taken", hello.id))

        refusing = asyncio.create_task(refuse())
        with pytest.raises(CommandError, match="taken"):
            await arrival.Arrival(door, None)._try("kim")
        refusing.cancel()
        await door.close()

    assert len(tried) == arrival.NAMESAKES + 1
    assert tried[:3] == ["kim", "kim2", "kim3"]
