"""A Hall that means harm: it answers whatever it is asked, and puts hostile text into all of it."""

import msgspec

from pychat.protocol import commands, events, replies
from tests.support.fake_hall import FakeHall
from tests.support.hostile import HOSTILE

BAD = [bad.replace("\ud800", "").replace("\udfff", "") for bad in HOSTILE]
"""As far as UTF-8 can tell it."""


async def harm(fake: FakeHall) -> None:
    """`the end` is said last. The client joins one room; nothing else of it is answered but `who`,
    `list` and `quit`."""
    join = await fake.find(commands.Join)
    fake.tell(_joined(join))
    fake.tell(*(_said(seq, bad) for seq, bad in enumerate(BAD, 100)))
    fake.tell(*(_happened(join.room, bad) for bad in BAD))
    fake.tell(*(events.Notice(text=bad) for bad in BAD))
    fake.tell(_said(100 + len(BAD), "the end", sender="ada"))
    while True:
        match await fake.find(msgspec.Struct):
            case commands.Members() as asked:
                members = [replies.Member(name=bad) for bad in BAD]
                fake.tell(
                    replies.Members(
                        id=asked.id, room=asked.room, members=members, count=len(BAD), more=False
                    )
                )
            case commands.List() as asked:
                rooms = [replies.RoomInfo(name=bad, members=1, topic=bad, seq=1) for bad in BAD]
                fake.tell(replies.Rooms(id=asked.id, rooms=rooms, more=False))
            case commands.Quit() as asked:
                fake.tell(replies.Ok(id=asked.id))


def _joined(join: commands.Join) -> replies.Joined:
    messages = [
        replies.Message(
            room=join.room, seq=seq, time=seq, sender=bad, text=bad, reactions={bad: [bad]}
        )
        for seq, bad in enumerate(BAD, 1)
    ]
    return replies.Joined(
        id=join.id,
        room=join.room,
        topic="\x1b]0;owned\x07".join(BAD[:5]),
        members=[replies.Member(name=bad) for bad in BAD],
        count=len(BAD),
        seq=99,
        recovered=False,
        missed=0,
        more=False,
        messages=messages,
    )


def _said(seq: int, text: str, sender: str = "") -> events.Message:
    return events.Message(
        room="tea",
        seq=seq,
        prev=seq - 1,
        time=seq,
        sender=sender or text,
        nonce=f"n{seq}",
        text=f"kim: {text}",
        mentions=["kim", text],
        reply_to=seq - 1,
    )


def _happened(room: str, bad: str) -> events.Presence:
    return events.Presence(
        room=room,
        joined=[replies.Member(name=bad)],
        left=[events.Parting(name=f"{bad}!", reason=bad)],
        changed=[events.Change(name=bad, member=replies.Member(name=f"x{bad}"))],
    )
