"""What a Hall tells, in few words, for tests of the mirror. Pure."""

import msgspec

from pychat.client import Changes, Mirror
from pychat.protocol import codec, commands, events, replies
from tests.support.fake_hall import welcome


def member(name: str, **fields: object) -> replies.Member:
    return replies.Member(name=name, **fields)  # type: ignore[arg-type]


def said(
    seq: int,
    text: str = "hi",
    sender: str = "bob",
    room: str = "lobby",
    prev: int | None = None,
    mentions: list[str] | None = None,
) -> events.Message:
    """A message that follows the one with the `seq` before, unless told otherwise."""
    return events.Message(
        room=room,
        seq=seq,
        prev=seq - 1 if prev is None else prev,
        time=seq * 1_000,
        sender=sender,
        nonce=f"{sender}-{seq}",
        text=text,
        mentions=mentions,
    )


def stands(
    seq: int,
    text: str = "hi",
    sender: str = "bob",
    room: str = "lobby",
    mentions: list[str] | None = None,
) -> replies.Message:
    return replies.Message(
        room=room, seq=seq, time=seq * 1_000, sender=sender, text=text, mentions=mentions
    )


def presence(
    joined: list[replies.Member] | None = None,
    left: dict[str, str] | None = None,
    changed: dict[str, replies.Member] | None = None,
    room: str = "lobby",
) -> events.Presence:
    return events.Presence(
        room=room,
        joined=joined or [],
        left=[events.Parting(name=name, reason=why) for name, why in (left or {}).items()],
        changed=[events.Change(name=name, member=now) for name, now in (changed or {}).items()],
    )


def joined(
    mirror: Mirror,
    *messages: replies.Message,
    room: str = "lobby",
    seq: int | None = None,
    members: list[replies.Member] | None = None,
    count: int | None = None,
    more: bool = False,
    missed: int = 0,
    after: int | None = None,
    read: int | None = None,
) -> Changes:
    """I join with the newest page; by default ann and bob are there."""
    members = members if members is not None else [member("ann"), member("bob")]
    reply = replies.Joined(
        id=2,
        room=room,
        topic="",
        members=members,
        count=len(members) if count is None else count,
        seq=seq if seq is not None else max((each.seq for each in messages), default=0),
        recovered=False,
        missed=missed,
        more=more,
        read=read,
        messages=list(messages),
    )
    return mirror.apply(reply, now=0.0, answering=commands.Join(id=2, room=room, after=after))


def rejoined(
    mirror: Mirror, *delta: events.LoggedEvent, after: int, seq: int, read: int | None = None
) -> Changes:
    """I join again and get what was missed."""
    reply = replies.Joined(
        id=2,
        room="lobby",
        topic="",
        members=[member("ann"), member("bob")],
        count=2,
        seq=seq,
        recovered=True,
        missed=len(delta),
        more=True,
        read=read,
        events=[],
    )
    return mirror.apply(
        reply, now=0.0, answering=commands.Join(id=2, room="lobby", after=after), delta=delta
    )


def greeted(name: str = "ann") -> Mirror:
    mirror = Mirror()
    mirror.apply(welcome(1, name), now=0.0, answering=None)
    return mirror


def tell(mirror: Mirror, *messages: events.Event, now: float = 0.0) -> None:
    for message in messages:
        mirror.apply(message, now=now)


def seqs(mirror: Mirror) -> list[int]:
    """Of what is loaded of the lobby."""
    return [message.seq for message in mirror.rooms["lobby"].messages]


def answer(
    join: commands.Join,
    *delta: events.LoggedEvent,
    messages: list[replies.Message] | None = None,
    seq: int = 0,
    missed: int = 0,
) -> replies.Joined:
    """The reply to a `join`: with what was missed, or with the newest page if that is given."""
    return replies.Joined(
        id=join.id,
        room=join.room,
        topic="",
        members=[member("ann"), member("bob")],
        count=2,
        seq=max([seq, *(event.seq for event in delta), *(each.seq for each in messages or [])]),
        recovered=messages is None,
        missed=missed or len(delta),
        more=False,
        events=[msgspec.Raw(codec.encode(event)) for event in delta] if messages is None else None,
        messages=messages,
    )
