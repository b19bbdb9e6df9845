"""What Ctrl+K offers: my places, what waits in them first; then other rooms, and people. Pure."""

from collections.abc import Iterable, Sequence

from textual.fuzzy import FuzzySearch

from pychat.client import Mirror
from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.protocol.replies import RoomInfo
from pychat.tui import naming, telling
from pychat.tui.drafts import Place
from pychat.tui.screens.pick import Choice
from pychat.tui.widgets.room_list import MARKS, PlaceRow

PEOPLE = 2_000
"""Among whom is chosen; at each key all of them are looked at."""


def mine(rows: Iterable[PlaceRow], recent: Sequence[Place]) -> list[Choice]:
    """What is for me first, then what is unread, then where I was last; the open place last."""
    order = {place: at for at, place in enumerate(recent)}
    ranked = sorted(
        rows,
        key=lambda row: (
            row.open,
            not (row.mentions or (row.presence and row.unread)),
            not row.unread,
            order.get(row.room, len(order)),
            row.number,
        ),
    )
    return [
        Choice(row.room, f"{'@' if row.presence else ''}{row.title}", _detail(row))
        for row in ranked
    ]


def _detail(row: PlaceRow) -> str:
    parts = [
        MARKS[row.presence].strip(),
        f"@{row.mentions}" if row.mentions else "",
        f"{row.unread} unread" if row.unread else "",
        "muted" if row.muted else "",
        "✎" if row.draft else "",
        "!" if row.unsent else "",
        "here" if row.open else "",
    ]
    return " ".join(filter(None, parts))


def others(mirror: Mirror, rooms: Iterable[RoomInfo]) -> list[Choice]:
    """Rooms that I am not in, and people whom I have no room with: Enter goes there, too."""
    strange = [room for room in rooms if mirror.room(room.name) is None]
    strange.sort(key=lambda room: -room.members)
    known = {view.direct for view in mirror.rooms.values() if view.direct is not None}
    people = {
        name: member for view in mirror.rooms.values() for name, member in view.members.items()
    }
    met = sorted(people.keys() - known - {mirror.name}, key=names.fold)[:PEOPLE]
    return [
        *(
            Choice(room.name, f"#{room.name}", f"{telling.people(room.members)}", room.topic)
            for room in strange
        ),
        *(
            Choice(f"@{name}", f"@{name}", MARKS["away" if people[name].away else "here"].strip())
            for name in met
        ),
    ]


def narrowed(choices: Sequence[Choice], typed: str, search: FuzzySearch) -> list[Choice]:
    """Those that fit, the best first; `#` and `@` are for rooms and people alone."""
    sign, query = typed[:1], typed.strip().lstrip("#@")
    if sign in ("#", "@"):
        choices = [choice for choice in choices if choice.title.startswith(sign)]
    if not query:
        return list(choices)
    scored = [(_score(choice.title.lstrip("#@"), query, search), choice) for choice in choices]
    return [choice for score, choice in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def _score(title: str, query: str, search: FuzzySearch) -> float:
    if names.fold(title) == names.fold(query):
        return float("inf")
    return search.match(query, title)[0]


def new_place(typed: str) -> tuple[Place, str]:
    """Where Enter leads when nothing fits, and the sentence that says so; None: nowhere."""
    name = typed.strip().lstrip("#@")
    try:
        if typed.startswith("@"):
            name = names.check_name(name)
            return f"@{name}", f"Enter writes to {name}, if there is one of that name."
        name = names.check_room(name)
    except Refused:
        rules = naming.RULES if typed.startswith("@") else naming.ROOM_RULES
        return None, f"Nothing like {typed.strip()!r}. {rules}"
    return name, f"Nothing like it. Enter makes the room #{name}."
