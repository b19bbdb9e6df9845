"""From a room's log to its messages as they stand: the same fold for the server and the client."""

from pychat.protocol import events
from pychat.protocol.names import fold
from pychat.protocol.replies import Message


def message_of(event: events.Message) -> Message:
    """The message as it was when it was said."""
    return Message(
        room=event.room,
        seq=event.seq,
        time=event.time,
        sender=event.sender,
        text=event.text,
        reply_to=event.reply_to,
        mentions=event.mentions,
    )


def apply(message: Message, event: events.LoggedEvent) -> None:
    """Work an event whose target is this message into it. What is deleted stays deleted."""
    if message.deleted:
        return
    match event:
        case events.Edited():
            message.text = event.text
            message.edited = event.time
            message.mentions = event.mentions
        case events.Deleted():
            message.deleted = True
            message.text = ""
            message.reactions = message.mentions = None
        case events.Reacted():
            chosen = _with_choice(message.reactions or {}, event.sender, event.emojis)
            message.reactions = chosen or None
        case _:
            pass


def _with_choice(
    reactions: dict[str, list[str]], sender: str, emojis: list[str]
) -> dict[str, list[str]]:
    # A person may write the name in another case since.
    key = fold(sender)
    mine = {name for name in set().union(*reactions.values()) if fold(name) == key}
    chosen = {
        emoji: [name for name in names if emoji in emojis or name not in mine]
        for emoji, names in reactions.items()
    }
    for emoji in emojis:
        names = chosen.setdefault(emoji, [])
        if mine.isdisjoint(names):
            names.append(sender)
            mine.add(sender)
    return {emoji: names for emoji, names in chosen.items() if names}
