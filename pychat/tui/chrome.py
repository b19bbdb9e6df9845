"""What stands around the log, from the mirror and what has not been sent. Pure."""

from pychat.client import Mirror, RoomView
from pychat.protocol.names import fold
from pychat.tui.drafts import Drafts, Outbox
from pychat.tui.widgets.header import Tab
from pychat.tui.widgets.member_pane import ROWS, MemberRow
from pychat.tui.widgets.room_list import PlaceRow


def hall_title(mirror: Mirror) -> str:
    return mirror.hall or "Hall"


def place_title(mirror: Mirror) -> str:
    return hall_title(mirror) if mirror.open_room is None else f"#{mirror.open_room}"


def place_rows(mirror: Mirror, drafts: Drafts, outbox: Outbox) -> list[PlaceRow]:
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
                unsent=any(outgoing.fault for outgoing in outbox.of(view.name)),
            )
            for number, view in enumerate(mirror.rooms.values(), 1)
        ),
    ]


def tabs(rows: list[PlaceRow]) -> tuple[Tab, ...]:
    return tuple(Tab(row.number, row.unread, row.mentions) for row in rows if row.unread)


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
