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
SELECT event.id FROM words CROSS JOIN event ON event.id = words.rowid
WHERE words MATCH ? AND event.time < ? ORDER BY words.rowid DESC LIMIT ?
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
    rows = db.execute(_FOUND, (match, before, query.limit + 1 + len(unsure)))
    found = {row[0]: None for row in rows if row[0] not in unsure}
    if unsure:
        read = _read(db, sorted(unsure), rooms, before, query.sender)
        found |= dict.fromkeys(
            row for row, said in read if words.matches(words.words(said.text), phrases)
        )
    ids = sorted(found, reverse=True)
    messages = standing(db, ids[: query.limit], limits.MAX_INTEGER)
    return fold.found(messages, len(ids) > query.limit, query.budget)


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
