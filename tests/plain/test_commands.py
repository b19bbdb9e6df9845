"""Every command of plain mode, in a real Hall."""

import re

import pytest

from pychat.client import Client
from pychat.plain import going
from tests.support.hall import RunningHall
from tests.support.paper import stay


def stamped(line: str) -> str:
    """Without the time of day."""
    return re.sub(r"\d\d:\d\d", "12:00", line)


async def test_what_is_said_is_told_once_with_its_number(hall: RunningHall) -> None:
    async with stay(hall.address) as kim:
        kim.type("hello", "//slash")
        await kim.sees("kim: hello", "kim: /slash")

        said = [stamped(line) for line in kim.said if line.startswith("kim: ")]
        assert said == ["kim: hello (1, 12:00)", "kim: /slash (2, 12:00)"]


async def test_a_room_is_told_from_its_newest_messages(hall: RunningHall, ada: Client) -> None:
    await ada.join("tea")
    await ada.set_topic("tea", "hot")
    for number in range(going.PAGE + 5):
        await ada.send("tea", f"message {number}")

    async with stay(hall.address) as kim:
        assert "#tea, 2 people: hot" in kim.said
        said = [line for line in kim.said if line.startswith("ada: ")]
        assert len(said) == going.PAGE
        assert said[-1].startswith(f"ada: message {going.PAGE + 4} (")

        kim.type("/history 3")
        await kim.sees("That was older: 3 messages.")
        older = [line.partition(" (")[0] for line in kim.said if line.startswith("ada: ")][-3:]
        assert older == ["ada: message 2", "ada: message 3", "ada: message 4"]
        kim.type("/history", "/history")
        await kim.sees("That was older: 2 messages.", "There is nothing older.")


async def test_answers_edits_deletions_and_reactions_are_lines(
    hall: RunningHall, ada: Client
) -> None:
    async with stay(hall.address) as kim:
        await ada.join("tea")
        await ada.send("tea", "is it hot?")
        await kim.sees("ada: is it hot?")
        kim.type("/reply 1 it is", "/edit it was", "/react 1 👍", "/react 🎉", "/me drinks")
        await kim.sees("kim drinks")
        kim.type("/react 1 👍", "/delete", "/edit 2 it will be", "the last")
        await kim.sees("kim: the last")

        said = [stamped(line) for line in kim.said if line.startswith("kim")]
        assert said == [
            "kim answers ada (1: is it hot?): it is (2, 12:00)",
            "kim edited 2: it was (12:00)",
            "kim reacted to 1 with 👍 (12:00)",
            "kim reacted to 2 with 🎉 (12:00)",
            "kim drinks (6, 12:00)",
            "kim took the reaction to 1 back (12:00)",
            "kim deleted 6 (12:00)",
            "kim edited 2: it will be (12:00)",
            "kim: the last (10, 12:00)",
        ]


@pytest.mark.parametrize("line", ["/edit x", "/delete", "/react 👍"])
async def test_what_is_about_a_message_needs_one(hall: RunningHall, line: str) -> None:
    async with stay(hall.address) as kim:
        kim.type(line)

        await kim.sees("Not done: not")
        assert kim.paper.put_back == [line]


async def test_what_the_hall_refuses_comes_back_with_why(hall: RunningHall) -> None:
    async with stay(hall.address) as kim:
        kim.type("/name ada kim", "/reply 77 to nobody", "x" * 8_001)
        await kim.sees("Not done: ", "not sent, ", "at most 8000 characters")

        kim.type("/discard", "/discard")
        await kim.sees("Given up: 1 message.", "nothing waits that could be given up")


