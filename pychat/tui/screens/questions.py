"""The questions that are asked in a box: which room, which name."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pychat.client import Client, CommandError, ConnectionLost, RoomView
from pychat.protocol import limits, names, text
from pychat.protocol.errors import Refused
from pychat.tui import naming
from pychat.tui.screens.ask import Question
from pychat.tui.settings.schema import WORD_CHARS

Answer = TypeVar("Answer")


def which_room(client: Client) -> Question[str]:
    """Answered with the room's name, once in it."""

    async def join(room: str) -> str:
        view = client.mirror.room(room)
        return view.name if view is not None else (await client.join(room)).room

    return Question(
        title="Which room? A new name makes a new room.",
        rules=naming.ROOM_RULES,
        check=lambda text: names.check_room(text.removeprefix("#")),
        submit=join,
        keys="Enter goes there · Esc cancels",
    )


def which_person(client: Client) -> Question[str]:
    """Answered with the room that I share with them, once in it."""

    async def open_room(name: str) -> str:
        return (await client.direct(name)).name

    return Question(
        title="Whom do you want to say something to, alone?",
        rules=naming.RULES,
        check=lambda text: names.check_name(text.removeprefix("@")),
        submit=open_room,
        keys="Enter goes there · Esc cancels",
    )


def new_word() -> Question[str]:
    async def take(word: str) -> str:
        return word

    def check(word: str) -> str:
        word = word.strip()
        if not 1 <= len(word) <= WORD_CHARS:
            raise Refused("bad-request", f"a word has 1 to {WORD_CHARS} characters")
        return word

    return Question(
        title="Which word is to count as your name?",
        rules=f"A word or several, at most {WORD_CHARS} characters; capitals do not matter.",
        check=check,
        submit=take,
    )


def new_topic(client: Client, view: RoomView) -> Question[str]:
    async def set_topic(topic: str) -> str:
        await client.set_topic(view.name, topic)
        return topic

    return Question(
        title=f"What is #{view.name} about?",
        rules=f"One line of at most {limits.TOPIC_CHARS} characters; none takes the topic away.",
        check=text.check_topic,
        submit=set_topic,
        prefill=view.topic,
    )


def new_name(client: Client) -> Question[str]:
    """Answered with the name, once it is mine."""

    async def rename(name: str) -> str:
        await client.set_name(name)
        return client.mirror.name

    return _name("What should people call you from now on?", client.mirror.name, rename)


def name_to_come_back(client: Client) -> Question[str]:
    """For whom the Hall does not let back in under their name. Answered with the new one, once
    back."""
    name, refusal = client.mirror.name, client.refusal
    tried: set[str] = set()

    async def come_back(name: str) -> str:
        before = client.refusal
        changed = asyncio.Event()
        unsubscribe = client.subscribe(lambda _: changed.set())
        try:
            client.reconnect_now(name)
            while client.state == "connecting" and client.refusal is before:
                changed.clear()
                await changed.wait()
        finally:
            unsubscribe()
        if client.state != "connected":
            raise client.refusal or ConnectionLost(client.trouble)
        return client.mirror.name

    return Question(
        title="Under which name do you want to come back?",
        rules=naming.RULES,
        check=names.check_name,
        submit=come_back,
        prefill=name,
        complaint=taken_advice(name, refusal, tried) if refusal is not None else "",
        advise=lambda name, error: taken_advice(name, error, tried),
        keys="Enter takes you in · Esc waits until the name is free",
    )


def first_name(
    enter: Callable[[str], Awaitable[Client]], proposal: str, complaint: str = ""
) -> Question[Client]:
    """Answered with the client that has entered the Hall."""
    question = _name("What should people call you?", proposal, enter)
    return Question(
        title=question.title,
        rules=question.rules,
        check=question.check,
        submit=question.submit,
        prefill=proposal,
        complaint=complaint,
        advise=question.advise,
        keys="Enter takes you in · Esc quits",
    )


def password(why: str) -> Question[str]:
    """Answered with what was typed."""

    async def take(text: str) -> str:
        return text

    return Question(
        title="This Hall has a password",
        rules=why,
        check=lambda text: text,
        submit=take,
        hidden=True,
        keys="Enter takes you in · Esc gives up",
    )


def taken_advice(name: str, error: CommandError, tried: set[str]) -> str:
    """What is said of a refused name: if it is taken, with a proposal; never a silent change."""
    tried.add(name)
    if error.code != "name-taken":
        return error.text
    return f"{error.text} — {naming.variation(name, tried)} may be free"


def _name(title: str, prefill: str, submit: Callable[[str], Awaitable[Answer]]) -> Question[Answer]:
    tried: set[str] = set()
    return Question(
        title=title,
        rules=naming.RULES,
        check=names.check_name,
        submit=submit,
        prefill=prefill,
        advise=lambda name, error: taken_advice(name, error, tried),
    )
