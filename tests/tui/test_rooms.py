"""Rooms: going in, looking around, what is unread, and going out."""

from pychat.client import Client, connect
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_joining_opens_the_room_with_its_topic_members_and_messages(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    await ada.set_topic("general", "Release is Friday")
    await ada.send("general", "morning all")

    async with seated(hall.address) as person:
        await person.join("general")

        await person.sees("#general — Release is Friday", "2 people", "morning all")
        await person.sees("MEMBERS 2", "● kim (you)", "● ada")


async def test_what_is_said_is_seen_by_both(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.enter("hello ada")
        await person.sees("hello ada")
        await person.until(lambda: [m.text for m in ada.mirror.rooms["general"].messages])
        await ada.send("general", "hello kim")

        await person.sees("hello kim")
        assert [m.text for m in ada.mirror.rooms["general"].messages] == ["hello ada", "hello kim"]
        await person.until(lambda: "sending…" not in person.text)


async def test_unread_messages_and_mentions_are_counted_in_words_and_numbers(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.join("dev")

        await ada.send("general", "one")
        await ada.send("general", "kim: two")

        await person.sees("@1 2", "1 mention (Alt+A)", "2 unread")


async def test_opening_a_room_marks_it_read_and_shows_where_the_new_ones_begin(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.press("alt+0")
        await ada.send("general", "news")
        await person.sees("1 unread")

        await person.press("alt+a")

        await person.sees("1 new", "news")
        await person.sees_not("1 unread")


async def test_a_message_in_the_open_room_is_not_unread(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await ada.send("general", "kim?")
        await person.sees("kim?")

        assert person.hall.client.mirror.rooms["general"].unread == 0


async def test_places_are_reached_by_number_and_by_step(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.join("dev")

        for key, here in [
            ("alt+1", "general"),
            ("alt+2", "dev"),
            ("alt+0", None),
            ("alt+left", "dev"),
            ("alt+right", None),
            ("alt+right", "general"),
            ("alt+9", "general"),
        ]:
            await person.press(key)
            assert person.hall.here == here, key


async def test_ctrl_k_switches_to_what_is_typed(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.join("dev")
        await person.press("ctrl+k")
        await person.sees("Switch to")

        await person.press("g", "e", "n", "enter")

        await person.until(lambda: person.hall.here == "general")


async def test_a_click_in_the_list_opens_the_room(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.press("alt+0")

        await person.pilot.click("#rooms", offset=(4, 1))

        await person.until(lambda: person.hall.here == "general")


async def test_coming_and_going_is_told_in_the_room(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        async with await connect(hall.address, name="lee") as lee:
            await lee.join("general")
            await person.sees("→ lee joined", "MEMBERS 2")
            await lee.set_name("leo")
            await person.sees("lee is now leo")
            await lee.set_topic("general", "Soup")
            await person.sees("leo set the topic: Soup", "#general — Soup")
            await lee.set_away(True)
            await person.sees("◐ leo", "away")
            await lee.quit("supper")

        await person.sees("← leo (supper) left", "MEMBERS 1")


async def test_who_types_is_told_until_they_send(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await ada.typing("general")
        await person.sees("ada is typing…")
        await ada.send("general", "done")

        await person.sees_not("is typing…")


async def test_typing_a_message_is_told_to_the_room_and_a_command_is_not(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.write("/topic Soup")
        await person.press("ctrl+u")
        assert not ada.mirror.rooms["general"].typing

        await person.write("well")

        await person.until(lambda: "kim" in ada.mirror.rooms["general"].typing)


async def test_scrolling_up_fetches_older_messages(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    for number in range(120):
        await ada.send("general", f"number {number}")

    async with seated(hall.address) as person:
        await person.join("general")
        await person.sees("number 119")
        view = person.hall.client.mirror.rooms["general"]

        while view.more_before:
            loaded = len(view.messages)
            await person.press("ctrl+home")
            await person.until(lambda: len(view.messages) > loaded)  # noqa: B023
        await person.press("ctrl+home")

        await person.sees("this is the beginning of #general", "number 0")
        assert len(view.messages) == 120


async def test_what_comes_below_is_counted_and_end_goes_there(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    for number in range(45):
        await ada.send("general", f"number {number}")
    async with seated(hall.address) as person:
        await person.join("general")
        await person.sees("number 44")
        await person.press("pageup")
        await person.until(lambda: not person.hall.message_log.follow)
        await ada.send("general", "the newest")
        await person.sees("▼ 1 new below — End")

        await person.press("end")

        await person.sees("the newest")
        await person.sees_not("new below")


async def test_an_edited_and_a_deleted_message_change_on_the_screen(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        first = await ada.send("general", "helo")
        second = await ada.send("general", "oops")
        await person.sees("helo", "oops")

        await ada.edit("general", first.seq, "hello")
        await ada.delete("general", second.seq)

        await person.sees("hello")
        await person.sees_not("oops")


async def test_hostile_text_is_shown_and_not_obeyed(hall: RunningHall, ada: Client) -> None:
    await ada.join("general")
    await ada.set_topic("general", "see [/foo] [@click=app.quit]x[/]")
    async with seated(hall.address) as person:
        await person.join("general")
        await ada.send("general", "list[int] [red]x[/foo] [@click=app.quit]here[/]")

        await person.sees("list[int] [red]x[/foo] [@click=app.quit]here[/]", "see [/foo]")
