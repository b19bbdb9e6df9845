"""What a person sees of a Hall that sends them away, and of one that has lost its wits."""

import asyncio
import re
from collections.abc import AsyncIterator

import msgspec
import pytest

from pychat.client import session
from pychat.protocol import commands, replies
from pychat.protocol.errors import ByeCode
from pychat.tui.screens import search
from pychat.tui.screens.search import SearchScreen
from tests.support.fake_hall import FakeHall, welcome
from tests.support.person import Person, seated
from tests.support.told import answer, said, stands

TIMES = [0, 1, 1_000, 253_402_300_799_999, 253_402_300_800_000, 2**53 - 1]
"""1970, the last moment of 9999, and the year 287396."""


@pytest.fixture
async def fake() -> AsyncIterator[FakeHall]:
    async with FakeHall() as hall:
        yield hall


async def joined(person: Person, hall: FakeHall, *messages: replies.Message) -> None:
    """In the lobby, with these messages."""
    await person.enter("/join lobby")
    join = await hall.find(commands.Join)
    hall.tell(answer(join, messages=list(messages)))
    await person.until(lambda: person.hall.here == "lobby")


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("shutdown", ["◌ reconnecting · 1st try in 4 s", "F5 tries now · "]),
        ("slow-consumer", ["◌ reconnecting · 1st try in 4 s", "F5 tries now · "]),
        ("timeout", ["◌ reconnecting · 1st try in 4 s", "F5 tries now · "]),
        ("internal", ["◌ reconnecting · 1st try in 4 s", "F5 tries now · "]),
        ("replaced", ["○ offline", "F5 tries again · "]),
        ("kicked", ["○ offline", "F5 tries again · "]),
        ("banned", ["○ offline", "F5 tries again · "]),
        ("too-many-connections", ["○ offline", "F5 tries again · "]),
        ("wrong-password", ["○ offline", "F5 tries again · "]),
        ("too-many-errors", ["○ offline", "F5 tries again · "]),
    ],
)
async def test_the_header_and_the_line_above_the_composer_tell_what_is_and_what_can_be_done(
    fake: FakeHall, code: ByeCode, seen: list[str]
) -> None:
    async with seated(fake.address, size=(160, 24)) as person:
        await joined(person, fake, stands(1))
        fake.tell(replies.bye(code, "so it is", 3_200))

        await person.sees(*seen, "closed the connection: so it is")
        await person.enter("kept")
        await person.sees("kept", "queued")
        await person.press("f5")
        fake.tell(answer(await fake.find(commands.Join), said(2)))
        await person.sees("● connected")
        assert (await fake.find(commands.Send)).text == "kept"


async def test_times_from_another_age_are_shown_and_hurt_nobody(fake: FakeHall) -> None:
    messages = [
        msgspec.structs.replace(stands(seq, f"number {seq}"), time=time, edited=time)
        for seq, time in enumerate(TIMES, 1)
    ]
    async with seated(fake.address) as person:
        await joined(person, fake, *messages)
        fake.tell(msgspec.structs.replace(said(20, "live", prev=6), time=2**53 - 1))

        await person.sees(*(f"number {seq}" for seq in range(1, len(TIMES) + 1)), "live")
        await person.enter("/search number")
        found = await fake.find(commands.Search)
        fake.tell(replies.Found(id=found.id, messages=messages[::-1], more=False))
        await person.until(lambda: len(re.findall(r"number \d", person.text)) >= len(TIMES))
        await person.press("escape")
        await person.until(lambda: person.screen is person.hall)
        await person.enter("well")
        assert (await fake.find(commands.Send)).text == "well"


async def test_ten_thousand_rooms_can_be_chosen_from(fake: FakeHall) -> None:
    async with seated(fake.address) as person:
        await person.enter("/list")
        for page in range(20):
            command = await fake.find(commands.List)
            rooms = [
                replies.RoomInfo(
                    name=f"room-{page:02}-{number:03}", members=1, topic="t" * 390, seq=1
                )
                for number in range(500)
            ]
            fake.tell(replies.Rooms(id=command.id, rooms=rooms, more=page < 19))
        await person.sees("Rooms of the Hall")
        await person.press(*"19-499", "enter")
        join = await fake.find(commands.Join)

        assert join.room == "room-19-499"
        fake.tell(answer(join, messages=[]))
        await person.until(lambda: person.hall.here == "room-19-499")


async def keep_in(hall: FakeHall, rooms: list[str]) -> None:
    """Greet somebody as one who is in all of these, and let them enter each again."""
    hello = await hall.find(commands.Hello)
    hall.tell(welcome(hello.id, "kim", resumed=True, rooms=rooms))
    while True:
        join = await hall.find(commands.Join)
        hall.tell(answer(join, messages=[stands(1, room=join.room)]))


async def test_a_hall_that_kept_me_in_more_rooms_than_there_are_leaves_me_a_usable_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Fewer than the thousand that there are, each of which costs a round: the client's own tests
    # hold the number.
    monkeypatch.setattr(session, "KEPT_ROOMS", 100)
    rooms = [f"room-{number}" for number in range(1_000)]
    async with FakeHall(greets=False) as hall:
        greeting = asyncio.create_task(keep_in(hall, rooms))
        async with seated(hall.address) as person:
            await person.until(lambda: len(person.hall.client.mirror.rooms) == 100)
            await person.press("alt+1")
            await person.sees("#room-0")
            await person.write("still quick")
            await person.sees("still quick")
        greeting.cancel()


async def test_a_hall_that_answers_slowly_is_asked_once_for_the_same_words(
    fake: FakeHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAUSE", 0.01)
    async with seated(fake.address) as person:
        await joined(person, fake, stands(1))
        await person.enter("/search number")
        assert (await fake.find(commands.Search)).text == "number"

        await person.until(lambda: isinstance(person.screen, SearchScreen))
        await person.press("s")

        assert (await fake.find(commands.Search)).text == "numbers"
