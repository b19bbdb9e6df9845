"""Rooms for two people, on the screen."""

import pytest

from pychat.client import Client, connect
from pychat.tui import chrome
from pychat.tui.screens.pick import PickScreen
from pychat.tui.widgets import member_pane
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


def _direct(person: Person) -> str:
    return next(view.name for view in person.hall.client.mirror.rooms.values() if view.direct)


async def test_msg_says_it_to_one_person_alone(hall: RunningHall, ada: Client) -> None:
    async with seated(hall.address) as person:
        await person.enter("/msg ada are you there?")

        await person.sees("@ada — only you and ada read this", "are you there?", "─ @ada ")
        await person.sees("DIRECT", "● ada")
        await person.until(lambda: any(view.unread for view in ada.mirror.rooms.values()))
        await ada.send((await ada.direct("kim")).name, "yes")
        await person.sees("yes")


async def test_without_a_text_the_room_is_opened(hall: RunningHall, ada: Client) -> None:
    async with seated(hall.address) as person:
        await person.enter("/query ada")

        await person.until(lambda: person.hall.here == _direct(person))


async def test_what_somebody_says_to_me_is_listed_and_alt_a_goes_there(
    hall: RunningHall, ada: Client
) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await ada.send((await ada.direct("kim")).name, "psst")
        await person.sees("DIRECT", "● ada", "1 unread")

        await person.press("alt+a")

        await person.sees("psst", "@ada —")
        assert person.hall.going.numbers[_direct(person)] == 2
        await person.press("alt+1", "alt+2")
        assert person.hall.here == _direct(person)


async def test_enter_on_a_member_opens_the_room_with_them(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.sees("MEMBERS 2")
        person.hall.members.focus()
        person.hall.members.highlighted = 2
        await person.press("enter")

        await person.sees("@ada — only you and ada read this")


async def test_the_others_name_presence_and_parting_are_followed(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        async with await connect(hall.address, name="lee") as lee:
            await person.enter("/msg lee")
            await person.sees("● lee", "─ @lee ")
            await lee.join(f"@{'kim'}")
            await lee.set_away(True)
            await person.sees("◐ lee", "only you and lee, who is away, read this")
            await lee.set_name("leo")
            await person.sees("◐ leo", "@leo — ", "─ @leo ")

        await person.sees("○ leo", "leo has left the Hall: nothing more can be said here")


async def test_who_is_not_there_is_told_and_what_was_written_stays(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.enter("/msg nobody hello")

        await person.until(lambda: "✗" in person.text)
        assert person.hall.composer.text == "/msg nobody hello"


async def test_a_direct_room_is_left_by_its_persons_name(hall: RunningHall, ada: Client) -> None:
    async with seated(hall.address) as person:
        await person.enter("/msg ada")
        await person.sees("@ada — only")
        await person.enter("/leave @ada")

        await person.sees("You have left @ada.")
        await person.sees_not("DIRECT")


async def test_hostile_names_of_two_are_shown_and_not_obeyed(hall: RunningHall) -> None:
    async with (
        await connect(hall.address, name="ｅvil.\u00e9") as other,
        seated(hall.address) as person,
    ):
        await other.send((await other.direct("kim")).name, "[red]x[/] [@click=app.quit]y[/]")
        await person.sees("● evil.é")
        await person.press("alt+a")

        await person.sees("@evil.é", "[red]x[/]")


async def test_of_many_members_the_others_are_found_in_a_list(
    hall: RunningHall, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if there were more than 200.
    monkeypatch.setattr(chrome, "ROWS", 1)
    monkeypatch.setattr(member_pane, "ROWS", 1)
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.sees("MEMBERS 2", "… 1 more: Enter")
        person.hall.members.focus()
        person.hall.members.highlighted = 2
        await person.press("enter")
        await person.until(lambda: isinstance(person.screen, PickScreen))
        await person.sees("Write to", "@ada")
        await person.press("a", "enter")

        await person.sees("@ada — only you and ada read this")
