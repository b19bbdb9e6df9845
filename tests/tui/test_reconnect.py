"""The connection breaks, the Hall goes and comes back: what is seen, and what becomes of it all."""

import re
import time
from collections.abc import AsyncIterator

import pytest

from pychat.client import Client, connect
from pychat.server.backplane.directory import MemoryDirectory
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.server import SYSTEM_CLOCK
from pychat.tui.screens.ask import AskScreen
from pychat.tui.screens.confirm import ConfirmScreen
from tests.support.hall import RunningHall, running_hall
from tests.support.person import Person, seated
from tests.support.proxy import Proxy


def wall() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def wire(hall: RunningHall) -> AsyncIterator[Proxy]:
    async with Proxy(hall.port) as proxy:
        yield proxy


class Disk:
    """What a Hall leaves behind and finds again."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger(SYSTEM_CLOCK.wall)
        self.directory = MemoryDirectory(SYSTEM_CLOCK.wall)


def said(person: Person, room: str) -> list[str]:
    return [message.text for message in person.hall.client.mirror.rooms[room].messages]


async def cut(person: Person, wire: Proxy) -> int:
    """Nobody is to be reached over the wire; the Hall's port, to mend it."""
    target, wire.target = wire.target, 1
    wire.cut()
    await person.sees("◌ reconnecting")
    return target


async def test_a_restart_of_the_hall_costs_nothing() -> None:
    disk = Disk()
    async with running_hall(disk.ledger, disk.directory) as hall:
        port, address = hall.port, hall.address
        ada = await connect(address, name="ada", reconnect=True)
        await ada.join("general")
        person_coming = seated(address, now=wall)
        person = await person_coming.__aenter__()
        await person.join("dev")
        await person.join("general")
        await person.enter("before")
        await person.until(lambda: said(person, "general") == ["before"])
    try:
        await person.sees("◌ reconnecting · ", " try")
        await person.enter("one")
        await person.enter("two")
        await person.sees("one", "two", "queued", "2 queued")
        await person.write("half a sen")
        await person.press("alt+1")
        await person.until(lambda: person.hall.here == "dev")
        await person.press("alt+2")
        async with running_hall(disk.ledger, disk.directory, port=port):
            await person.press("f5")
            await person.sees("● connected")
            await person.until(lambda: said(person, "general") == ["before", "one", "two"])
            await person.sees_not("queued")
            assert person.hall.composer.text == "half a sen"
            assert person.screen is person.hall
            assert person.hall.client.mirror.name == "kim"
            ada.reconnect_now()
            await person.until(
                lambda: (
                    [m.text for m in ada.mirror.rooms["general"].messages]
                    == ["before", "one", "two"]
                )
            )
            await ada.close()
            await person_coming.__aexit__(None, None, None)
    finally:
        await ada.close()


async def test_the_header_counts_the_tries_and_the_seconds(wire: Proxy) -> None:
    async with seated(wire.address) as person:
        await cut(person, wire)

        await person.until(
            lambda: re.search(r"◌ reconnecting · \d+(st|nd|rd|th) try in \d+ s", person.text)
        )
        await person.sees("F5 tries now")


async def test_a_line_in_each_room_tells_what_was_fetched(
    hall: RunningHall, ada: Client, wire: Proxy
) -> None:
    await ada.join("general")
    await ada.join("dev")
    async with seated(wire.address, now=wall) as person:
        await person.join("dev")
        await person.join("general")
        await ada.send("general", "before")
        await person.sees("before")
        port = await cut(person, wire)
        for text in ("first", "second", "third"):
            await ada.send("general", text)
        await ada.send("dev", "elsewhere")

        wire.target = port
        await person.press("f5")

        await person.sees("● connected", "third")
        line = r"before.*\n.*── offline \d\d:\d\d.*, 3 messages fetched ─.*\n.*first"
        await person.until(lambda: re.search(line, person.text))
        await person.press("alt+1")
        await person.sees(", 1 message fetched ──", "elsewhere")
        await person.press("alt+2")
        await person.sees(", 3 messages fetched ──")


async def test_a_short_break_in_which_nothing_was_missed_is_not_told(wire: Proxy) -> None:
    async with seated(wire.address, now=wall) as person:
        await person.join("general")
        wire.target = await cut(person, wire)
        await person.press("f5")
        await person.sees("● connected")
        await person.enter("here again")
        await person.sees("here again")

        assert "offline" not in person.text


