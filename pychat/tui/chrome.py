"""What stands around the log, from the mirror and what has not been sent. Pure."""

from math import ceil

from pychat.client import Client, Mirror, Outbox, Retry, RoomView
from pychat.protocol.names import fold
from pychat.tui import telling
from pychat.tui.drafts import Drafts
from pychat.tui.settings.schema import Notify
from pychat.tui.widgets.header import Tab
from pychat.tui.widgets.member_pane import ROWS, MemberRow
from pychat.tui.widgets.room_list import PlaceRow


def hall_title(mirror: Mirror) -> str:
    return mirror.hall or "Hall"


def place_title(mirror: Mirror) -> str:
    return hall_title(mirror) if mirror.open_room is None else f"#{mirror.open_room}"


def window_title(mirror: Mirror, notify: Notify) -> str:
    """`(@1 3) pychat — #general`: mentions and unread messages, of rooms that may call."""
    views = [view for view in mirror.rooms.values() if notify.level_of(view.name) != "none"]
    unread = sum(view.unread for view in views)
    mentions = sum(view.mentions for view in views)
    counts = " ".join(filter(None, (f"@{mentions}" * bool(mentions), str(unread or ""))))
    return f"({counts}) " * bool(counts) + f"pychat — {place_title(mirror)}"


def place_rows(mirror: Mirror, drafts: Drafts) -> list[PlaceRow]:
    """The Hall is number 0, a room's number is its place in the order of joining."""
    opened = mirror.open_room
    written = set(drafts.places()) - {opened}
    hall = PlaceRow(0, None, hall_title(mirror), open=opened is None, draft=None in written)
    return [
        hall,
        *(
            PlaceRow(
                number,
                view.name,
                f"#{view.name}",
                open=view.name == opened,
                unread=view.unread,
                mentions=view.mentions,
                draft=view.name in written,
                unsent=any(item.state in ("failed", "held") for item in view.outgoing),
            )
            for number, view in enumerate(mirror.rooms.values(), 1)
        ),
    ]


def tabs(rows: list[PlaceRow]) -> tuple[Tab, ...]:
    return tuple(Tab(row.number, row.unread, row.mentions) for row in rows if row.unread)


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


def trouble(client: Client) -> str:
    """Why there is no connection and what one can do; empty while there is one."""
    if client.state == "connected":
        return ""
    again = "F5 tries again" if client.state == "offline" else "F5 tries now"
    return f"{again} · {client.trouble}" if client.trouble else again


def waits_long(outbox: Outbox, now: int) -> str:
    """What the person is asked about what has waited too long; empty if nothing has."""
    held = outbox.held()
    if not held:
        return ""
    longest = telling.span(now - min(item.created for item in held))
    return f"{telling.messages(len(held))} waited {longest}:"


def next_unread(mirror: Mirror) -> str | None:
    """The first room that mentions me, else the first with anything unread, after the open one."""
    rooms = list(mirror.rooms.values())
    at = next((index for index, view in enumerate(rooms) if view.name == mirror.open_room), -1)
    after = [*rooms[at + 1 :], *rooms[: at + 1]]
    waiting = [view for view in after if view.mentions] or [view for view in after if view.unread]
    return waiting[0].name if waiting else None


def member_rows(view: RoomView, me: str, now: float) -> list[MemberRow]:
    """At most as many as the pane shows: me first, then who is here, then who is away."""
    typists = set(view.typists(now))
    rows = [
        MemberRow(member.name, member.name == me, member.away, member.name in typists)
        for member in view.members.values()
    ]
    rows.sort(key=lambda row: (not row.me, row.away, fold(row.name)))
    return rows[:ROWS]
