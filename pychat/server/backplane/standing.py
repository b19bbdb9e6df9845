"""Messages of a log file as they stand, or stood after some event."""

import sqlite3
from collections.abc import Sequence

import msgspec

from pychat.protocol import codec, events
from pychat.protocol.errors import ProtocolError
from pychat.protocol.events import LoggedEvent
from pychat.protocol.replies import Message
from pychat.server.backplane import fold
from pychat.server.backplane.reactions import Reactions

_decode_reactions = msgspec.json.Decoder(Reactions).decode

_SAID = """
SELECT said.id, said.body,
    (SELECT body FROM event WHERE target = said.id AND kind = 'edited' AND seq <= :upto
     ORDER BY seq DESC LIMIT 1),
    (SELECT body FROM event WHERE target = said.id AND kind = 'deleted' AND seq <= :upto),
    (SELECT reactions FROM tally WHERE message = said.id AND seq <= :upto
     ORDER BY seq DESC LIMIT 1)
FROM json_each(:ids) AS wanted CROSS JOIN event AS said ON said.id = wanted.value
"""
_REACTED = """
SELECT reacted.target, reacted.body
FROM json_each(:ids) AS wanted CROSS JOIN event AS reacted
    ON reacted.target = wanted.value AND reacted.kind = 'reacted' AND reacted.seq <= :upto
    AND reacted.seq > coalesce(
        (SELECT max(seq) FROM tally WHERE message = wanted.value AND seq <= :upto), 0)
ORDER BY reacted.seq
"""


def standing(db: sqlite3.Connection, ids: Sequence[int], upto: int) -> list[Message]:
    """The messages of these ids, in this order, as they stood after the event `upto`.

    Reads the last edit only, and the reactions since the last tally.
    """
    wanted = {"ids": codec.encode(ids).decode(), "upto": upto}
    reacted: dict[int, list[LoggedEvent]] = {}
    for target, body in db.execute(_REACTED, wanted):
        reacted.setdefault(target, []).append(_decode(body))
    messages: dict[int, Message] = {}
    for row, body, edited, deleted, tally in db.execute(_SAID, wanted):
        said = _decode(body)
        assert isinstance(said, events.Message)
        # An edit touches no reaction, so that their order is free; a deletion comes last.
        later = reacted.get(row, []) + [_decode(found) for found in (edited, deleted) if found]
        messages[row] = fold.stand(said, later, _decode_reactions(tally) if tally else None)
    return [messages[row] for row in ids]


def _decode(body: bytes) -> LoggedEvent:
    event = codec.decode_event(body)
    if isinstance(event, events.Unknown):
        raise ProtocolError("bad-request", f"an event has an unknown type, {event.type!r}")
    return event
