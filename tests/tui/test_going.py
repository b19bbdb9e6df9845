"""The ways from place to place: keys, the list of rooms, Ctrl+K, and back."""

from textual.widgets import Input, OptionList

from pychat.client import Client, connect
from pychat.tui.screens.confirm import ConfirmScreen
from pychat.tui.screens.jump import JumpScreen
from pychat.tui.screens.switch import SwitchScreen
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


async def test_numbers_never_move_when_a_room_is_left(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        for room in ("general", "dev", "random"):
            await person.join(room)
        await person.enter("/leave general")
        await person.until(lambda: "general" not in person.hall.client.mirror.rooms)
        await person.still()

        await person.press("alt+0")
        await person.press("alt+3")
        assert person.hall.here == "random"
        await person.press("alt+2")
        assert person.hall.here == "dev"
        await person.press("alt+1")
        assert person.hall.here == "dev"
        await person.join("general")
        assert person.hall.going.numbers["general"] == 1


async def test_a_room_has_its_number_before_it_is_painted(hall: RunningHall) -> None:
    # It got that of a room which was left within the same twentieth of a second.
    async with seated(hall.address) as person:
        await person.join("general")
        client = person.hall.client
        await person.still()
        person.hall.touch()
        await client.join("dev")
        person.hall.open("dev")
        await client.leave("general")
        assert person.hall.going.numbers == {"dev": 2}


async def test_alt_a_goes_to_mentions_then_unread_then_back(hall: RunningHall, ada: Client) -> None:
    for room in ("general", "dev", "random"):
        await ada.join(room)
    async with seated(hall.address) as person:
        for room in ("general", "dev", "random"):
            await person.join(room)
        await ada.send("general", "news")
        await ada.send("dev", "kim: look")
        await person.sees("1 mention", "2 unread")

        for here in ("dev", "general", "random"):
            await person.press("alt+a")
            assert person.hall.here == here
        await person.press("alt+a")
        await person.sees("nothing waits for you in your rooms")


async def test_alt_z_goes_to_the_room_before_and_back(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.join("dev")

        await person.press("alt+z")
        assert person.hall.here == "general"
        await person.press("alt+z")
        assert person.hall.here == "dev"


async def test_alt_u_goes_to_the_first_that_was_unread(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.press("alt+u")
        await person.sees("nothing was unread here when you came")
        await person.press("alt+0")
        for number in range(60):
            await ada.send("general", f"number {number}.")
        await person.sees("60 unread")
        await person.press("alt+1")
        await person.press("ctrl+end")
        await person.sees("number 59.")
        await person.sees_not("number 0.")

        await person.press("alt+u")

        await person.sees("number 0.")


async def test_alt_p_and_alt_n_go_through_the_mentions_and_escape_twice_to_the_newest(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        for number in range(120):
            name = "kim: " if number in (10, 60) else ""
            await ada.send("general", f"{name}number {number}.")
        await person.sees("number 119.")

        await person.press("alt+p")
        await person.sees("kim: number 60.")
        await person.press("alt+p")
        await person.sees("kim: number 10.")
        await person.press("alt+p")
        await person.sees("nobody mentions you before this")
        await person.press("alt+n")
        await person.sees("kim: number 60.")
        assert not person.hall.message_log.follow

        await person.press("escape", "escape")
        await person.sees("number 119.")
        await person.until(lambda: person.hall.message_log.follow)


async def test_ctrl_o_goes_to_a_pane_by_its_letter_and_ctrl_l_changes_nothing(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        for letter, pane in (("r", "rooms"), ("l", "log"), ("m", "members"), ("c", "composer")):
            await person.press("ctrl+o")
            await person.until(lambda: isinstance(person.screen, JumpScreen))
            await person.sees(" R ", " L ", " M ", " C ")
            await person.press(letter)
            widget = person.hall.query_one(f"#{pane}")
            await person.until(lambda: person.hall.focused is widget)  # noqa: B023
        await person.still()
        before = person.text
        await person.press("ctrl+l")
        await person.still()
        assert person.text == before


async def test_del_or_a_middle_click_in_the_list_leaves_the_room_after_asking(
    hall: RunningHall,
) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        person.hall.rooms.focus()
        await person.press("delete")
        await person.until(lambda: isinstance(person.screen, ConfirmScreen))
        await person.sees("Leave #general? Enter stays, L leaves.")
        await person.press("enter")
        await person.until(lambda: person.screen is person.hall)
        assert "general" in person.hall.client.mirror.rooms

        await person.press("alt+0")
        await person.pilot.click("#rooms", offset=(4, 1), button=2)
        await person.until(lambda: isinstance(person.screen, ConfirmScreen))
        assert person.hall.here is None
        await person.press("l")

        await person.sees("You have left #general.")


async def test_what_is_unread_in_rows_that_are_not_seen_is_told_at_the_edges(
    hall: RunningHall, ada: Client
) -> None:
    rooms = [f"room{number:02}" for number in range(24)]
    async with seated(hall.address, size=(120, 16)) as person:
        for room in rooms:
            await ada.join(room)
            await person.enter(f"/join {room}")
            await person.until(lambda: person.hall.here == room)  # noqa: B023
        await ada.send("room00", "at the top")
        await person.sees("▲1 unread")
        await person.press("alt+0")
        await ada.send("room23", "at the end")

        await person.sees("▼1 unread")


# Ctrl+K


async def _switcher(person: Person) -> OptionList:
    await person.press("ctrl+k")
    await person.until(lambda: isinstance(person.screen, SwitchScreen))
    return person.screen.query_one(OptionList)


def _listed(choices: OptionList) -> list[str]:
    return [str(option.prompt).split()[0] for option in choices.options]


async def test_the_switcher_has_what_is_for_me_first_then_unread_then_where_i_was(
    hall: RunningHall, ada: Client
) -> None:
    for room in ("general", "dev", "random", "other"):
        await ada.join(room)
    async with seated(hall.address) as person:
        for room in ("general", "dev", "random"):
            await person.join(room)
        await ada.send("general", "news")
        await ada.send("dev", "kim: look")
        await person.sees("1 mention", "2 unread")
        choices = await _switcher(person)

        await person.sees("@1 1 unread", "#other", "@ada")
        shown = _listed(choices)
        assert shown[:2] == ["#dev", "#general"]
        assert shown[-3:] == ["#random", "#other", "@ada"]


async def test_the_switcher_joins_a_room_of_the_hall(hall: RunningHall, ada: Client) -> None:
    await ada.join("other")
    async with seated(hall.address) as person:
        await _switcher(person)
        await person.sees("#other")
        await person.press(*"oth", "enter")

        await person.until(lambda: person.hall.here == "other")


async def test_signs_narrow_the_switcher_and_enter_on_a_person_opens_their_room(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        choices = await _switcher(person)
        await person.sees("@ada")
        await person.press("number_sign")
        await person.until(lambda: _listed(choices) == ["#general"])
        await person.press("backspace", "@")
        await person.until(lambda: _listed(choices) == ["@ada"])
        await person.press("enter")

        await person.until(lambda: person.hall.here is not None and person.hall.here[0] == "@")


async def test_what_fits_nothing_makes_a_room_or_says_why_not(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await _switcher(person)
        person.screen.query_one(Input).value = "no room"
        await person.sees("Nothing like 'no room'.")
        await person.press("enter")
        assert isinstance(person.screen, SwitchScreen)
        person.screen.query_one(Input).value = "brandnew"
        await person.sees("Enter makes the room #brandnew.")
        await person.press("enter")

        await person.until(lambda: person.hall.here == "brandnew")


# Muted rooms


async def test_alt_m_mutes_the_room_and_mentions_still_count(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.press("alt+m")
        await person.sees("#general is muted: only mentions of you count there.")
        await person.press("alt+0")
        await ada.send("general", "one")
        await person.sees("muted")
        await person.press("alt+a")
        await person.sees("nothing waits for you")
        await ada.send("general", "kim: two")
        await person.sees("@1 muted", "1 mention")

        await person.press("alt+1", "alt+m")
        await person.sees("#general is not muted any more.")


async def test_what_is_muted_is_so_after_a_restart(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.enter("/mute 8h")
        await person.sees("#general is muted for 8 h")
    async with seated(hall.address) as person:
        assert person.hall.hushed.mutes("general")


# Members


async def test_members_stand_in_groups_and_at_mentions_them(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with await connect(hall.address, name="lee") as lee:
        await lee.join("general")
        await lee.set_away(True)
        async with seated(hall.address) as person:
            await person.join("general")
            await person.sees("MEMBERS 3", "● kim (you)", "AWAY 1", "◐ lee")
            person.hall.members.focus()
            person.hall.members.highlighted = 2
            await person.press("@")

            await person.until(lambda: person.hall.composer.text == "@ada ")
