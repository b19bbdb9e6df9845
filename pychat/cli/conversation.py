"""A short conversation between real clients in a real Hall, printed as one of them saw it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import typer

from pychat.cli import lines
from pychat.cli.hall_process import open_hall
from pychat.client import Address, Client, connect
from pychat.protocol import events
from pychat.protocol.text import clean_line

_ROOM = "tea"


async def play(data: Path) -> None:
    """Raises HallError, and what the client raises where something is wrong."""
    with open_hall(data, 0) as port:
        here = Address("127.0.0.1", port)
        typer.echo(f"A Hall is open on {here}. Ada, Grace and Edsger are programs.\n")
        async with await connect(here, name="Ada") as ada:
            await _talk(here, ada)
        typer.echo("\nThe Hall closes ...")
    with open_hall(data, 0) as port:
        typer.echo("... and opens again. Grace asks what was said:\n")
        async with await connect(Address("127.0.0.1", port), name="Grace") as grace:
            joined = await grace.join(_ROOM)
            typer.echo(f"#{joined.room} ({joined.topic})")
            for message in joined.messages or []:
                typer.echo(lines.as_text(message))
    typer.echo("\nThis was a demonstration; on a terminal `make chat` lets you in.")


async def _talk(here: Address, ada: Client) -> None:
    """Ada is the one who looks on; each of the others acts on what was there before."""
    seen = ada.events()
    await ada.join(_ROOM)
    await ada.set_topic(_ROOM, "what goes with it")
    await ada.send(_ROOM, "Is anybody there? The kettle is on.")
    async with await connect(here, name="Grace") as grace:
        joined = await grace.join(_ROOM)
        question = (joined.messages or [])[-1]
        await grace.react(_ROOM, question.seq, ["☕"])
        await grace.send(_ROOM, "Here I am, and I can read what came before me.", question.seq)
        async with await connect(here, name="Edsger") as edsger:
            await edsger.join(_ROOM)
            slip = await edsger.send(_ROOM, "Tee for me, plese.")
            await edsger.edit(_ROOM, slip.seq, "Tea for me, please.")
            await asyncio.gather(
                grace.send(_ROOM, "Biscuits:\n- ginger\n- oat"),
                edsger.send(_ROOM, "Two sugars, 你好 and שלום to all."),
            )
    await ada.send(_ROOM, "Goodbye then!")
    await _print_until(seen, "Goodbye then!")


async def _print_until(seen: AsyncIterator[events.Event], last: str) -> None:
    async for event in seen:
        match event:
            case events.Presence():
                for member in event.joined:
                    typer.echo(f"{' ' * 16} * {clean_line(member.name)} joined")
                for parting in event.left:
                    typer.echo(f"{' ' * 16} * {clean_line(parting.name)} left")
            case events.Message() if event.text == last:
                typer.echo(lines.as_text(event))
                return
            case events.Logged():
                typer.echo(lines.as_text(event))
