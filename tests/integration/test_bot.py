"""The bot of docs/bot.md, as it stands there, in a real Hall."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from pychat.client import connect
from pychat.protocol.events import Event, Message, Presence
from pychat.server.backplane.memory import MemoryLedger
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import running_hall

PAGE = Path(__file__).parents[2] / "docs" / "bot.md"
PATIENCE = 50.0


def bot() -> dict[str, Any]:
    (code,) = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    namespace: dict[str, Any] = {"__name__": "echo_bot"}
    exec(compile(code, PAGE.name, "exec"), namespace)  # noqa: S102  # our own page
    return namespace


def is_here(event: Event) -> bool:
    if not isinstance(event, Presence):
        return False
    members = [*event.joined, *(change.member for change in event.changed)]
    return any(member.name == "echo-bot" and not member.away for member in members)


async def echoes(address: str, asker: str, *said: str) -> list[str]:
    """Somebody enters, waits for the bot, says this, and hears as many answers."""
    async with await connect(address, name=asker) as client:
        events = client.events()
        joined = await client.join("lobby")
        if not any(member.name == "echo-bot" and not member.away for member in joined.members):
            async for event in events:
                if is_here(event):
                    break
        for text in said:
            await client.send("lobby", text)
        answers: list[str] = []
        async for event in events:
            if isinstance(event, Message) and event.sender == "echo-bot":
                answers.append(event.text)
                if len(answers) == len(said):
                    break
    return answers


async def test_the_documented_bot_answers_also_after_a_restart_of_the_hall() -> None:
    ledger = MemoryLedger(SYSTEM_CLOCK.wall)
    async with asyncio.timeout(PATIENCE):
        async with running_hall(ledger) as hall:
            running = asyncio.create_task(bot()["main"](hall.address))

            before = await echoes(hall.address, "ann", "!echo !echo hello", "!echo hello")
        async with running_hall(ledger, port=hall.port):
            after = await echoes(hall.address, "bob", "!echo again")

            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

    assert (before, after) == (["!echo hello", "hello"], ["again"])
