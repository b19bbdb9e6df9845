"""The commands of owners and operators: who may be in a room, and who may say what. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from pychat.protocol import limits, names
from pychat.protocol.errors import Refused
from pychat.tui.spelling import Spelling

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN = re.compile(r"([0-9]{1,6})([smhd])\Z")


class Order(msgspec.Struct, frozen=True):
    """What all of them are, for who tells them from other commands. Each is for the open room."""


class Kick(Order, frozen=True):
    name: str
    reason: str = ""


class Sanction(Order, frozen=True):
    what: Literal["ban", "mute"]
    name: str
    seconds: int | None = None
    """None: for good."""
    reason: str = ""


class Lift(Order, frozen=True):
    what: Literal["ban", "mute"]
    name: str


class Sanctions(Order, frozen=True):
    """To be told who is banned and muted."""


class Appoint(Order, frozen=True):
    name: str
    role: Literal["owner", "operator", "member"]


class Invite(Order, frozen=True):
    name: str


class Settings(Order, frozen=True):
    """Without any of them: to be told."""

    kind: Literal["public", "unlisted", "locked"] | None = None
    slow: int | None = None
    """Seconds."""
    topic: Literal["member", "operator"] | None = None
    history: bool | None = None


Command = Kick | Sanction | Lift | Sanctions | Appoint | Invite | Settings

SPELLINGS = {
    "invite": Spelling("/invite NAME", "let somebody into this room once", takes="person"),
    "kick": Spelling("/kick NAME [REASON]", "send somebody out of this room", takes="person"),
    "ban": Spelling("/ban NAME [8h] [REASON]", "and not let them in again", takes="person"),
    "unban": Spelling("/unban NAME", "let them in again", takes="person"),
    "silence": Spelling("/silence NAME [30m] [REASON]", "they may only read", takes="person"),
    "unsilence": Spelling("/unsilence NAME", "they may write again", takes="person"),
    "bans": Spelling("/bans", "who is banned and silenced here"),
    "op": Spelling("/op NAME", "make somebody an operator of this room", takes="person"),
    "deop": Spelling("/deop NAME", "make them a member again", takes="person"),
    "owner": Spelling("/owner NAME", "make somebody an owner of this room", takes="person"),
    "slow": Spelling("/slow [30s|off]", "one message of each member in that time"),
    "lock": Spelling("/lock", "only those who are invited may come in"),
    "unlock": Spelling("/unlock", "anybody may"),
    "room": Spelling(
        "/room [unlisted|public|topic…|history…]",
        "how this room is set; topic operator|member, history on|off",
    ),
}


def _name(written: str) -> str:
    return names.check_name(written.removeprefix("@"))


def seconds(written: str) -> int | None:
    """Of `30s`, `10m`, `8h` or `2d`; None if it is no such time."""
    span = _SPAN.match(written.lower())
    return int(span[1]) * _UNITS[span[2]] if span else None


def _named(rest: str) -> tuple[str, str]:
    name, _, more = rest.partition(" ")
    return _name(name), more.strip()


def _kick(rest: str) -> Kick | None:
    return Kick(*_named(rest)) if rest else None


def _sanction(what: Literal["ban", "mute"]) -> Callable[[str], Sanction | None]:
    def read(rest: str) -> Sanction | None:
        if not rest:
            return None
        name, more = _named(rest)
        first, _, reason = more.partition(" ")
        lasts = seconds(first)
        if lasts is None:
            return Sanction(what, name, None, more)
        if not 1 <= lasts <= limits.SANCTION_SECONDS:
            raise Refused("bad-request", "that lasts from 1s to 3660d, or without a time for good")
        return Sanction(what, name, lasts, reason.strip())

    return read


def _lift(what: Literal["ban", "mute"]) -> Callable[[str], Lift | None]:
    return lambda rest: Lift(what, _name(rest)) if rest else None


def _appoint(role: Literal["owner", "operator", "member"]) -> Callable[[str], Appoint | None]:
    return lambda rest: Appoint(_name(rest), role) if rest else None


def _alone(order: Command) -> Callable[[str], Command]:
    """Of a command that nothing follows."""

    def read(rest: str) -> Command:
        if rest:
            raise Refused("bad-request", f"nothing follows it, and here {rest[:30]!r} does")
        return order

    return read


def _slow(rest: str) -> Settings | None:
    if not rest:
        return None
    # A number alone is what others call it: seconds.
    slow = 0 if rest.lower() == "off" else seconds(f"{rest}s" if rest.isdecimal() else rest)
    if slow is None or not 0 <= slow <= limits.SLOW_SECONDS:
        raise Refused("bad-request", f"{rest[:30]!r} is no time from 1s to 24h, and not off")
    return Settings(slow=slow)


_WORDS = {
    "public": Settings(kind="public"),
    "unlisted": Settings(kind="unlisted"),
    "locked": Settings(kind="locked"),
    "topic operator": Settings(topic="operator"),
    "topic member": Settings(topic="member"),
    "history on": Settings(history=True),
    "history off": Settings(history=False),
    "": Settings(),
}


def _room(rest: str) -> Settings:
    order = _WORDS.get(" ".join(rest.lower().split()))
    if order is None:
        raise Refused("bad-request", f"{rest[:30]!r} is nothing that a room can be")
    return order


READERS: Mapping[str, Callable[[str], Command | None]] = {
    "invite": lambda rest: Invite(_name(rest)) if rest else None,
    "kick": _kick,
    "ban": _sanction("ban"),
    "unban": _lift("ban"),
    "silence": _sanction("mute"),
    "unsilence": _lift("mute"),
    "bans": _alone(Sanctions()),
    "op": _appoint("operator"),
    "deop": _appoint("member"),
    "owner": _appoint("owner"),
    "slow": _slow,
    "lock": _alone(Settings(kind="locked")),
    "unlock": _alone(Settings(kind="public")),
    "room": _room,
}
