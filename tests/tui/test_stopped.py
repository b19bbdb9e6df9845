"""What a program puts off is done, though it was stopped for a moment when it put it off.

A one-shot timer of Textual's may never fire then.
"""

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.timer import Timer

from pychat.client import Client, Dialled
from pychat.client.connection import Connection
from pychat.tui import notifying, osc, speaking
from tests.support.hall import RunningHall
from tests.support.person import seated, terminal


def stop(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Timer._run

    async def once_is_never(timer: Timer) -> None:
        if timer._repeat != 0:
            await run(timer)

    monkeypatch.setattr(Timer, "_run", once_is_never)


async def test_a_program_that_was_stopped_goes_on_painting_and_keeps_what_is_typed(
    hall: RunningHall, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was painted after a new size, neither what the log nor what stands around it had put
    off; and what was typed from then on was on no disk."""
    monkeypatch.setattr(speaking, "KEEP_SECONDS", 0.01)
    async with seated(hall.address, size=(120, 40)) as person:
        await person.join("general")
        stop(monkeypatch)

        await person.pilot.resize_terminal(100, 30)
        await person.until(lambda: not person.app._batch_count)
        for number in range(3):
            person.hall.message_log.note(f"note {number}")
            person.hall.composer.insert("x")
            person.hall.complain("")
            person.hall.touch()
        await person.sees("note 2")
        await person.until(lambda: not person.hall.around._painted.is_due)
        await person.until(
            lambda: any("xxx" in file.read_text() for file in state.rglob("*.drafts"))
        )


async def test_a_program_that_was_stopped_calls_for_what_came_while_it_was_not_to_call(
    hall: RunningHall, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "SPACING_SECONDS", 0.01)
    seconds, calls = 0.0, list[str]()
    await ada.join("general")
    async with seated(hall.address) as person:
        await person.join("general")
        person.app.post_message(events.AppBlur())
        await person.until(lambda: not person.app.app_focus)
        stop(monkeypatch)
        monkeypatch.setattr(person.hall.news.alerts, "_clock", lambda: seconds)
        monkeypatch.setattr(person.app, "tell_terminal", calls.append)

        for number in range(3):
            await ada.send("general", f"@kim {number}")
        await person.sees("@kim 2")
        assert calls.count(osc.BELL) == 1
        seconds = 1.0
        await person.until(lambda: calls.count(osc.BELL) == 2)


async def test_a_program_that_was_stopped_searches_for_what_is_typed_and_tells_what_is_on_its_way(
    hall: RunningHall, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.join("general")
    await ada.send("general", "green apples")
    async with seated(hall.address) as person:
        await person.join("general")
        stop(monkeypatch)

        await person.press("ctrl+f", *"apples")
        await person.sees("1 message")
        await person.press("escape")

        # What is asked from here on has no answer.
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(Connection, "start", lambda *_: loop.create_future())
        await person.enter("pears")
        await person.sees("sending…")


async def test_a_program_that_was_stopped_as_it_began_tells_of_what_it_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(address: object, **_: object) -> Dialled:
        await asyncio.Event().wait()
        raise AssertionError

    stop(monkeypatch)
    async with terminal("chat.lan:4000", dial=never) as person:
        await person.sees("Connecting to chat.lan:4000")
