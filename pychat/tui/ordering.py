"""The orders of owners and operators, carried out; for the screen and for lines.

Whatever the Hall refuses, and a connection that ends, is raised to the caller.
"""

from collections.abc import Sequence
from typing import assert_never

from pychat.client import Client, CommandError, RoomView
from pychat.protocol import replies
from pychat.tui import moderating, telling


async def carry_out(
    client: Client, view: RoomView | None, order: moderating.Command, now: int
) -> list[str]:
    """What was done, in lines; `now` in milliseconds. Raises CommandError."""
    if view is None:
        raise CommandError("not-in-room", "you are in no room here; go into the one you mean first")
    room, power = view.name, client.moderation
    match order:
        case moderating.Kick(name=name, reason=reason):
            await power.kick(room, name, reason or None)
            return [f"{name} is out of #{room}."]
        case moderating.Sanction(what=what, name=name, seconds=seconds, reason=reason):
            impose = power.ban if what == "ban" else power.mute
            await impose(room, name, seconds=seconds, reason=reason or None)
            lasts = f" for {telling.span(1000 * seconds)}" if seconds is not None else ""
            done, undo = _WORDS[what]
            return [f"{name} is {done} in #{room}{lasts}; /{undo} {name} ends it."]
        case moderating.Lift(what=what, name=name):
            await (power.unban if what == "ban" else power.unmute)(room, name)
            return [f"{name} is not {_WORDS[what][0]} in #{room} any more."]
        case moderating.Sanctions():
            return _sanctions(await power.bans(room), now)
        case moderating.Appoint(name=name, role=role):
            await power.appoint(room, name, role)
            return [f"{name} is {telling.a_role(role)} of #{room} now."]
        case moderating.Invite(name=name):
            await power.invite(room, name)
            return [f"{name} may come into #{room} and has been told so."]
        case moderating.Settings():
            return await _set(client, view, order)
        case _:
            assert_never(order)


_WORDS = {"ban": ("banned", "unban"), "mute": ("silenced", "unsilence")}


async def _set(client: Client, view: RoomView, order: moderating.Settings) -> list[str]:
    if order != moderating.Settings():
        await client.moderation.change(
            view.name,
            kind=order.kind,
            slow=order.slow,
            topic=order.topic,
            history=order.history,
        )
    return [f"#{view.name}: {telling.settings(view.settings)}."]


def _sanctions(bans: replies.Bans, now: int) -> list[str]:
    lines = [
        *_listed("banned", bans.bans, now),
        *_listed("silenced", bans.mutes, now),
    ]
    return lines or ["Nobody is banned or silenced here."]


def _listed(what: str, sanctions: Sequence[replies.Sanction], now: int) -> list[str]:
    lines = []
    for each in sanctions:
        lasts = "for good" if each.until is None else f"for {telling.span(each.until - now)} more"
        why = f": {each.reason}" if each.reason else ""
        lines.append(f"{each.name} is {what} {lasts}, by {each.by}{why}")
    return lines
