"""`pychat send`: say one thing, and know that it is on the Hall's disk."""

import sys
from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import (
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


def send(
    host: HallAddress,
    room: RoomOfInvitation = None,
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT|-",
            show_default=False,
            help="What to say. `-`, or nothing with input from a pipe, reads standard input: "
            "all its lines are one message. Put -- before a TEXT that begins with a dash.",
        ),
    ] = None,
    port: HallPort = None,
    name: PersonName = None,
    fingerprint: HallKey = None,
    trust: TrustNew = False,
    no_tls: NoTls = False,
) -> None:
    """Say something in a room. Success means that the Hall has it on disk.

    Exit codes: 0 said, 2 wrong usage, 3 refused, 4 no Hall there or connection lost.

    Example: make test 2>&1 | tail -n 20 | pychat send chat.lan builds
    """
    hall = hall_of("send", host, port, fingerprint, trust, no_tls)
    if hall.room is not None and text is None:
        room, text = hall.room, room
    if room is None:
        exits.fail("send", "there is no ROOM; give it after the Hall", exits.USAGE)
    said = _standard_input() if text is None or text == "-" else text

    from pychat.cli.entering import carry_out

    carry_out("send", _say(hall, room, said, name))


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        sentence = "there is no TEXT; give it as the last argument, or through a pipe"
        exits.fail("send", sentence, exits.USAGE)
    raw = sys.stdin.buffer.read(limits.CLIENT_FRAME_BYTES + 1)
    if len(raw) > limits.CLIENT_FRAME_BYTES:
        sentence = (
            f"standard input has more than {limits.CLIENT_FRAME_BYTES} bytes; "
            f"a message has at most {limits.TEXT_CHARS} characters"
        )
        exits.fail("send", sentence, exits.REFUSED)
    try:
        text = raw.decode()
    except UnicodeDecodeError as fault:
        sentence = f"standard input is not UTF-8 at byte {fault.start}; convert it first"
        exits.fail("send", sentence, exits.USAGE)
    return text.replace("\r\n", "\n").removesuffix("\n")


async def _say(hall: Hall, room: str, text: str, name: str | None) -> None:
    from pychat.cli.entering import enter
    from pychat.protocol.text import check_text

    check_text(text)
    async with await enter(hall.address, name, hall.trust) as client:
        joined = await client.join(room, limit=0)
        await client.send(joined.room, text)