async def test_rooms_are_listed_joined_switched_and_left(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.set_topic("dev", "work")
    async with stay(hall.address, room=None) as kim:
        kim.type("hello", "/list", "/join dev", "/list", "/join tea", "/switch de", "/who")
        await kim.sees(
            "nobody would read it", "#dev (1 person): work", "2 people in #dev: ada (owner), kim"
        )
        assert any(line.startswith("#dev (2 people, you are in it): work") for line in kim.said)
        kim.type("/leave", "/switch", "/switch nowhere", "/topic", "/topic hot", "/leave dev")
        await kim.sees(
            "You have left #dev.",
            "nothing is unread elsewhere",
            "you are in no room like 'nowhere'",
            "you are in no room here; /join ROOM first",
            "you are not in #dev",
        )


async def test_another_room_is_announced_once_and_a_mention_is_told_at_once(
    hall: RunningHall, ada: Client
) -> None:
    async with stay(hall.address) as kim:
        kim.type("/join dev")
        await kim.sees("#dev, 1 person")
        await ada.join("tea")
        for text in ("one", "two", "KIM: three"):
            await ada.send("tea", text)
        await kim.sees("* ada in #tea: KIM: three")
        assert [line for line in kim.said if "something new" in line] == [
            "#tea has something new; /switch tea shows it."
        ]
        assert kim.paper.rings == 1

        kim.type("/switch")
        await kim.sees("* ada: KIM: three")
        said = [line.partition(" (")[0] for line in kim.said if line.startswith(("ada:", "* ada:"))]
        assert said == ["ada: one", "ada: two", "* ada: KIM: three"]


async def test_a_mention_here_is_marked_and_rings_and_my_own_does_neither(
    hall: RunningHall, ada: Client
) -> None:
    async with stay(hall.address) as kim:
        await ada.join("tea")
        await ada.send("tea", "ask @kim")
        kim.type("I am @kim")
        await kim.sees("* ada: ask @kim", "kim: I am @kim")

        assert kim.paper.rings == 1


async def test_who_comes_and_goes_is_told_in_the_room(hall: RunningHall, ada: Client) -> None:
    async with stay(hall.address) as kim:
        await ada.join("tea")
        await ada.set_name("bea")
        await ada.leave("tea")

        await kim.sees("ada joined", "ada is now bea", "bea left")


async def test_search_tells_what_it_finds_with_day_and_number(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    await ada.send("dev", "apple pie")
    async with stay(hall.address) as kim:
        kim.type("/join dev", "/join tea", "an apple", "/search", "/search pear")
        await kim.sees("kim: an apple", "/search needs more", "Nothing found in #tea; /search -a")
        kim.type("/search apple", "/search -a apple")
        await kim.sees("Found in #tea, the newest last: 1 message.")
        await kim.sees("Found in your rooms, the newest last: 2 messages.")

        found = [line for line in kim.said if re.match(r"\d{4}-\d\d-\d\d ", line)]
        assert [stamped(line[11:]) for line in found] == [
            "kim: an apple (1, 12:00)",
            "ada in #dev: apple pie (1, 12:00)",
            "kim in #tea: an apple (1, 12:00)",
        ]


async def test_name_topic_manual_and_help_are_told(hall: RunningHall) -> None:
    async with stay(hall.address) as kim:
        kim.type("/topic", "/topic hot", "/topic", "/name lee", "/reconnect", "/manual", "/help")
        await kim.sees(
            "#tea has no topic",
            "kim set the topic: hot",
            "The topic of #tea: hot",
            "You are now called lee.",
            "You are connected.",
            "/quit [REASON]: leave the Hall",
            "//text: say a text that begins with a slash",
        )


async def test_what_is_for_the_full_screen_says_so(hall: RunningHall) -> None:
    async with stay(hall.address) as kim:
        kim.type("/theme", "/qiut")

        await kim.sees("that is for the full screen", "no /qiut")


async def test_quit_leaves_with_its_reason(hall: RunningHall, ada: Client) -> None:
    await ada.join("tea")
    seen = ada.events()
    async with stay(hall.address) as kim:
        kim.type("/quit good night")
        ending = await kim.ends()

    assert ending.how == "left"
    async for event in seen:
        if getattr(event, "left", []):
            assert event.left[0].reason == "good night"
            break


async def test_who_is_talked_to_alone_is_a_place_of_its_own(hall: RunningHall, ada: Client) -> None:
    async with stay(hall.address) as kim:
        kim.type("/msg ada between us", "/whois ada", "/join tea")
        await kim.sees("@ada, 2 people", "kim: between us", "ada: here, since ", "#tea, 1 person")
        view = await ada.direct("kim")
        await ada.send(view.name, "yes?")
        await kim.sees("* ada to you: yes?")
        assert kim.paper.rings == 1

        kim.type("/switch ad", "/switch", "/msg nobody", "/whois nobody")
        await kim.sees(
            "ada: yes? (", "Not done: nobody here is called", "nothing is unread elsewhere"
        )


async def test_somebody_who_begins_to_talk_to_me_alone_is_told(
    hall: RunningHall, ada: Client
) -> None:
    async with stay(hall.address) as kim:
        view = await ada.direct("kim")
        await ada.send(view.name, "psst")

        await kim.sees("* ada to you: psst (")
