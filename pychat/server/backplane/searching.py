"""Search in a log file, newest first: through the newest messages one by one, then by the index of
words, and by reading what is not in that yet.

Asked for the beginning of a word, the index gathers all that has it before it gives the first: the
commoner a word and the longer the log, the longer that takes. But of a common word a few thousand
rows have a page.
"""

import sqlite3

import msgspec

from pychat.protocol import codec, limits, names
from pychat.server.backplane import fold, words
from pychat.server.backplane.interface import Found, SearchQuery
from pychat.server.backplane.standing import standing

SCANNED_ROWS = 8_192
"""At most, of the newest, before the index is asked: some two milliseconds."""

FIRST_ROWS = 512
"""After which, as after each doubling, it shows whether SCANNED_ROWS are likely to be enough."""

# Up to where (`high`) each room has what is older than `before`: found by halving, but from its end
# in strides that double, since most searches are for what is new.
_PLACES = """
WITH RECURSIVE step (room, low, high, stride) AS (
    SELECT id, floor, head, 0 FROM place WHERE name IN (SELECT value FROM json_each(:rooms))
    UNION ALL
    SELECT step.room, iif(time < :before, seq, low), iif(time < :before, high, seq - 1),
        2 * stride + 1
    FROM step CROSS JOIN event
        ON event.room = step.room AND seq = max((low + high + 1) / 2, high - stride)
    WHERE low < high
)
SELECT json_group_array(room), max(
    (SELECT id FROM event WHERE event.room = bound.room AND seq <= high ORDER BY seq DESC LIMIT 1))
FROM (SELECT room, min(high) AS high FROM step GROUP BY room) AS bound
"""
_UNINDEXED = """
SELECT json_group_array(DISTINCT CASE kind WHEN 'message' THEN id ELSE target END) FROM event
WHERE id > (SELECT indexed FROM meta WHERE one = 1) AND kind IN ('message', 'edited', 'deleted')
"""
# FTS5 has the texts of `words` in `words_content`, its first column as `c0`.
_SCANNED = """
SELECT json_group_array(json_array(id, time)) FROM (
    SELECT event.id, time FROM words_content AS said CROSS JOIN event ON event.id = said.id
    WHERE said.id > :low AND said.id <= :high AND {contained}
        AND room IN (SELECT value FROM json_each(:rooms))
        AND time < :before AND sender_key = coalesce(:sender, sender_key)
        AND said.id NOT IN (SELECT value FROM json_each(:unsure))
    ORDER BY said.id DESC LIMIT :count)
"""
_INDEXED = """
SELECT json_group_array(json_array(id, time)) FROM (
    SELECT event.id, time FROM words CROSS JOIN event ON event.id = words.rowid
    WHERE words MATCH :match AND words.rowid <= :high
        AND room IN (SELECT value FROM json_each(:rooms)) AND time < :before
        AND words.rowid NOT IN (SELECT value FROM json_each(:unsure))
    ORDER BY words.rowid DESC LIMIT :count)
"""
# Only whether there are fewer than of the searched ones matters.
_OTHERS = """
SELECT json_group_array(id) FROM (
    SELECT id FROM room WHERE id NOT IN (SELECT value FROM json_each(:rooms)) LIMIT :count)
"""
_ELIGIBLE = """
SELECT json_group_array(event.id) FROM json_each(:unsure) AS wanted
CROSS JOIN event ON event.id = wanted.value
WHERE room IN (SELECT value FROM json_each(:rooms))
    AND time < :before AND sender_key = coalesce(:sender, sender_key)
"""

_NOWHERE = '"0"'
"""What stands in the tags of no message."""

_Hit = tuple[int, int]
"""A message's id, and its time."""

_Bounds = dict[str, str | int | None]
"""What a statement is to go by; it takes what it names."""

_decode_hits = msgspec.json.Decoder(list[_Hit]).decode
_decode_ids = msgspec.json.Decoder(list[int]).decode


