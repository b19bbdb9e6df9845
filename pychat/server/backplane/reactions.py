"""How many of a message's reactions are shown: as many as leave it well within a frame. Pure."""

import msgspec

from pychat.protocol import codec
from pychat.protocol import limits as wire
from pychat.protocol.replies import Message
from pychat.server import limits

Reactions = dict[str, list[str]]

_ENTRY_BYTES = 4 * max(wire.NAME_CHARS, wire.EMOJI_CHARS) + 8
"""Of JSON that one name, or one emoji with its list, may have at most."""


def bounded(message: Message) -> Message:
    """The message, with no more than REACTION_BYTES of reactions: the first of each emoji, and
    of the emojis the first."""
    reactions = message.reactions or {}
    entries = len(reactions) + sum(map(len, reactions.values()))
    if entries * _ENTRY_BYTES <= limits.REACTION_BYTES:
        return message
    if len(codec.encode(reactions)) <= limits.REACTION_BYTES:
        return message
    return msgspec.structs.replace(message, reactions=_first(reactions, limits.REACTION_BYTES))


def _first(reactions: Reactions, budget: int) -> Reactions:
    """A name of each emoji, then a second one of each, and so on as long as the bytes last."""
    shown: Reactions = {}
    size = len(b"{}")
    for turn in range(max(map(len, reactions.values()))):
        takes = [(emoji, names[turn]) for emoji, names in reactions.items() if turn < len(names)]
        for emoji, name in takes:
            size += len(codec.encode(name)) + len(b",")
            if turn == 0:
                size += len(codec.encode(emoji)) + len(b":[],")
            if size > budget:
                return shown
            shown.setdefault(emoji, []).append(name)
    return shown
