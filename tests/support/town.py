"""A pure Hall, and people who talk to it in short words."""

from typing import Any

from pychat.protocol import commands, events, replies
from tests.support.hall_shell import FakePeer, HallShell


class Town:
    """A Hall, and people who talk to it in short words."""

    def __init__(self) -> None:
        self.shell = HallShell(linger=60.0)
        self._ids = 0

    def id(self) -> int:
        self._ids += 1
        return self._ids

    def enter(
        self, name: str | None = None, *rooms: str, resume: str | None = None, place: str = ""
    ) -> FakePeer:
        peer = self.shell.connect()
        peer.place = place
        hello = commands.Hello(id=self.id(), protocol=[1], client="test", name=name, resume=resume)
        self.shell.ask(peer, hello)
        for room in rooms:
            assert isinstance(self.join(peer, room), replies.Joined)
        return peer

    def verify(self, peer: FakePeer, since: int = 0) -> None:
        """The name is proved to be theirs, since then in milliseconds."""
        user = self.shell.hall.user_at(peer)
        assert user is not None
        was = user.identity
        user.party.owned_since = since
        for room in user.rooms.values():
            room.charter.passes(was, user.identity)

    def join(self, peer: FakePeer, room: str) -> object:
        return self.shell.ask(peer, commands.Join(id=self.id(), room=room))

    def leave(self, peer: FakePeer, room: str) -> object:
        return self.shell.ask(peer, commands.Leave(id=self.id(), room=room))

    def say(self, peer: FakePeer, room: str, text: str) -> None:
        """Without waiting for the disk."""
        number = self.id()
        self.shell.send(peer, commands.Send(id=number, room=room, text=text, nonce=str(number)))

    def ask(self, peer: FakePeer, kind: type[commands.Command], /, **fields: object) -> Any:
        """A command with these fields; its reply, when no disk has anything to do any more."""
        return self.shell.ask(peer, kind(id=self.id(), **fields))

    def said(self, peer: FakePeer, room: str, text: str) -> Any:
        return self.ask(peer, commands.Send, room=room, text=text, nonce=str(self.id()))

    def typing(self, peer: FakePeer, room: str = "lobby") -> None:
        self.shell.send(peer, commands.Typing(id=self.id(), room=room))


def order(town: Town, peer: FakePeer, kind: type[commands.Command], /, **fields: object) -> None:
    """Have it done in the room `den`."""
    assert isinstance(town.ask(peer, kind, room="den", **fields), replies.Ok), fields


def roles(town: Town, peer: FakePeer) -> dict[str, str]:
    """Of the members of the room `den`, by name."""
    found = town.ask(peer, commands.Members, room="den").members
    return {member.name: member.role for member in found}


def heads(town: Town, peer: FakePeer) -> dict[str, int]:
    """Of the rooms that somebody is in."""
    pong = town.ask(peer, commands.Ping)
    assert isinstance(pong, replies.Pong)
    return pong.heads


def code(reply: object) -> str:
    assert isinstance(reply, replies.Error)
    return reply.code


def welcome(peer: FakePeer) -> replies.Welcome:
    first = peer.told[0]
    assert isinstance(first, replies.Welcome)
    return first


def texts(peer: FakePeer) -> list[str]:
    return [each.text for each in peer.told if isinstance(each, events.Message)]
