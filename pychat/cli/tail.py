"""`pychat tail`: read along in a room."""

from typing import TYPE_CHECKING, Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import (
    AsJson,
    Hall,
    HallAddress,
    HallKey,
    HallPort,
    NoTls,
    PersonName,
    RoomOfInvitation,
    TrustNew,
    hall_of,
)
from pychat.protocol import limits

if TYPE_CHECKING:
    from pychat.client import Client
    from pychat.protocol.replies import Message

_MOST = 10_000


def tail(
    host: HallAddress,
    room: RoomOfInvitation = None,
    as_json: AsJson = False,
    count: Annotated[
        int,
        typer.Option("-n", "--lines", min=0, max=_MOST, help="Begin with the last so many."),
    ] = 10,
    port: HallPort = None,
    name: PersonName = None,
    fingerprint: HallKey = None,
    trust: TrustNew = False,
    no_tls: NoTls = False,
) -> None:
    """Show a room's last messages, then what is said there until Ctrl+C.

    Example: pychat tail chat.lan tea -n 0 --json | jq .text
    """
    hall = hall_of("tail", host, port, fingerprint, trust, no_tls)
    room = room or hall.room
    if room is None:
        exits.fail("tail", "there is no ROOM; give it after the Hall", exits.USAGE)

    from pychat.cli.entering import carry_out

    carry_out("tail", _follow(hall, room, count, as_json, name))


async def _follow(hall: Hall, room: str, count: int, as_json: bool, name: str | None) -> None:
    import asyncio

    from pychat.cli import lines, output
    from pychat.cli.entering import enter
    from pychat.protocol.events import Logged

    line = lines.as_json if as_json else lines.as_text
    async with await enter(hall.address, name, hall.trust) as client, output.until_reader_leaves():
        stream = client.events()
        for message in await _last(client, room, count):
            await asyncio.to_thread(output.write, line(message))
        async for event in stream:
            if isinstance(event, Logged):
                await asyncio.to_thread(output.write, line(event))


async def _last(client: "Client", room: str, count: int) -> "list[Message]":
    """Join, and get the newest `count` messages, oldest first."""
    joined = await client.join(room, limit=min(count, limits.PAGE_MESSAGES))
    # The mirror goes on with the same list, and may have added what came live.
    messages = [message for message in joined.messages or [] if message.seq <= joined.seq]
    more = joined.more
    while more and messages and len(messages) < count:
        wanted = min(count - len(messages), limits.PAGE_MESSAGES)
        page = await client.history(joined.room, before=messages[0].seq, limit=wanted)
        messages, more = page.messages + messages, page.more_before and bool(page.messages)
    return messages
