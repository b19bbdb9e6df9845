"""How far the streams of rooms are, as NATS has them: by that a room knows what it has missed, also
where nothing comes any more that would show it."""

import logging
from collections.abc import Iterable, Sequence

from pychat.server.backplane.jetstream import stored
from pychat.server.backplane.jetstream.followed_room import FollowedRoom
from pychat.server.backplane.jetstream.link import Link, LinkError

_log = logging.getLogger("pychat.cluster")


async def compare(link: Link, rooms: Iterable[FollowedRoom]) -> None:
    """Each room needs what its stream has. What cannot be looked at is left for the next look."""
    wanted: dict[str, list[FollowedRoom]] = {}
    for room in rooms:
        wanted.setdefault(room.place.stream, []).append(room)
    for stream, together in wanted.items():
        for start in range(0, len(together), stored.LAST_SUBJECTS):
            await _look(link, stream, together[start : start + stored.LAST_SUBJECTS])


async def _look(link: Link, stream: str, rooms: Sequence[FollowedRoom]) -> None:
    asked = {room.place.subject: room for room in rooms}
    try:
        for found in await stored.last(link, stream, list(asked)):
            room = asked[found.subject]
            room.needed = max(room.needed, found.sequence)
    except LinkError:
        # The engine is electing, or cut off: the next look is soon.
        pass
    except Exception:  # noqa: BLE001  # the boundary: the next look is another
        _log.exception("the heads of %s's rooms cannot be compared", stream)
