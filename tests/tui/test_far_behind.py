"""Who comes back after more than a delta holds: the newest page, and the way to all before it."""

import re
import time
from collections.abc import AsyncIterator

import pytest

from pychat.client import Client, connect
from tests.support.hall import RunningHall, running_hall
from tests.support.person import Person, seated
from tests.support.proxy import Proxy

MISSED = 1_240


def wall() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def wire(hall: RunningHall) -> AsyncIterator[Proxy]:
    async with Proxy(hall.port) as proxy:
        yield proxy


def texts(person: Person) -> list[str]:
    return [message.text for message in person.hall.client.mirror.rooms["general"].messages]


async def cut(person: Person, wire: Proxy) -> int:
    target, wire.target = wire.target, 1
    wire.cut()
    await person.sees("◌ reconnecting")
    return target


async def test_all_that_was_missed_is_there_in_order_for_who_scrolls_up(
    ada: Client, wire: Proxy
) -> None:
    await ada.join("general")
    async with seated(wire.address, now=wall) as person:
        await person.join("general")
        for number in range(3):
            await ada.send("general", f"before {number}")
        await person.sees("before 2")
        port = await cut(person, wire)
        for number in range(MISSED):
            await ada.send("general", f"missed {number}")
        wire.target = port
        await person.press("f5")

        await person.sees(
            "● connected",
            f"missed {MISSED - 1}",
            "1,240 messages were said while you were away; scroll up to read them.",
        )
        assert "missed;" not in person.text
        while person.hall.client.mirror.rooms["general"].more_before:
            loaded = len(texts(person))
            await person.press("home")
            await person.until(lambda loaded=loaded: len(texts(person)) > loaded)
        await person.press("home")
        line = r"before 2.*\n.*── offline \d\d:\d\d.*, 1,240 messages missed ─.*\n.*missed 0"
        await person.until(lambda: re.search(line, person.text))

        everything = [f"before {number}" for number in range(3)]
        everything += [f"missed {number}" for number in range(MISSED)]
        assert texts(person) == everything
        assert await read_down(person, everything[-1]) == everything


async def read_down(person: Person, last: str) -> list[str]:
    """What a person reads who goes down page by page; each page begins with the last line of the
    one before."""
    read: list[str] = []
    while last not in read:
        page = re.findall(r"(?:before|missed) \d+", person.text)
        overlap = page.index(read[-1]) + 1 if read and read[-1] in page else 0
        read += page[overlap:]
        await person.press("pagedown")
    return read


async def test_another_log_is_told_and_the_old_messages_are_gone(
    hall: RunningHall, wire: Proxy
) -> None:
    async with seated(wire.address, now=wall) as person:
        await person.join("general")
        await person.enter("in the old log")
        await person.sees("in the old log")
        await cut(person, wire)
        async with running_hall() as other, await connect(other.address, name="ada") as ada:
            await ada.join("general")
            await ada.send("general", "in the new log")
            wire.target = other.port
            await person.press("f5")

            await person.sees("● connected", "in the new log")
            await person.sees("The Hall has begun a new log: what was said before is not in it.")
            assert "in the old log" not in person.text
            assert "offline" not in person.text
            assert texts(person) == ["in the new log"]
            wire.cut()
