"""`pychat rooms`: which rooms a Hall has."""

import json
from typing import TYPE_CHECKING

import typer

from pychat.cli.parameters import AsJson, HallAddress, HallPort, address_of

if TYPE_CHECKING:
    from pychat.client import Address


def rooms(host: HallAddress, port: HallPort = None, as_json: AsJson = False) -> None:
    """List the rooms of a Hall: name, members, topic.

    Example: pychat rooms chat.lan --json
    """
    address = address_of("rooms", host, port)

    from pychat.cli.entering import carry_out

    carry_out("rooms", _list(address, as_json))


async def _list(address: "Address", as_json: bool) -> None:
    import msgspec

    from pychat.client import connect
    from pychat.protocol.text import clean_line

    async with await connect(address) as client:
        found = await client.list_rooms()
    if as_json:
        for room in found:
            typer.echo(json.dumps(msgspec.to_builtins(room)))
        return
    width = max((len(room.name) for room in found), default=0)
    for room in found:
        row = f"{clean_line(room.name):<{width}}  {room.members:>4}  {clean_line(room.topic)}"
        typer.echo(row.rstrip())
    if not found:
        typer.echo("The Hall has no rooms yet.", err=True)
