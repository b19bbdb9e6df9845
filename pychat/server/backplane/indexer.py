"""What is found by word or by nonce, kept up behind the log, in steps between its transactions."""

import functools
import sqlite3

from pychat.protocol import codec, events
from pychat.protocol.errors import ProtocolError
from pychat.server.backplane import statements
from pychat.server.backplane.searching import tags
from pychat.server.backplane.words import words

_NEXT = """
SELECT id, room, sender_key, nonce, target, CASE WHEN kind IN ('message', 'edited', 'deleted')
    THEN body END
FROM event WHERE id > ? ORDER BY id LIMIT ?
"""

_Row = tuple[int, int, str, str, int | None, bytes | None]


class Indexer:
    """Within transactions of its owner, who tells it to `remember` after a rollback."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.indexed = 0
        """The last event that can be found."""
        self.remember()

    def remember(self) -> None:
        """What is on disk. Raises sqlite3.Error."""
        (self.indexed,) = self._db.execute("SELECT indexed FROM meta").fetchone()

    def step(self, rows: int) -> None:
        """Take up the next events, at most `rows`."""
        found = self._db.execute(_NEXT, (self.indexed, rows)).fetchall()
        if not found:
            return
        # In the order of the tree, so that each of its pages is written once.
        nonces = sorted((nonce, room, key, row) for row, room, key, nonce, _, _ in found)
        statements.run(self._db, "INSERT OR IGNORE INTO nonce", nonces)
        self._index_words(found)
        self.indexed = found[-1][0]
        self._db.execute("UPDATE meta SET indexed = ?", (self.indexed,))

    def _index_words(self, found: list[_Row]) -> None:
        said: dict[int, tuple[str, str]] = {}
        for row, room, key, _, target, body in found:
            event = _decode(body)
            match event:
                case events.Message():
                    said[row] = (_words(event.text), _tags(room, key))
                case events.Edited() if target in said:
                    said[target] = (_words(event.text), said[target][1])
                case events.Edited():
                    self._db.execute(
                        "UPDATE words SET text = ? WHERE rowid = ?", (_words(event.text), target)
                    )
                case events.Deleted() if target in said:
                    del said[target]
                case events.Deleted():
                    self._db.execute("DELETE FROM words WHERE rowid = ?", (target,))
        statements.run(
            self._db,
            "INSERT INTO words (rowid, text, tags)",
            [(row, text, marks) for row, (text, marks) in said.items()],
        )


def _decode(body: bytes | None) -> object:
    """None for what has no words, and for what is damaged: that is the reader's to tell."""
    try:
        return None if body is None else codec.decode_event(body)
    except ProtocolError:
        return None


def _words(text: str) -> str:
    return " ".join(words(text))


@functools.lru_cache(1024)
def _tags(room: int, sender_key: str) -> str:
    return " ".join(tags(room, sender_key))