async def test_everything_can_be_done_while_there_is_no_connection(wire: Proxy) -> None:
    async with seated(wire.address) as person:
        await person.join("general")
        for number in range(60):
            await person.hall.client.send("general", f"number {number}")
        await person.sees("number 59")
        port = await cut(person, wire)
        await person.press("pageup")
        await person.sees("▼ back to now — End")
        await person.press("end")
        await person.sees("number 59")
        await person.enter("/search number")
        await person.sees("✗ there is no connection now; Enter searches again")
        await person.press("escape", "alt+0", "alt+1")
        await person.enter("queued line")
        await person.sees("queued line", "queued")

        wire.target = port
        await person.enter("/reconnect")

        await person.sees("● connected")
        await person.until(lambda: said(person, "general")[-1] == "queued line")


async def test_who_lost_the_name_meanwhile_is_asked_for_another_and_nothing_is_lost() -> None:
    disk = Disk()
    async with running_hall(disk.ledger) as hall:
        port = hall.port
        person_coming = seated(hall.address, now=wall)
        person = await person_coming.__aenter__()
        await person.join("general")
    await person.sees("◌ reconnecting")
    await person.enter("still there?")
    await person.sees("queued")
    # A Hall that remembers nobody, where another is called so now.
    async with running_hall(disk.ledger, port=port) as hall:
        async with await connect(hall.address, name="kim"):
            await person.press("f5")
            await person.sees("Under which name do you want to come back?", "kim2 may be free")
            await person.press("2", "enter")

            await person.sees("● connected", "You are called kim2 now.")
            await person.until(lambda: person.screen is person.hall)
            await person.until(lambda: said(person, "general") == ["still there?"])
        await person_coming.__aexit__(None, None, None)


async def test_the_question_goes_away_when_the_name_is_free_again() -> None:
    disk = Disk()
    async with running_hall(disk.ledger) as hall:
        port = hall.port
        person_coming = seated(hall.address, now=wall)
        person = await person_coming.__aenter__()
    await person.sees("◌ reconnecting")
    async with running_hall(disk.ledger, port=port) as hall:
        other = await connect(hall.address, name="kim")
        await person.press("f5")
        await person.until(lambda: isinstance(person.screen, AskScreen))
        await other.quit()
        person.hall.client.reconnect_now()

        await person.sees("● connected")
        await person.until(lambda: person.screen is person.hall)
        await person_coming.__aexit__(None, None, None)


async def test_quitting_with_a_queue_says_that_it_is_kept_and_the_next_start_sends_it() -> None:
    disk = Disk()
    async with running_hall(disk.ledger, disk.directory) as hall:
        port, address = hall.port, hall.address
        first_coming = seated(address, now=wall)
        first = await first_coming.__aenter__()
        await first.join("general")
    lines = [f"line {number}" for number in range(5)]
    for line in lines:
        await first.enter(line)
    await first.sees("5 queued")
    await first.press("ctrl+q")
    await first.until(lambda: isinstance(first.screen, ConfirmScreen))
    await first.sees("5 messages not sent: kept on this machine until you come back.")
    await first.press("enter")
    await first.until(lambda: first.screen is first.hall)
    await first.press("ctrl+q")
    await first.until(lambda: isinstance(first.screen, ConfirmScreen))
    await first.press("q")
    await first.until(lambda: not first.app.is_running)
    await first_coming.__aexit__(None, None, None)

    async with running_hall(disk.ledger, disk.directory, port=port):
        ada = await connect(address, name="ada")
        await ada.join("general")
        async with seated(address, now=wall) as second:
            await second.sees("You are back in #general.")
            await second.until(lambda: said(second, "general") == lines)
            await second.until(lambda: not len(second.hall.client.outbox))
        await ada.ping()
        assert [m.text for m in ada.mirror.rooms["general"].messages] == lines
        await ada.quit()


async def test_a_fetched_line_does_not_hide_a_draft(wire: Proxy) -> None:
    async with seated(wire.address, now=wall) as person:
        await person.join("general")
        await person.write("half a sentence")
        wire.target = await cut(person, wire)
        await person.press("f5")
        await person.sees("● connected")

        assert person.hall.composer.text == "half a sentence"
        assert person.hall.focused is person.hall.composer