def search(db: sqlite3.Connection, query: SearchQuery) -> Found:
    """Within a transaction of the caller's. Raises sqlite3.Error and ProtocolError."""
    phrases = words.terms(query.text)
    key = None if query.sender is None else names.fold(query.sender)
    bounds: _Bounds = {
        "rooms": codec.encode(query.rooms).decode(),
        "before": limits.MAX_INTEGER if query.before is None else query.before,
        "sender": key,
    }
    rooms, newest = db.execute(_PLACES, bounds).fetchone()
    if not phrases or newest is None:
        return Found(messages=[], more=False)
    (unsure,) = db.execute(_UNINDEXED).fetchone()
    bounds |= {"rooms": rooms, "unsure": unsure}
    count = query.limit + 1
    hits, low = _scan(db, bounds, phrases, newest, count)
    if len(hits) < count and low > 0:
        match = _match(phrases, *_places(db, rooms), key)
        hits += _hits(db, _INDEXED, bounds, match=match, high=low, count=count - len(hits))
    if unsure != "[]":
        hits += _read(db, bounds, phrases)
        hits.sort(reverse=True)
    end = fold.page_end([time for _, time in hits], query.limit)
    messages = standing(db, [row for row, _ in hits[:end]], limits.MAX_INTEGER)
    return fold.found(messages, end < len(hits), query.budget)


def _scan(
    db: sqlite3.Connection, bounds: _Bounds, phrases: list[list[str]], newest: int, count: int
) -> tuple[list[_Hit], int]:
    """At most `count` hits, and the id down to which they are all; it ends where SCANNED_ROWS are
    not likely to have so many."""
    # The words of a text have one space between two, so that this is what the index goes by, too.
    contained = " AND ".join(f"instr(' ' || c0, :phrase{at})" for at in range(len(phrases)))
    select = _SCANNED.format(contained=contained)
    wanted: _Bounds = {f"phrase{at}": " " + " ".join(phrase) for at, phrase in enumerate(phrases)}
    hits: list[_Hit] = []
    low, scanned = newest, 0
    while (
        low > 0
        and scanned < SCANNED_ROWS
        and len(hits) < count
        and len(hits) * SCANNED_ROWS >= count * scanned
    ):
        high, scanned = low, max(FIRST_ROWS, 2 * scanned)
        low = max(0, newest - scanned)
        hits += _hits(db, select, bounds | wanted, low=low, high=high, count=count - len(hits))
    return hits, low


def _hits(db: sqlite3.Connection, select: str, bounds: _Bounds, **more: str | int) -> list[_Hit]:
    (found,) = db.execute(select, bounds | more).fetchone()
    return sorted(_decode_hits(found), reverse=True)


def _read(db: sqlite3.Connection, bounds: _Bounds, phrases: list[list[str]]) -> list[_Hit]:
    """The hits among messages that the index does not have as they stand."""
    (found,) = db.execute(_ELIGIBLE, bounds).fetchone()
    rows = _decode_ids(found)
    told = standing(db, rows, limits.MAX_INTEGER)
    return [
        (row, said.time)
        for row, said in zip(rows, told, strict=True)
        if not said.deleted and words.matches(words.words(said.text), phrases)
    ]


def tags(room: int, sender_key: str) -> tuple[str, str]:
    """What the index of words knows a message's room and its sender by: letters and digits."""
    return f"r{room}", f"s{sender_key.encode().hex()}"


def _places(db: sqlite3.Connection, rooms: str) -> tuple[list[int], list[int]]:
    """The rooms that a message must be of, or else those that it must not be of: the fewer."""
    wanted = _decode_ids(rooms)
    bounds = {"rooms": rooms, "count": len(wanted)}
    (others,) = db.execute(_OTHERS, bounds).fetchone()
    unwanted = _decode_ids(others)
    return ([], unwanted) if len(unwanted) < len(wanted) else (wanted, [])


def _match(
    phrases: list[list[str]], rooms: list[int], others: list[int], sender_key: str | None
) -> str:
    """An FTS5 expression. No word has a quote in it that could end its phrase."""
    wanted = " AND ".join(f'"{" ".join(phrase)}" *' for phrase in phrases)
    by = f'tags : "{tags(0, sender_key)[1]}" AND ' if sender_key is not None else ""
    # FTS5 takes what is joined by AND step by step together. Most messages may be of these rooms,
    # and NOT, if of what no message has, keeps them out of it until all else is found.
    found = f"({by}text : ({wanted})) NOT tags : ({_any(others) or _NOWHERE})"
    return f"({found}) AND tags : ({_any(rooms)})" if rooms else found


def _any(rooms: list[int]) -> str:
    return " OR ".join(f'"{tags(room, "")[0]}"' for room in rooms)
