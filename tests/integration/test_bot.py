"""The bot of docs/bot.md, as it stands there, in a real Hall."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from pychat.client import ConnectionLost, connect
from pychat.protocol.events import Event, Message, Presence
from tests.support.hall import running_hall

PAGE = Path(__file__).parents[2] / "docs" / "bot.md"
PATIENCE = 10.0


def bot() -> dict[str, Any]:
    (code,) = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    namespace: dict[str, Any] = {"__name__": "echo_bot"}
    exec(compile(code, PAGE.name, "exec"), namespace)  # noqa: S102  # our own page
    return namespace


def is_here(event: Event) -> bool:
    return isinstance(event, Presence) and any(m.name == "echo-bot" for m in event.joined)


async def test_the_documented_bot_answers_and_ends_with_the_hall() -> None:
    async with asyncio.timeout(PATIENCE):
        async with running_hall() as hall:
            ann = await connect(hall.address, name="ann")
            events = ann.events()
            await ann.join("lobby")
            running = asyncio.create_task(bot()["main"](hall.address))
            async for event in events:
                if is_here(event):
                    break

            await ann.send("lobby", "!echo !echo hello")
            await ann.send("lobby", "!echo hello")

            said = []
            async for event in events:
                if isinstance(event, Message) and event.sender == "echo-bot":
                    said.append(event.text)
                    if len(said) == 2:
                        break
            await ann.quit()

        with pytest.raises(ConnectionLost) as lost:
            await running

    assert said == ["!echo hello", "hello"]
    assert lost.value.bye is not None
    assert lost.value.bye.code == "shutdown"
