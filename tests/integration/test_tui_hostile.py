"""A Hall that means harm, on the full screen of a real terminal: all of it is text there."""

import asyncio
import re

from pychat.protocol import events
from tests.support.fake_hall import FakeHall
from tests.support.harm import BAD, harm
from tests.support.terminal import OpenTerminal

SEQUENCES = re.compile(
    rb"\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    rb"|\x1b(?P<other>.)",
    re.DOTALL,
)
OURS = re.compile(rb"\?[0-9;]+\$?[hlp]|[0-9;]*[mH]|2[23];0t|[<>]?[0-9]*u")
"""Colours, moving to a place, modes, the title's stack, the keyboard. Nothing that erases, inserts,
scrolls or asks."""
TEXT = "said by me"


async def test_nothing_that_a_hall_sends_changes_title_clipboard_screen_or_layout(
    terminal: OpenTerminal,
) -> None:
    async with FakeHall() as fake:
        person = terminal(
            *("tui", fake.address, "--name", "kim"),
            TERM_PROGRAM="",
            TMUX="",
            STY="",
            COLORFGBG="0;15",
        )
        await asyncio.to_thread(person.sees, "You are kim")
        person.type("/join tea\r")
        telling = asyncio.create_task(harm(fake))
        await asyncio.to_thread(person.sees, "94 people")
        last = 100 + len(BAD)
        # Back to where no room is open: what names kim calls.
        person.type("\x1b0")
        await asyncio.to_thread(person.sees, "outside of all rooms")
        fake.tell(
            events.Message(
                room="tea",
                seq=last + 1,
                prev=last,
                time=1,
                sender="\x1b]0;a;b\x07",
                nonce="n",
                text=f"kim: {''.join(BAD[:10])}",
                mentions=["kim"],
            )
        )
        await asyncio.to_thread(person.paints, b"\x1b]9;")
        person.type("\x1b1")
        await asyncio.to_thread(person.sees, "94 people")
        person.type("/list\r")
        await asyncio.to_thread(person.sees, "Rooms of the Hall", "]0;owned")
        person.type("\x1b")
        await asyncio.to_thread(person.sees, "94 people")
        person.type(TEXT)
        await asyncio.to_thread(person.sees, TEXT)
        rows = person.text.split("\n")
        telling.cancel()

    # What comes last may have come in part.
    painted = person.painted[: person.painted.rindex(b"\x1b")]
    found = list(SEQUENCES.finditer(painted))
    told = {each["osc"].decode() for each in found if each["osc"] is not None}
    titles = {each for each in told if each.startswith("0;")}
    calls = {each for each in told if each.startswith("9;")}
    links = {each for each in told if each.startswith("8;")}
    counted = {re.sub(r"\(@\d+ \d+\) ", "", title) for title in titles}
    assert counted <= {"0;pychat", "0;pychat — Fake Hall", "0;pychat — #tea"}
    assert calls
    pointer = {each for each in told if re.fullmatch("22;[a-z]+", each)}
    assert told == titles | calls | links | pointer | {"11;?"}
    assert not any(char < " " or "\x7f" <= char < "\xa0" for each in told for char in each)
    csi = {each["csi"] for each in found if each["csi"] is not None}
    assert {each for each in csi if not OURS.fullmatch(each)} == set()
    assert {each["other"] for each in found if each["other"] is not None} <= {b"\\"}
    left = SEQUENCES.sub(b"", painted).decode()
    assert not any(char < " " and char not in "\r\n\a" for char in left)
    assert not any("\x7f" <= char < "\xa0" for char in left)
    # All is where it was: who I am above, the line in which I write below.
    assert "kim" in rows[0]
    assert "#tea" in rows[1]
    assert any(TEXT in row for row in rows[-4:])
