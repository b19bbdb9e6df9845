"""Who comes, goes and changes, worked into a room. Idempotent: `presence` may repeat `joined`."""

from pychat.client.changes import Changes, Note
from pychat.client.room_view import RoomView
from pychat.protocol import events, limits, replies


def sent_out(event: events.Presence, me: str) -> str | None:
    """By whom and why, if the event says that I was sent out of the room."""
    if any(member.name == me for member in event.joined):
        return None
    for parting in event.left:
        if parting.name == me and parting.reason.startswith(limits.REMOVED):
            return parting.reason
    return None


def come(view: RoomView, member: replies.Member, changes: Changes, *, me: bool) -> None:
    known = view.members.get(member.name)
    if known == member:
        return
    view.members[member.name] = member
    changes.members.add(view.name)
    # Where not all members are known, one who was counted may seem new; the next page of
    # members sets the number right.
    if known is None and not me:
        view.count += 1
        changes.note(view.name, Note(kind="joined", name=member.name))


def part(view: RoomView, parting: events.Parting, changes: Changes) -> None:
    known = view.members.pop(parting.name, None)
    if known is None and view.count <= len(view.members):
        return
    view.count = max(view.count - 1, len(view.members))
    changes.members.add(view.name)
    changes.note(view.name, Note(kind="left", name=parting.name, text=parting.reason))
    if view.typing.pop(parting.name, None) is not None:
        changes.typing.add(view.name)


def change(view: RoomView, changed: list[events.Change], changes: Changes) -> None:
    """All at once, since two may have changed names with each other."""
    befores = [(event, view.members.get(event.name)) for event in changed]
    fresh = [(event, known) for event, known in befores if not _is_known(view, event, known)]
    renamed = {event.name for event, _ in fresh if event.name != event.member.name}
    for name in renamed:
        view.members.pop(name, None)
    typing = view.typing
    view.typing = {name: until for name, until in typing.items() if name not in renamed}
    for event, known in fresh:
        name = event.member.name
        if event.name != name and (known is not None or name not in view.members):
            changes.note(view.name, Note(kind="renamed", name=event.name, text=name))
        if known is not None and known.away != event.member.away:
            note = Note(kind="away" if event.member.away else "back", name=name)
            changes.note(view.name, note)
        if known is not None and known.role != event.member.role:
            changes.note(view.name, Note(kind="role", name=name, text=event.member.role))
        if event.name in renamed and event.name in typing:
            view.typing[name] = typing[event.name]
            changes.typing.add(view.name)
        view.members[name] = event.member
        changes.members.add(view.name)
    view.count = max(view.count, len(view.members))


def _is_known(view: RoomView, event: events.Change, known: replies.Member | None) -> bool:
    if known is None:
        return view.members.get(event.member.name) == event.member
    return known == event.member
