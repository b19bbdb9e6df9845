"""What happens in a room, as lines for people or for programs."""

import datetime
import json

import msgspec

from pychat.protocol import events
from pychat.protocol.replies import Message
from pychat.protocol.text import clean, clean_line

_INDENT = " " * 17
"""Under the time: a second line of a message cannot pose as another's message."""


def as_json(event: events.LoggedEvent | Message) -> str:
    """On one line. A message out of history has the `type` that it had when it was said.

    Of ASCII alone, so that nothing in it works on a terminal and no byte of it is lost.
    """
    fields = msgspec.to_builtins(event)
    if isinstance(event, Message):
        fields = {"type": "message", **fields}
    return json.dumps(fields)


def as_text(event: events.LoggedEvent | Message) -> str:
    """Cleaned; of several lines if the message is."""
    return f"{_moment(event.time)} {_sentence(event)}".replace("\n", f"\n{_INDENT}")


def _sentence(event: events.LoggedEvent | Message) -> str:
    sender = clean_line(event.sender)
    match event:
        case Message(deleted=True):
            return f"{sender}: (deleted)"
        case Message():
            mark = " (edited)" if event.edited is not None else ""
            return f"{sender}: {clean(event.text)}{mark}"
        case events.Message():
            return f"{sender}: {clean(event.text)}"
        case events.Edited():
            return f"* {sender} edited {event.target}: {clean(event.text)}"
        case events.Deleted():
            return f"* {sender} deleted {event.target}"
        case events.Reacted():
            emojis = clean_line(" ".join(event.emojis)) or "nothing any more"
            return f"* {sender} reacted to {event.target} with {emojis}"
        case events.Topic():
            return f"* {sender} set the topic: {clean_line(event.text) or '(none)'}"


def _moment(millis: int) -> str:
    try:
        moment = datetime.datetime.fromtimestamp(millis / 1000).astimezone()
    except (ValueError, OverflowError, OSError):
        # The wire allows years that no calendar of ours has.
        return "????-??-?? ??:??"
    return moment.strftime("%Y-%m-%d %H:%M")
