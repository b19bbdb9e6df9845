"""A room as Markdown for people. What others said is text in it and nothing else.

Each message is one paragraph of one list item, with all its lines, so that none can pose as
another's message, a heading or markup of any kind.
"""

import datetime
import re
from collections.abc import Callable, Iterator

from pychat.protocol.replies import Message
from pychat.protocol.text import clean, clean_line

_INLINE = re.compile(r"([\\`*_\[\]<>&|~#$])")
# What makes a list, a heading or a table where a line begins with it.
_LEADING = re.compile(r"^(\d{0,9})([-+=:.)])")
_INDENT = re.compile("^[ \t]+")
_BREAK = "\\\n  "

Find = Callable[[int], Message | None]
"""The message at a position."""


def document(room: str, topic: str, messages: Iterator[Message], find: Find) -> Iterator[str]:
    """The whole document in pieces. Times are those of this machine."""
    yield f"# {_line(room)}\n"
    if topic:
        yield f"\n{_text(clean_line(topic))}\n"
    day = ""
    for message in messages:
        today, clock = _moment(message.time)
        if today != day:
            day = today
            yield f"\n## {day}\n\n"
        yield f"- {_item(message, clock, find)}\n"


def _item(message: Message, clock: str, find: Find) -> str:
    head = f"**{_line(message.sender)}** {clock}"
    if message.reply_to is not None:
        answered = find(message.reply_to)
        if answered:
            head += f" (answering **{_line(answered.sender)}** {_moment(answered.time)[1]})"
    if message.deleted:
        return f"{head}: *deleted*"
    text = f"{head}: {_text(clean(message.text))}"
    if message.edited is not None:
        text += " *(edited)*"
    if message.reactions:
        chosen = (f"{_line(emoji)} {len(names)}" for emoji, names in message.reactions.items())
        text += f"{_BREAK}*{', '.join(chosen)}*"
    return text


def _text(cleaned: str) -> str:
    return _BREAK.join(_escape(line) for line in cleaned.split("\n"))


def _line(text: str) -> str:
    return _escape(clean_line(text))


def _escape(line: str) -> str:
    # Blanks at the beginning would make it code, and an empty line would end the paragraph.
    line = _INDENT.sub(lambda found: "\xa0" * len(found[0].expandtabs(4)), line).rstrip()
    line = _LEADING.sub(r"\1\\\2", _INLINE.sub(r"\\\1", line))
    return line or "\xa0"


def _moment(millis: int) -> tuple[str, str]:
    """Day and time of day."""
    try:
        moment = datetime.datetime.fromtimestamp(millis / 1000).astimezone()
    except (ValueError, OverflowError, OSError):
        # The wire allows years that no calendar of ours has.
        return "????-??-??", "??:??"
    return moment.strftime("%Y-%m-%d"), moment.strftime("%H:%M")
