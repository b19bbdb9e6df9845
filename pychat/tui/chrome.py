"""What stands around the log, from the mirror and what has not been sent. Pure."""

from collections.abc import Container, Mapping, Sequence
from math import ceil

from pychat.client import Client, Mirror, Outbox, Retry, RoomView
from pychat.protocol.names import fold, is_durable
from pychat.tui import telling
from pychat.tui.drafts import Drafts, Place
from pychat.tui.hushed import Hushed
from pychat.tui.keymap import Keymap
from pychat.tui.settings.schema import Notify
from pychat.tui.widgets.header import Tab
from pychat.tui.widgets.member_pane import ROWS, MemberRow
from pychat.tui.widgets.room_list import PlaceRow, Presence


def hall_title(mirror: Mirror) -> str:
    return mirror.hall or "Hall"


def place_name(view: RoomView) -> str:
    """One that I share with somebody is called by their name of now."""
    return f"#{view.name}" if view.direct is None else f"@{view.direct}"


def place_title(mirror: Mirror) -> str:
    view = mirror.rooms.get(mirror.open_room or "")
    return hall_title(mirror) if view is None else place_name(view)


def window_title(mirror: Mirror, notify: Notify, hushed: Hushed) -> str:
    """`(@1 3) pychat — #general`: mentions and unread messages, of rooms that may call."""
    views = [view for view in mirror.rooms.values() if notify.level_of(view.name) != "none"]
    waiting = [waits(view, hushed) for view in views]
    unread = sum(each for each, _ in waiting)
    mentions = sum(each for _, each in waiting)
    counts = " ".join(filter(None, (f"@{mentions}" * bool(mentions), str(unread or ""))))
    return f"({counts}) " * bool(counts) + f"pychat — {place_title(mirror)}"


def waits(view: RoomView, hushed: Hushed) -> tuple[int, int]:
    """How many messages of a room are unread, and how many of those are for me, as they count."""
    if not hushed.mutes(view.name):
        return view.unread, view.mentions
    return 0, 0 if view.direct is not None else view.mentions


def places(mirror: Mirror, numbers: Mapping[str, int]) -> list[Place]:
    """In the order in which they are listed: the Hall, rooms, and those for two people."""
    views = sorted(
        mirror.rooms.values(), key=lambda view: (view.direct is not None, numbers[view.name])
    )
    return [None, *(view.name for view in views)]


def place_rows(
    mirror: Mirror, drafts: Drafts, numbers: Mapping[str, int], hushed: Hushed
) -> list[PlaceRow]:
    opened = mirror.open_room
    written = set(drafts.places()) - {opened}
    hall = PlaceRow(0, None, hall_title(mirror), open=opened is None, draft=None in written)
    rows = [hall]
    for room in places(mirror, numbers)[1:]:
        view = mirror.rooms[room or ""]
        unread, mentions = waits(view, hushed)
        rows.append(
            PlaceRow(
                numbers[view.name],
                view.name,
                view.direct or f"#{view.name}",
                open=view.name == opened,
                unread=unread,
                # Whatever is said there is said to me.
                mentions=mentions if view.direct is None else 0,
                muted=hushed.mutes(view.name),
                presence=presence(view),
                draft=view.name in written,
                unsent=any(item.state in ("failed", "held") for item in view.outgoing),
            )
        )
    return rows


def presence(view: RoomView) -> Presence:
    """Of whom I share the room with; empty if it is one for everybody."""
    if view.direct is None:
        return ""
    other = view.members.get(view.direct)
    if other is None:
        return "gone"
    return "away" if other.away else "here"


def about(view: RoomView) -> str:
    """What stands beside the room's name: its topic, or who hears what is said there."""
    match presence(view):
        case "":
            return view.topic
        case "gone" if is_durable(view.name):
            return f"{view.direct} is not here, and finds this on coming back; nobody else reads it"
        case "gone":
            return f"{view.direct} has left the Hall: nothing more can be said here"
        case "away":
            return f"only you and {view.direct}, who is away, read this"
        case "here":
            return f"only you and {view.direct} read this"


def tabs(rows: list[PlaceRow]) -> tuple[Tab, ...]:
    # Below the end of what is seen here, a line of its own tells what is new.
    waiting = [row for row in rows if (row.unread or row.mentions) and not row.open]
    return tuple(Tab(row.number, row.unread, row.mentions) for row in waiting)


def connection_words(state: str, retry: Retry | None, now: float) -> tuple[str, ...]:
    """The same, from long to short. `now` is by the clock of the retry."""
    if state != "connecting":
        return (state,)
    if retry is None or retry.due <= now:
        tried = f" · {telling.ordinal(retry.attempt)} try…" if retry is not None else "…"
        return (f"reconnecting{tried}", "reconnecting…")
    seconds = ceil(retry.due - now)
    attempt = telling.ordinal(retry.attempt)
    return (
        f"reconnecting · {attempt} try in {seconds} s",
        f"reconnecting in {seconds} s",
        "reconnecting…",
    )


def trouble(client: Client, keymap: Keymap) -> str:
    """Why there is no connection and what one can do; empty while there is one."""
    if client.state == "connected":
        return ""
    key = keymap.way("reconnect", "/reconnect")
    again = f"{key} tries again" if client.state == "offline" else f"{key} tries now"
    return f"{again} · {client.trouble}" if client.trouble else again


def keeps_order(mirror: Mirror, room: str) -> bool:
    """Whether I may do there what members may not, as far as I know; the Hall decides."""
    view = mirror.rooms.get(room)
    if view is None or view.direct is not None:
        return False
    me = view.members.get(mirror.name)
    return mirror.role == "operator" or (me is not None and me.role in ("owner", "operator"))


def patience(view: RoomView, now: float) -> str:
    """In a slow room: how long it is until one may say the next thing; empty if one may."""
    if view.quiet_until <= now:
        return ""
    return f"this room is slow: you may write again in {ceil(view.quiet_until - now)} s"


def waits_long(outbox: Outbox, now: int) -> str:
    """What the person is asked about what has waited too long; empty if nothing has."""
    held = outbox.held()
    if not held:
        return ""
    longest = telling.span(now - min(item.created for item in held))
    return f"{telling.messages(len(held))} waited {longest}:"


def next_waiting(
    mirror: Mirror, places: Sequence[Place], hushed: Hushed, seen: Container[str] = ()
) -> str | None:
    """The first room after the open one with something for me, else with anything unread, but for
    those that were `seen`; None if nothing waits."""
    at = places.index(mirror.open_room)
    others = [place for place in (*places[at + 1 :], *places[:at]) if place and place not in seen]
    views = [mirror.rooms[place] for place in others]
    counts = [(view.name, *waits(view, hushed)) for view in views]
    mentions = [name for name, _, mentions in counts if mentions]
    unread = [name for name, unread, _ in counts if unread]
    return next(iter(mentions + unread), None)


def member_rows(view: RoomView, me: str, now: float) -> list[MemberRow]:
    """At most as many as the pane shows: me first, then who is here, then who is away."""
    typists = set(view.typists(now))
    rows = [
        MemberRow(
            member.name,
            me=member.name == me,
            away=member.away,
            typing=member.name in typists,
            role=member.role,
            verified=member.verified,
        )
        for member in view.members.values()
    ]
    rows.sort(key=lambda row: (not row.me, row.away, fold(row.name)))
    return rows[:ROWS]
