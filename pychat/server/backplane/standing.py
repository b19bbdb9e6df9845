"""Messages of a log file as they stand, or stood after some event."""

import sqlite3
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from pychat.protocol import codec, events
from pychat.protocol.errors import ProtocolError
from pychat.protocol.replies import Message
from pychat.server.backplane import fold
from pychat.server.backplane.reactions import Reactions

_T = TypeVar("_T")
_About = events.Edited | events.Deleted | events.Reacted

# Each in one row, as JSON that is decoded at once: that costs less than row by row, and takes one
# turn of the interpreter's lock. Most messages stand as they were said: what is about them is asked
# for where there is something.
_SAID = """
SELECT CAST('[' || coalesce(group_concat('[' || said.id || ',' || body || ']'), '') || ']' AS BLOB),
    (SELECT json_group_array(value) FROM json_each(:ids)
     WHERE EXISTS (SELECT 1 FROM event WHERE target = value))
FROM json_each(:ids) AS wanted CROSS JOIN event AS said ON said.id = wanted.value
"""
_ABOUT = """
SELECT CAST('[' || coalesce(group_concat('[' || target || ',' || body || ']'), '') || ']' AS BLOB)
FROM (
    SELECT target, body FROM json_each(:ids) CROSS JOIN event
        ON event.id = (SELECT id FROM event WHERE target = value AND kind = 'edited'
            AND seq <= :upto ORDER BY seq DESC LIMIT 1)
    UNION ALL
    SELECT target, body FROM json_each(:ids) CROSS JOIN event
        ON target = value AND kind = 'deleted' AND seq <= :upto
    UNION ALL
    SELECT target, body FROM json_each(:ids) CROSS JOIN event
        ON target = value AND kind = 'reacted' AND seq <= :upto AND seq > coalesce(
            (SELECT max(seq) FROM tally WHERE message = value AND seq <= :upto), 0))
"""
_TALLIED = """
SELECT CAST('[' || coalesce(group_concat('[' || message || ',' || reactions || ']'), '') || ']'
    AS BLOB)
FROM json_each(:ids) CROSS JOIN tally ON message = value
    AND seq = (SELECT max(seq) FROM tally WHERE message = value AND seq <= :upto)
"""

# A message has of its event what it has by the same name: the work of `state.message_of`, for all.
_said_decoder = msgspec.json.Decoder(list[tuple[int, Message]])
_about_decoder = msgspec.json.Decoder(list[tuple[int, _About]])
_tallied_decoder = msgspec.json.Decoder(list[tuple[int, Reactions]])


def standing(db: sqlite3.Connection, ids: Sequence[int], upto: int) -> list[Message]:
    """The messages of these ids, in this order, as they stood after the event `upto`.

    Reads the last edit only, and the reactions since the last tally. Raises sqlite3.Error, and
    ProtocolError where what is in the file is not what was written to it.
    """
    wanted = {"ids": codec.encode(ids).decode(), "upto": upto}
    bodies, touched = db.execute(_SAID, wanted).fetchone()
    said = _decode(_said_decoder, bodies)
    messages = dict(said)
    if touched != "[]":
        later, tallies = _about(db, {"ids": touched, "upto": upto})
        for row in later.keys() | tallies.keys():
            fold.work_in(messages[row], later.get(row, ()), tallies.get(row))
    return [messages[row] for row in ids]


def _about(
    db: sqlite3.Connection, wanted: dict[str, str | int]
) -> tuple[dict[int, list[_About]], dict[int, Reactions]]:
    """What was said about each of the messages, oldest first; and what reactions it had before."""
    later: dict[int, list[_About]] = {}
    (about,) = db.execute(_ABOUT, wanted).fetchone()
    said = _decode(_about_decoder, about)
    for row, event in sorted(said, key=lambda pair: pair[1].seq):
        later.setdefault(row, []).append(event)
    (found,) = db.execute(_TALLIED, wanted).fetchone()
    tallied = _decode(_tallied_decoder, found)
    return later, dict(tallied)


def _decode(decoder: msgspec.json.Decoder[_T], payload: bytes) -> _T:
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise ProtocolError("bad-request", str(fault)) from None
