"""Pop-ups above the composer, and Tab."""

import pytest
from textual import events

from pychat.client import Client, connect
from pychat.tui import offering
from tests.support.hall import RunningHall
from tests.support.person import Person, seated


def offered(person: Person) -> list[str]:
    popup = person.hall.writing.popup
    return [row.label for row in popup.rows] if popup.display else []


def focus(person: Person) -> str | None:
    return person.hall.focused.id if person.hall.focused is not None else None


def said(person: Person, room: str = "dev") -> list[str]:
    return [message.text for message in person.hall.client.mirror.rooms[room].messages]


async def among_friends(person: Person, hall: RunningHall, *names: str) -> list[Client]:
    await person.join("dev")
    friends = [await connect(hall.address, name=name) for name in names]
    for friend in friends:
        await friend.join("dev")
    await person.until(
        lambda: len(person.hall.client.mirror.rooms["dev"].members) == 1 + len(names)
    )
    return friends


async def depart(friends: list[Client]) -> None:
    for friend in friends:
        await friend.close()


async def test_a_slash_at_the_beginning_offers_commands_with_their_help(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.press("/")
        await person.sees("/join ROOM", "go into a room; a new one comes to be")
        assert len(offered(person)) == 8
        await person.press("t", "o")
        await person.sees_not("/join ROOM  ")
        assert offered(person)[0] == "/topic [TEXT]"

        await person.press("tab")
        assert person.hall.composer.text == "/topic "
        assert not offered(person)


async def test_a_slash_elsewhere_offers_nothing(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.press(*"a /")
        assert not offered(person)


async def test_enter_takes_what_is_begun_and_sends_what_is_complete(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.press("/", *"joi", "enter")
        assert person.hall.composer.text == "/join "
        await person.press(*"dev", "enter")

        await person.until(lambda: person.hall.here == "dev")


async def test_an_alias_is_complete(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.press("/", "h", "enter")

        await person.sees("go into a room; a new one comes to be")


async def test_members_are_offered_without_me_the_active_first(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        friends = await among_friends(person, hall, "bob", "ada", "zoë")
        friends[2].post("dev", "hello")
        await person.until(lambda: said(person) == ["hello"])
        await person.press("@")
        await person.until(lambda: offered(person) == ["zoë", "ada", "bob"])

        await person.press("down", "down", "up", "enter")
        assert person.hall.composer.text == "@ada "
        await depart(friends)


async def test_up_goes_to_the_last_one_from_the_first(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        friends = await among_friends(person, hall, "bob", "ada")
        await person.press("@", "up", "tab")

        assert person.hall.composer.text == "@bob "
        await depart(friends)


async def test_a_name_that_is_complete_is_sent_by_enter(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        friends = await among_friends(person, hall, "bob", "bobby")
        await person.press("@", *"bob")
        assert offered(person) == ["bob", "bobby"]
        await person.press("enter")
        await person.until(lambda: said(person) == ["@bob"])

        await person.press("@", *"bob", "down", "enter")
        assert person.hall.composer.text == "@bobby "
        await depart(friends)


async def test_escape_closes_it_for_this_word_and_deletes_nothing(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        friends = await among_friends(person, hall, "ada")
        await person.press("@", "a", "escape")
        assert not offered(person)
        await person.press("d")
        assert not offered(person)
        assert person.hall.composer.text == "@ad"

        await person.press("enter")
        await person.until(lambda: said(person) == ["@ad"])
        await person.press("@")
        assert offered(person) == ["ada"]
        await depart(friends)


async def test_a_click_takes_and_the_focus_stays(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        friends = await among_friends(person, hall, "ada", "bob")
        await person.press("@")
        await person.until(lambda: offered(person) == ["ada", "bob"])
        await person.pilot.click(person.hall.writing.popup, offset=(2, 1))

        assert person.hall.composer.text == "@bob "
        assert focus(person) == "composer"
        await depart(friends)


async def test_rooms_of_the_hall_are_offered_also_where_one_is_not(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("deep-sea")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.press(*"see ", "#", "d")
        await person.until(lambda: offered(person) == ["#dev", "#deep-sea"])
        await person.press("down", "tab")

        assert person.hall.composer.text == "see #deep-sea "


async def test_join_completes_rooms_and_enter_joins_what_is_written(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("devices")
    async with seated(hall.address) as person:
        await person.press("/", *"join #dev")
        await person.until(lambda: offered(person) == ["#devices"])
        await person.press("enter")
        await person.until(lambda: person.hall.here == "dev")

        await person.press("/", *"join dev", "down")
        await person.until(lambda: "#devices" in offered(person))
        await person.press("tab")
        assert person.hall.composer.text in ("/join #devices", "/join #dev")


async def test_the_hall_is_not_asked_for_rooms_at_every_key(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    learn = offering.Offering._learn_rooms

    async def counted(self: offering.Offering) -> None:
        asked.append(self)
        await learn(self)

    monkeypatch.setattr(offering.Offering, "_learn_rooms", counted)
    now = [0.0]
    async with seated(hall.address, clock=lambda: now[0]) as person:
        await person.sees("There is no room yet")
        now[0] = offering.ROOMS_SECONDS - 0.1
        await person.press(*"#d #e ")
        # The welcome has told them.
        assert not asked

        now[0] = offering.ROOMS_SECONDS
        await person.press(*"#f #g ")
        await person.until(lambda: asked)
        assert len(asked) == 1
        now[0] = 2 * offering.ROOMS_SECONDS
        await person.press(*"#h ")
        await person.until(lambda: len(asked) == 2)


async def test_emoji_are_offered_by_name_from_two_letters_on(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.press(*"yes :t")
        assert not offered(person)
        await person.press(*"ad")
        assert offered(person)[0].startswith("🎉 :tada:")
        await person.press("enter")
        assert person.hall.composer.text == "yes 🎉"
        await person.press("enter")

        await person.until(lambda: said(person) == ["yes 🎉"])


async def test_tab_completes_a_bare_name_and_goes_on_through_others(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        friends = await among_friends(person, hall, "ada", "adam")
        await person.press("a", "d", "tab")
        assert person.hall.composer.text == "ada: "
        await person.press("tab")
        assert person.hall.composer.text == "adam: "
        await person.press("tab", "tab")
        assert person.hall.composer.text == "ada: "

        await person.press(*"ask ad", "tab")
        assert person.hall.composer.text == "ada: ask ada "
        await depart(friends)


async def test_tab_with_nothing_to_complete_goes_to_the_next_pane(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.press("tab")
        assert focus(person) == "members"
        await person.press("shift+tab")
        assert focus(person) == "composer"

        await person.press("x", "tab")
        assert focus(person) == "members"
        assert person.hall.composer.text == "x"


async def test_no_more_than_eight_rows_above_the_composer(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.press("/")
        popup, composer = person.hall.writing.popup, person.hall.composer
        await person.until(lambda: popup.region.height == 8)

        assert popup.region.bottom == composer.region.y
        await person.press(*"join")
        await person.until(lambda: popup.region.height == 1)
        assert popup.region.bottom == composer.region.y


async def test_what_others_call_themselves_is_harmless(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        room = person.hall.client.mirror.rooms["dev"]
        room.topic = "[red]\x1b]0;mine\x07 [@click=app.quit]x[/]"
        await person.press("#")

        await person.sees("[red]␛]0;mine␇ [@click=app.quit]x[/]")


async def test_in_a_burst_enter_goes_by_what_has_been_typed_before_it(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        for key in ("slash", *"jo", "enter", *"dev", "enter"):
            person.app.post_message(events.Key(key, "/" if key == "slash" else key[:1]))

        await person.until(lambda: person.hall.here == "dev")


async def test_themes_are_completed_where_a_command_takes_one(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.press("/", *"theme dra", "tab")

        assert person.hall.composer.text == "/theme dracula"
