"""`pychat rooms`: which rooms a Hall has."""

import json

import typer

from pychat.cli.parameters import (
    AsJson,
    Hall,
    HallAddress,
    HallKey,
    HallPort,
    NoTls,
    PersonName,
    TrustNew,
    hall_of,
)


def rooms(
    host: HallAddress,
    port: HallPort = None,
    as_json: AsJson = False,
    name: PersonName = None,
    fingerprint: HallKey = None,
    trust: TrustNew = False,
    no_tls: NoTls = False,
) -> None:
    """List the rooms of a Hall that you may see: name, members, topic.

    Example: pychat rooms chat.lan --json
    """
    hall = hall_of("rooms", host, port, fingerprint, trust, no_tls)

    from pychat.cli.entering import carry_out

    carry_out("rooms", _list(hall, as_json, name))


async def _list(hall: Hall, as_json: bool, name: str | None) -> None:
    import msgspec

    from pychat.cli.entering import enter
    from pychat.protocol.text import clean_line

    async with await enter(hall.address, name, hall.trust) as client:
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
