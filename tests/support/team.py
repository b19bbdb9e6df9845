"""A team's Hall as a script, and somebody in it at a fixed time: for pictures of the screen."""

import contextlib
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import UTC
from typing import Any

from pychat.client import Address
from pychat.protocol import events, replies
from pychat.tui.app import PychatApp
from pychat.tui.screens.hall import HallScreen
from pychat.tui.settings.preferences import Preferences
from pychat.tui.settings.schema import Settings
from tests.support.person import NOON, Person
from tests.support.pictures import WIDE
from tests.support.scripted import ScriptedHall

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
DIRECT = "@ada,kim"


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


@contextlib.asynccontextmanager
async def at_the_hall(
    hall: ScriptedHall, settings: Settings | None = None
) -> AsyncIterator[Person]:
    """As kim, welcomed, and in no room."""
    app = team_app(hall, settings or Settings())
    async with app.run_test(size=WIDE) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: isinstance(person.screen, HallScreen))
        await person.sees("You are kim")
        yield person


def team_app(hall: ScriptedHall, settings: Settings, name: str | None = "kim") -> PychatApp:
    return PychatApp(
        Address("chat.lan", 22_222),
        name=name,
        login="kim",
        dial=hall.dial,
        now=lambda: NOON,
        clock=lambda: 0.0,
        tz=UTC,
        preferences=Preferences(settings),
    )


async def talking(person: Person, hall: ScriptedHall) -> None:
    """In the midst of it: unread rooms, a mention, somebody typing, a draft, one on its way."""
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


async def losing(hall: ScriptedHall, person: Person) -> None:
    """The connection, for good, with something on its way."""
    await person.enter("did this arrive?")
    await person.sees("sending…")
    hall.hang_up("chat.lan:22222 closed the connection: you have been here for too long.")
    await person.sees("○ offline", "queued")


async def setting_wrongly(person: Person) -> None:
    """In the settings."""
    await person.press(*["down"] * 4, "enter", "5", "0", "1")
    await person.sees("✗ look.text_width may be a whole number")
