"""Pictures of the screens, in the sizes that people have. `--snapshot-update` takes them anew."""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from datetime import UTC
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pychat.client import Address, Retry
from pychat.protocol import events, replies
from pychat.tui.app import PychatApp
from pychat.tui.screens.hall import HallScreen
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.reading import understand
from tests.support.person import NOON, Person
from tests.support.scripted import ScriptedHall
from tests.support.tui import until

WIDE, MEDIUM, NARROW = (120, 40), (80, 24), (50, 20)
SIZES = [pytest.param(WIDE, id="wide"), pytest.param(MEDIUM, id="medium")]
SIZES.append(pytest.param(NARROW, id="narrow"))

Compare = Callable[..., bool]
Scene = Callable[[Person, ScriptedHall], Awaitable[None]]
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def said(seq: int, before: int, sender: str, text: str, **more: Any) -> replies.Message:
    values = {"room": "general", "seq": seq, "time": NOON - before, "sender": sender} | more
    return replies.Message(text=text, **values)


GENERAL = [
    said(1, DAY + 5 * MINUTE, "ada", "Deploy finished, all green."),
    said(2, DAY, "bob", "thanks!", reply_to=1, reactions={"👍": ["ada", "kim"]}),
    said(3, 48 * MINUTE, "ada", "morning all"),
    said(4, 47 * MINUTE, "ada", "has anyone seen this? https://wiki.lan/rel/2026/notes#limits"),
    said(5, 45 * MINUTE, "bob", "kim: yes, it is the limit in the configuration — raise it"),
    said(6, 44 * MINUTE, "kim", "on it", edited=NOON - 43 * MINUTE),
    said(7, 40 * MINUTE, "lee", "", deleted=True),
    said(8, 9 * MINUTE, "zoë", "def join(room):\n    raise RoomFull(room.name)"),
]
MEMBERS = [
    *(replies.Member(name="ada", role="owner"), replies.Member(name="bob")),
    *(replies.Member(name="kim"), replies.Member(name="lee", away=True)),
    replies.Member(name="zoë"),
]


def joined(room: str, topic: str, messages: list[replies.Message]) -> Callable[[int], Any]:
    return lambda command_id: replies.Joined(
        id=command_id,
        room=room,
        topic=topic,
        members=MEMBERS,
        count=len(MEMBERS),
        seq=messages[-1].seq if messages else 0,
        recovered=False,
        missed=0,
        more=False,
        messages=deepcopy(messages),
    )


def team_hall() -> ScriptedHall:
    topics = {"general": "Release is Friday · https://wiki.lan/rel", "dev": "", "random": "Soup"}
    return ScriptedHall(
        [
            replies.RoomInfo(name=name, members=count, topic=topics[name], seq=8)
            for name, count in (("dev", 3), ("general", 5), ("random", 1))
        ],
        {
            name: joined(name, topic, GENERAL if name == "general" else [])
            for name, topic in topics.items()
        },
        now=NOON,
    )


def message(room: str, seq: int, sender: str, text: str, *mentions: str) -> events.Message:
    return events.Message(
        room=room,
        seq=seq,
        prev=seq - 1,
        time=NOON,
        sender=sender,
        nonce=f"{seq}",
        text=text,
        mentions=list(mentions) or None,
    )


async def in_the_hall(person: Person, hall: ScriptedHall) -> None:
    await person.sees("#general")


async def talking(person: Person, hall: ScriptedHall) -> None:
    for room in ("random", "dev", "general"):
        await person.join(room)
    hall.tell(
        message("dev", 1, "ada", "build is red"),
        message("dev", 2, "ada", "@kim can you look?", "kim"),
        message("random", 1, "bob", "lunch?"),
        events.Presence(room="general", joined=[replies.Member(name="max")]),
        message("general", 9, "bob", "and now?"),
        events.Typing(room="general", name="ada"),
    )
    await person.enter("restarting")
    await person.write("could you check,\n@ada")
    await person.sees("ada is typing", "sending…", "@ada")


