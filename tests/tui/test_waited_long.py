"""What waited too long asks before it goes; and a queue that cannot be kept."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pychat.client import Client, OutboxStore, Outgoing, parse_address
from pychat.protocol import commands
from pychat.tui.screens.confirm import ConfirmScreen
from tests.support.hall import RunningHall
from tests.support.person import Person, seated

HOUR = 3_600_000
LINES = ["old one", "old two", "old three"]

Leave = Callable[..., None]


def wall() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def leave(hall: RunningHall) -> Leave:
    """As an earlier program that was killed two hours ago, in the middle of its typing."""

    def leave(room: str = "general", ago: int = 2 * HOUR) -> None:
        store = OutboxStore.of(parse_address(hall.address), "kim")
        store.open()
        for text in LINES:
            send = commands.Send(id=0, room=room, text=text, nonce=f"{room} {text}")
            store.keep(Outgoing(command=send, created=wall() - ago, since=wall() - ago))
        store.close()

    return leave


def said(person: Person) -> list[str]:
    view = person.hall.client.mirror.room("general")
    return [message.text for message in view.messages] if view is not None else []


async def asked(person: Person) -> None:
    await person.sees("waited 2 h")
    await person.until(lambda: person.hall.focused is person.hall.held_bar)


async def test_what_waited_long_asks_and_s_sends_it_in_order(
    hall: RunningHall, leave: Leave
) -> None:
    leave()
    async with seated(hall.address, now=wall) as person:
        await asked(person)
        await person.sees("3 messages waited 2 h: [S]end  [R]eview  [D]iscard", "3 unsent")
        await person.until(lambda: "general" in person.hall.client.mirror.rooms)
        assert said(person) == []

        await person.press("s")

        await person.until(lambda: said(person) == LINES)
        await person.sees_not("waited")
        assert person.hall.focused is person.hall.composer


async def test_release_is_the_same_in_words(hall: RunningHall, leave: Leave) -> None:
    leave()
    async with seated(hall.address, now=wall) as person:
        await asked(person)
        await person.press("escape")
        await person.enter("/release")

        await person.until(lambda: said(person) == LINES)


async def test_r_shows_them_and_alt_r_sends_the_last_alone(hall: RunningHall, leave: Leave) -> None:
    leave()
    async with seated(hall.address, now=wall) as person:
        await asked(person)
        await person.until(lambda: "general" in person.hall.client.mirror.rooms)
        await person.press("r")
        await person.until(lambda: person.hall.here == "general")
        await person.sees(*LINES, "waited long · Alt+R sends it")

        await person.press("alt+r")

        await person.until(lambda: said(person) == ["old three"])
        await person.sees("2 messages waited 2 h")


async def test_d_discards_them_after_asking_once_more(hall: RunningHall, leave: Leave) -> None:
    leave()
    async with seated(hall.address, now=wall) as person:
        await asked(person)
        await person.press("d")
        await person.until(lambda: isinstance(person.screen, ConfirmScreen))
        await person.sees("Discard 3 messages for good?")
        await person.press("enter")
        await person.until(lambda: person.screen is person.hall)
        assert len(person.hall.client.outbox) == 3
        person.hall.held_bar.focus()
        await asked(person)

        await person.press("d")
        await person.until(lambda: isinstance(person.screen, ConfirmScreen))
        await person.press("d")

        await person.sees("Discarded: 3 messages.")
        await person.sees_not("waited")
        assert not len(person.hall.client.outbox)


async def test_whoever_is_writing_is_not_interrupted(hall: RunningHall, leave: Leave) -> None:
    leave()
    async with seated(hall.address, now=wall) as person:
        await asked(person)
        await person.press("escape")
        await person.until(lambda: person.hall.focused is person.hall.composer)
        await person.press("d", "s", "r")

        assert person.hall.composer.text == "dsr"
        await person.sees("[S]end  [R]eview  [D]iscard  (Shift+Tab)")
        await person.press("shift+tab")
        await person.until(lambda: person.hall.focused is person.hall.held_bar)


async def test_what_waited_a_short_time_goes_by_itself(
    hall: RunningHall, ada: Client, leave: Leave
) -> None:
    leave(ago=60_000)
    await ada.join("general")
    async with seated(hall.address, now=wall) as person:
        await person.sees("You are back in #general.")

        await person.until(lambda: [m.text for m in ada.mirror.rooms["general"].messages] == LINES)


async def test_a_room_that_cannot_be_joined_is_told(hall: RunningHall, leave: Leave) -> None:
    leave(room="-no room-", ago=60_000)
    async with seated(hall.address, now=wall) as person:
        await person.sees("#-no room- cannot be joined", "3 messages waiting")

        await person.enter("/discard -a")

        await person.sees("Discarded: 3 messages.")


@pytest.fixture
def no_state(state: Path) -> None:
    """A file is where the folder would be."""
    state.touch()


@pytest.mark.usefixtures("no_state")
async def test_a_queue_that_cannot_be_kept_is_told_and_one_goes_on(hall: RunningHall) -> None:
    async with seated(hall.address, now=wall) as person:
        await person.sees("What waits to be sent cannot be read in")
        await person.join("general")
        await person.enter("hello")
        await person.until(lambda: said(person) == ["hello"])


async def test_a_queue_in_the_hands_of_another_program_is_left_to_it(hall: RunningHall) -> None:
    store = OutboxStore.of(parse_address(hall.address), "kim")
    store.open()
    send = commands.Send(id=0, room="general", text="theirs", nonce="theirs")
    store.keep(Outgoing(command=send, created=wall(), since=wall()))
    store.belongs_to("kim")
    try:
        async with seated(hall.address, now=wall) as person:
            await person.sees("Another pychat on this machine has what waited for kim here.")
            assert not len(person.hall.client.outbox)
            assert not person.hall.unkept
            await person.join("general")
            await person.enter("hello")
            await person.until(lambda: said(person) == ["hello"])
    finally:
        store.close()
