"""What was done with messages and waits for the Hall, and what hostile members send."""

from collections.abc import AsyncIterator

import pytest

from pychat.client import Client
from tests.support.acting import choose, click_on, last, say
from tests.support.hall import RunningHall
from tests.support.person import Person, seated
from tests.support.proxy import Proxy


@pytest.fixture
async def wire(hall: RunningHall) -> AsyncIterator[Proxy]:
    async with Proxy(hall.port) as proxy:
        yield proxy


async def cut(person: Person, wire: Proxy) -> int:
    target, wire.target = wire.target, 1
    wire.cut()
    await person.sees("◌ reconnecting")
    return target


async def test_what_waits_is_told_beside_its_message_and_comes_to_be(
    hall: RunningHall, wire: Proxy
) -> None:
    async with seated(wire.address) as person:
        await person.join("dev")
        await say(person, "said")
        await person.sees("✓")
        target = await cut(person, wire)
        await person.press("up", "!", "enter")
        await person.sees("said", "edit queued")
        await choose(person, "+")
        await person.press("1")
        await person.sees("reaction queued")
        await person.press("+")
        await person.sees("yours: takes it back")
        await person.press("escape", "escape")
        wire.target = target
        await person.press("f5")

        await person.sees("said! (edited)", "👍1")
        await person.sees_not("queued")


async def test_a_change_of_a_change_that_waits_begins_with_its_text(
    hall: RunningHall, wire: Proxy
) -> None:
    async with seated(wire.address) as person:
        await person.join("dev")
        await say(person, "said")
        await cut(person, wire)
        await person.press("up", "!", "enter")
        await person.sees("edit queued")

        await person.press("up")

        assert person.hall.composer.text == "said!"


async def test_a_jump_without_a_connection_says_so(
    hall: RunningHall, wire: Proxy, ada: Client
) -> None:
    await ada.join("dev")
    first = await ada.send("dev", "long ago")
    for number in range(60):
        await ada.send("dev", f"filler {number}")
    await ada.send("dev", "an answer", first.seq)
    async with seated(wire.address) as person:
        await person.join("dev")
        await person.sees("an answer")
        await cut(person, wire)
        await click_on(person, "⤷ an earlier")

        await person.sees("there is no connection now")


async def test_what_hostile_members_write_keeps_to_its_place(
    hall: RunningHall, ada: Client
) -> None:
    evil = "[@click=app.quit]x[/]\u202e"
    await ada.join("dev")
    first = await ada.send("dev", evil)
    await ada.react("dev", first.seq, ["[bold]x[/]", "\u202eabc", "👍"])
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("[@click=app.quit]x[/]", "[bold]x[/]1 abc1 👍1")
        await choose(person, "r")
        await person.sees("↩ replying to ada: [@click=app.quit]x[/]")
        await person.enter("no")
        await person.sees("⤷ ada: [@click=app.quit]x[/]")
        await person.press("alt+up", "alt+up", "i")
        await person.sees("said by ada", "[bold]x[/] by ada")
        assert "\u202e" not in person.text
        await person.press("escape", "c")

        assert "\u202e" not in person.app.clipboard
        assert last(person).text == "no"
