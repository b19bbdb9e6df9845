"""Search in a log file: by the index of words, and by reading what is not in it yet."""

import sqlite3
from collections.abc import Sequence

from pychat.protocol import codec, limits, names
from pychat.protocol.replies import Message
from pychat.server.backplane import fold, words
from pychat.server.backplane.interface import Found, SearchQuery
from pychat.server.backplane.standing import standing

_ROOMS = "SELECT id FROM room WHERE name IN (SELECT value FROM json_each(?))"
_FOUND = """
SELECT event.id, event.time FROM words CROSS JOIN event ON event.id = words.rowid
WHERE words MATCH ? AND event.time < ? ORDER BY words.rowid DESC
"""
_UNINDEXED = """
SELECT id, CASE kind WHEN 'message' THEN id ELSE target END FROM event
WHERE id > (SELECT indexed FROM meta WHERE one = 1) AND kind IN ('message', 'edited', 'deleted')
"""
_ELIGIBLE = """
SELECT event.id FROM json_each(:ids) AS wanted CROSS JOIN event ON event.id = wanted.value
WHERE room IN (SELECT value FROM json_each(:rooms)) AND time < :before
    AND sender_key = coalesce(:sender, sender_key)
"""


def search(db: sqlite3.Connection, query: SearchQuery) -> Found:
    """Within a transaction of the caller's. Raises sqlite3.Error and ProtocolError."""
    phrases = words.terms(query.text)
    rooms = [row[0] for row in db.execute(_ROOMS, (_json(query.rooms),))]
    if not phrases or not rooms:
        return Found(messages=[], more=False)
    before = limits.MAX_INTEGER if query.before is None else query.before
    unsure = {message for _, message in db.execute(_UNINDEXED)}
    match = _match(phrases, rooms, query.sender)
    hits: list[tuple[int, int]] = []
    for row, time in db.execute(_FOUND, (match, before)):
        if row not in unsure:
            hits.append((row, time))
            if len(hits) > query.limit:
                break
    if unsure:
        hits += [
            (row, said.time)
            for row, said in _read(db, sorted(unsure), rooms, before, query.sender)
            if words.matches(words.words(said.text), phrases)
        ]
        hits.sort(reverse=True)
    end = fold.page_end([time for _, time in hits], query.limit)
    messages = standing(db, [row for row, _ in hits[:end]], limits.MAX_INTEGER)
    return fold.found(messages, end < len(hits), query.budget)


def _read(
    db: sqlite3.Connection,
    ids: Sequence[int],
    rooms: Sequence[int],
    before: int,
    sender: str | None,
) -> list[tuple[int, Message]]:
    """Those of the messages that may be told, as they stand."""
    key = None if sender is None else names.fold(sender)
    bounds = {"ids": _json(ids), "rooms": _json(rooms), "before": before, "sender": key}
    rows = [row[0] for row in db.execute(_ELIGIBLE, bounds)]
    told = standing(db, rows, limits.MAX_INTEGER)
    return [(row, said) for row, said in zip(rows, told, strict=True) if not said.deleted]


def tags(room: int, sender_key: str) -> tuple[str, str]:
    """What the index of words knows a message's room and its sender by: letters and digits."""
    return f"r{room}", f"s{sender_key.encode().hex()}"


def _match(phrases: list[list[str]], rooms: list[int], sender: str | None) -> str:
    """An FTS5 expression. No word has a quote in it that could end its phrase."""
    key = names.fold(sender or "")
    places = " OR ".join(f'"{tags(room, key)[0]}"' for room in rooms)
    wanted = " AND ".join(f'"{" ".join(phrase)}" *' for phrase in phrases)
    by = f'tags : "{tags(0, key)[1]}" AND ' if sender is not None else ""
    return f"tags : ({places}) AND {by}text : ({wanted})"


def _json(values: Sequence[int] | Sequence[str]) -> str:
    return codec.encode(values).decode()
