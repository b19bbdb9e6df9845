"""What settings mean to the server's parts, and what of a change can hold at once."""

import msgspec

from pychat.protocol import names
from pychat.server import limits
from pychat.server.access import Access
from pychat.server.backplane.interface import Retention
from pychat.server.deadlines import Deadlines
from pychat.server.flood import FloodLimits
from pychat.server.settings.schema import Option, Settings, Value, options

_DAY = 24 * 3600 * 1000
"""Milliseconds."""


class Change(msgspec.Struct, frozen=True):
    """A setting that is no longer as it was."""

    option: Option
    before: Value
    after: Value


def value_of(settings: Settings, option: Option) -> Value:
    value: Value = getattr(getattr(settings, option.section), option.field)
    return value


def changes(before: Settings, after: Settings) -> list[Change]:
    pairs = ((each, value_of(before, each), value_of(after, each)) for each in options().values())
    return [Change(*pair) for pair in pairs if pair[1] != pair[2]]


def without(settings: Settings, held_back: list[Change]) -> Settings:
    """The settings as if some of their changes had not been made."""
    kept: dict[str, dict[str, Value]] = msgspec.to_builtins(settings)
    for change in held_back:
        kept[change.option.section][change.option.field] = change.before
    return msgspec.convert(kept, Settings)


def adopt(settings: Settings) -> None:
    """The operator's bounds take the place of the defaults in `limits`, for the whole process."""
    for option in options().values():
        if option.bound is not None:
            setattr(limits, option.bound, value_of(settings, option))
    limits.DIRECT_ENTRIES = 4 * limits.DIRECT_MESSAGES
    limits.PASSING_BACKLOG_BYTES = limits.BACKLOG_BYTES // 2
    limits.UNREAD_REPLIES_BYTES = limits.BACKLOG_BYTES // 4


def access(settings: Settings) -> Access:
    told = settings.access
    return Access(
        password=told.password or None,
        guests=told.guests,
        invite_only=told.invite_only,
        allowed_names=frozenset(map(names.fold, told.allowed_names)),
        allowed_keys=frozenset(told.allowed_keys),
    )


def operators(settings: Settings) -> frozenset[str]:
    """Names, folded."""
    return frozenset(map(names.fold, settings.access.operators))


def deadlines(settings: Settings) -> Deadlines:
    due = settings.deadlines
    return Deadlines(
        login=due.login,
        frame=due.frame,
        silence=due.silence,
        dead=due.dead,
        backlog=due.backlog_time,
    )


def flood(settings: Settings) -> FloodLimits | None:
    told = settings.flood
    return FloodLimits(told.burst, told.rate) if told.control else None


def retention(settings: Settings) -> Retention:
    """0 stands for no bound."""
    keep = settings.keep
    return Retention(max_age=keep.days * _DAY or None, max_messages=keep.messages or None)