async def looking_at_rooms(person: Person, hall: ScriptedHall) -> None:
    await talking(person, hall)
    await person.press("f7")


async def gone(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    await person.enter("did this arrive?")
    await person.sees("sending…")
    hall.hang_up("chat.lan:22222 closed the connection: you have been here for too long.")
    await person.sees("○ offline", "queued")


async def coming_back(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    await person.enter("too rude for this room")
    await person.sees("sending…")
    [refused] = hall.client.outbox.of("general")
    hall.client.refuse(refused, "This room does not want that.")
    await person.sees("✗ not sent")
    await person.enter("did this arrive?")
    await person.sees("sending…")
    nobody = "Nobody is listening at chat.lan:22222. Is `pychat serve` running there?"
    hall.hang_up(nobody, Retry(attempt=3, due=3.4))
    await person.sees("◌ reconnecting · 3rd try in 4 s")
    await person.enter("and this, typed while offline")
    await person.write("one more")
    await person.sees("queued")


async def searching(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    await person.still()
    hall.client.found = [
        said(8, 9 * MINUTE, "zoë", "The limit is in the configuration"),
        said(5, 45 * MINUTE, "bob", f"{'well, ' * 12}yes, it is the limit — raise it"),
        said(2, 400 * DAY, "ada", "no limits[/] \x1b[31mhere"),
    ]
    await person.enter("/search limit")
    await person.sees("3 messages")
    person.screen.query_one(Input).cursor_blink = False


async def searching_everywhere(person: Person, hall: ScriptedHall) -> None:
    await searching(person, hall)
    await person.press("ctrl+g")
    await person.sees("Search in all your rooms")


async def finding_nothing(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    await person.still()
    await person.enter("/search soup")
    await person.sees("nothing for 'soup' in #general — Ctrl+G searches everywhere")


async def completing(person: Person, hall: ScriptedHall) -> None:
    await talking(person, hall)
    await person.press("ctrl+c", *"thanks @", "down")
    await person.until(lambda: person.hall.writing.popup.display)


async def choosing_an_emoji(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    await person.press(*"nice :ta")
    await person.sees(":tada:")


async def pasting(person: Person, hall: ScriptedHall) -> None:
    await talking(person, hall)
    person.hall.writing.pasted("\n".join(f"line {number}" for number in range(148)))
    await person.sees("148 lines")


async def writing_at_length(person: Person, hall: ScriptedHall) -> None:
    await talking(person, hall)
    await person.write("".join(f"\nline {number}" for number in range(3, 11)))
    await person.sees("line 10")


async def recalling(person: Person, hall: ScriptedHall) -> None:
    await talking(person, hall)
    await person.press("ctrl+r", *"rest")
    await person.sees("restarting")


async def mistyped(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    await person.enter("/lsit")
    await person.sees("did you mean")


async def listing(person: Person, hall: ScriptedHall) -> None:
    await person.still()
    await person.enter("/list")
    await person.sees("Rooms of the Hall")


async def choosing_a_command(person: Person, hall: ScriptedHall) -> None:
    await person.join("general")
    await person.still()
    await person.press("ctrl+p")
    await person.sees("Join room…")
    person.screen.query_one(Input).cursor_blink = False


async def reading_help(person: Person, hall: ScriptedHall) -> None:
    await person.still()
    await person.enter("/help")
    await person.sees("Commands", "/join ROOM")


async def reading_the_manual(person: Person, hall: ScriptedHall) -> None:
    await person.still()
    await person.press("f1", "enter")
    await person.sees("Be kind.")


async def setting(person: Person, hall: ScriptedHall) -> None:
    await person.still()
    await person.press("f2", *["down"] * 4, "enter", "5", "0", "1")
    await person.sees("✗ look.text_width may be a whole number")
    # As long as the list is, which grows with every key.
    person.screen.query_one("#options").styles.scrollbar_size_vertical = 0


def picture(
    snap_compare: Compare, scene: Scene, size: tuple[int, int], theme: str = "textual-dark"
) -> bool:
    hall = team_hall()
    app = PychatApp(
        Address("chat.lan", 22_222),
        name="kim",
        dial=hall.dial,
        now=lambda: NOON,
        clock=lambda: 0.0,
        tz=UTC,
    )
    app.theme = theme

    async def act(pilot: Pilot[Any]) -> None:
        person = Person(app, pilot)
        await until(pilot, lambda: isinstance(person.screen, HallScreen))
        await person.sees("You are kim")
        await scene(person, hall)
        await person.still()

    return snap_compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", SIZES)
def test_a_conversation(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, talking, size)


def test_a_conversation_on_a_light_background(snap_compare: Compare) -> None:
    assert picture(snap_compare, talking, MEDIUM, theme="textual-light")


@pytest.mark.parametrize("size", SIZES)
def test_the_welcome(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, in_the_hall, size)


def test_the_rooms_over_a_narrow_log(snap_compare: Compare) -> None:
    assert picture(snap_compare, looking_at_rooms, NARROW)


def test_a_lost_connection(snap_compare: Compare) -> None:
    assert picture(snap_compare, gone, MEDIUM)


@pytest.mark.parametrize("size", SIZES)
def test_coming_back(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, coming_back, size)


@pytest.mark.parametrize("size", SIZES[1:])
def test_a_search(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, searching, size)


def test_a_search_in_all_rooms(snap_compare: Compare) -> None:
    assert picture(snap_compare, searching_everywhere, MEDIUM)


def test_a_search_that_finds_nothing(snap_compare: Compare) -> None:
    assert picture(snap_compare, finding_nothing, NARROW)


@pytest.mark.parametrize("size", SIZES)
def test_names_to_complete(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, completing, size)


def test_emoji_to_complete_on_a_light_background(snap_compare: Compare) -> None:
    assert picture(snap_compare, choosing_an_emoji, MEDIUM, theme="textual-light")


@pytest.mark.parametrize("size", SIZES)
def test_a_large_paste(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, pasting, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_long_text_being_written(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, writing_at_length, size)


def test_a_search_through_what_was_sent(snap_compare: Compare) -> None:
    assert picture(snap_compare, recalling, MEDIUM)


def test_a_mistyped_command(snap_compare: Compare) -> None:
    assert picture(snap_compare, mistyped, NARROW)


def test_the_list_of_rooms(snap_compare: Compare) -> None:
    assert picture(snap_compare, listing, MEDIUM)


def test_the_palette(snap_compare: Compare) -> None:
    assert picture(snap_compare, choosing_a_command, MEDIUM)


@pytest.mark.parametrize("size", SIZES)
def test_the_settings(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert picture(snap_compare, setting, size)


@pytest.mark.parametrize("size", SIZES[1:])
def test_the_question_where_to_go(snap_compare: Compare, size: tuple[int, int]) -> None:
    profile = '[profiles.work]\nhost = "chat.work.lan:4001"\n[profiles.home]\nhost = "::1"'
    preferences = Preferences(understand(profile)[0])
    app = PychatApp(None, dial=team_hall().dial, tz=UTC, preferences=preferences)

    async def act(pilot: Pilot[Any]) -> None:
        await Person(app, pilot).sees("Which Hall?")

    assert snap_compare(app, terminal_size=size, run_before=act)


def test_help(snap_compare: Compare) -> None:
    assert picture(snap_compare, reading_help, WIDE)


def test_the_manual(snap_compare: Compare) -> None:
    assert picture(snap_compare, reading_the_manual, MEDIUM)


@pytest.mark.parametrize("size", SIZES[1:])
def test_a_name_that_is_taken(snap_compare: Compare, size: tuple[int, int]) -> None:
    hall = team_hall()
    hall.taken.add("kim")
    app = PychatApp(Address("chat.lan", 22_222), name="kim", dial=hall.dial, tz=UTC)

    async def act(pilot: Pilot[Any]) -> None:
        await Person(app, pilot).sees("kim2 may be free")

    assert snap_compare(app, terminal_size=size, run_before=act)
