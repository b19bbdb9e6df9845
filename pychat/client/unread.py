"""Up to where a room was read when one comes into it, or by another program; what is unread then.
Pure; the mirror is who calls it."""

from typing import TYPE_CHECKING

from pychat.client.changes import Changes
from pychat.client.room_view import RoomView
from pychat.protocol import commands, names, replies

if TYPE_CHECKING:
    from pychat.client.mirror import Mirror


def read_before(
    mirror: "Mirror", joined: replies.Joined, asked: commands.Join, *, fresh: bool
) -> int | None:
    """Up to where I had read before I joined; None where everything there counts as read.

    What somebody said to me alone is unread until I have seen it.
    """
    if not fresh or asked.after is not None:
        return asked.after
    known = [joined.read, mirror.marks.get(names.fold(joined.room))]
    if joined.room.startswith("@"):
        known.append(0)
    return max((mark for mark in known if mark is not None), default=None)


def begin_anew(
    mirror: "Mirror", view: RoomView, joined: replies.Joined, after: int | None, *, fresh: bool
) -> None:
    """With the newest page. `after` is what `read_before` tells."""
    known = joined.seq if fresh else view.head
    since = known if after is None else after
    view.load(joined)
    if fresh:
        view.last_read = since
    view.last_read = min(view.last_read, view.head)
    if view.name == mirror.open_room and mirror.watched:
        view.last_read = view.head
        return
    newer = _count_after(mirror, view, since)
    # Nobody can tell who said those that the page has no room for.
    view.unread += max(0, joined.missed - newer)


def read_elsewhere(mirror: "Mirror", view: RoomView, seq: int, changes: Changes) -> None:
    """Another program of mine has read the room up to there. Unread messages that are not loaded
    stay so until it has passed them all."""
    if seq <= view.last_read:
        return
    view.last_read = min(seq, view.head)
    changes.rooms = True
    if seq + 1 >= view.loaded_from:
        view.unread = view.mentions = 0
        _count_after(mirror, view, seq)


def _count_after(mirror: "Mirror", view: RoomView, seq: int) -> int:
    """As unread what others have said since; how many messages there are since, mine too."""
    newer = [message for message in view.messages if message.seq > seq]
    for message in newer:
        if not mirror.me.is_called(message.sender):
            mirror.count_unread(view, message)
    return len(newer)
