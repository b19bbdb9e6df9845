"""Commands about one message, as they are written: `/reply`, `/edit`, `/react` and the like. Pure.

A message is named by its number, its `seq`; without one the last is meant.
"""

from collections.abc import Callable
from datetime import date
from typing import Literal

import msgspec

from pychat.protocol import limits
from pychat.protocol.errors import Refused
from pychat.tui.spelling import Spelling

ACTION = "/me "
"""A text that begins so tells what its sender does."""


class Act(msgspec.Struct, frozen=True):
    """What all of them are, for who tells them from other commands."""


class Reply(Act, frozen=True):
    text: str = ""
    """Empty: it is still to be written."""
    target: int | None = None


class Edit(Act, frozen=True):
    text: str = ""
    """Empty: what there is comes into the composer."""
    target: int | None = None
    """None: the last of mine. So for Delete."""


class Delete(Act, frozen=True):
    target: int | None = None


class React(Act, frozen=True):
    emoji: str = ""
    """As it was written, or by its name; empty: to be chosen."""
    target: int | None = None


class Copy(Act, frozen=True):
    what: Literal["message", "code", "link"] = "message"
    target: int | None = None


class Open(Act, frozen=True):
    """A link: the newest is number 1. Without a number one is asked."""

    number: int | None = None


class GoTo(Act, frozen=True):
    where: int | date


Command = Reply | Edit | Delete | React | Copy | Open | GoTo


def number(word: str) -> int | None:
    word = word.removeprefix("#")
    if not (word.isascii() and word.isdigit() and len(word) <= len(str(limits.MAX_INTEGER))):
        return None
    return min(int(word), limits.MAX_INTEGER)


def _target(rest: str) -> tuple[int | None, str]:
    """A number that something follows is a message's; one that stands alone is what is said."""
    word, _, text = rest.partition(" ")
    target = number(word)
    return (target, text.strip()) if target is not None and text.strip() else (None, rest)


def _reply(rest: str) -> Reply:
    target, text = _target(rest)
    return Reply(text, target)


def _edit(rest: str) -> Edit:
    target, text = _target(rest)
    return Edit(text, target)


def _delete(rest: str) -> Delete:
    target = number(rest)
    if rest and target is None:
        raise Refused("bad-request", "a message is named by its number, which its info shows")
    return Delete(target)


def _react(rest: str) -> React:
    target, emoji = _target(rest)
    return React(emoji, target)


def _copy(rest: str) -> Copy | None:
    word = rest.lower()
    if word in ("code", "link"):
        return Copy("code" if word == "code" else "link")
    target = number(rest)
    return Copy("message", target) if target is not None or not rest else None


def _open(rest: str) -> Open | None:
    return Open(number(rest)) if not rest or number(rest) else None


def _go_to(rest: str) -> GoTo | None:
    target = number(rest)
    if target is not None or not rest:
        return GoTo(target) if target is not None else None
    try:
        return GoTo(date.fromisoformat(rest))
    except ValueError:
        raise Refused("bad-request", f"{rest[:30]!r} is no day like 2026-11-20") from None


SPELLINGS = {
    "reply": Spelling("/reply [ID] [TEXT]", "answer a message; the last without its number"),
    "edit": Spelling("/edit [ID] [TEXT]", "say it better; without a number my last message"),
    "delete": Spelling("/delete [ID]", "take a message of mine back"),
    "react": Spelling("/react [ID] EMOJI", "react to a message, or take that back"),
    "me": Spelling("/me TEXT", "say what you are doing"),
    "say": Spelling("/say TEXT", "say it as it is, slash and all"),
    "shrug": Spelling("/shrug [TEXT]", "with a shrug"),
    "copy": Spelling("/copy [ID|code|link]", "copy a message, or the last code or link"),
    "open": Spelling("/open [N]", "open the last link, or the Nth before, in the browser"),
    "goto": Spelling("/goto DATE|ID", "go to a day like 2026-11-20, or to a message"),
}

READERS: dict[str, Callable[[str], Command | None]] = {
    "reply": _reply,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "copy": _copy,
    "open": _open,
    "goto": _go_to,
}


SHRUG = r"¯\\\_(ツ)\_/¯"
"""With its marks escaped, so that none of it is Markdown."""

SAYINGS: dict[str, Callable[[str], str]] = {
    "me": lambda rest: f"{ACTION}{rest}" if rest else "",
    "say": lambda rest: rest,
    "shrug": lambda rest: f"{rest} {SHRUG}".lstrip(),
}
"""What is said; nothing if something is missing."""
