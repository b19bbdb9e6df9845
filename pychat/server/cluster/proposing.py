"""Which commands the log decides, and what goes into it with one.

What only tells the asker something is answered at once, by this node's Hall, which may be a moment
behind; what is said in rooms goes to their own logs.
"""

import secrets

import msgspec

from pychat.protocol import commands
from pychat.server.cluster.entries import Given
from pychat.server.cluster.replica import Replica
from pychat.server.credentials import NOTHING, Credentials
from pychat.server.effects import Peer

_TELLING = (
    commands.Manual,
    commands.List,
    commands.Members,
    commands.History,
    commands.Search,
    commands.Whois,
    commands.Bans,
    commands.Keys,
    commands.Ping,
    commands.Typing,
)

_SAYING = (commands.Send, commands.Edit, commands.Delete, commands.React, commands.Topic)


def is_decided(command: commands.AnyCommand) -> bool:
    """Whether the log is asked. What is said in a room of two is, since that has no other log."""
    if isinstance(command, _SAYING):
        return command.room.startswith("@")
    return not isinstance(command, _TELLING)


def given(
    replica: Replica,
    peer: Peer,
    command: commands.AnyCommand,
    proved: Credentials = NOTHING,
    place: str = "",
    head: int = 0,
) -> Given:
    """The command as it is to stand in the log: with no passphrase. `place` is where the peer comes
    from, `head` that of the room that it is about."""
    token, unconfirmed = "", True
    if isinstance(command, commands.Hello):
        token = secrets.token_urlsafe(24)
        unconfirmed = _is_unconfirmed(replica, command.resume)
        command = msgspec.structs.replace(command, passphrase=None)
    elif isinstance(command, commands.Passphrase):
        command = msgspec.structs.replace(command, text=None)
    return Given(
        peer=replica.number_of(peer),
        command=command,
        proved=proved,
        token=token,
        place=place,
        unconfirmed=unconfirmed,
        head=head,
    )


def _is_unconfirmed(replica: Replica, resume: str | None) -> bool:
    """Of the connection whose session that token takes over."""
    user = replica.hall.register.find(resume or "", lambda peer: True)
    if user is None or user.peer is None:
        return True
    return replica.hall.unconfirmed(user.peer)
