"""The tables of a log file, as the ordered steps that lead to them."""

import sqlite3
from collections.abc import Sequence

APPLICATION_ID = 0x70794368
"""In the file's header, by which a log of ours is told from other SQLite databases: `pyCh`."""

_LOGS = """
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    created INTEGER NOT NULL  -- milliseconds, as all times are
) STRICT;

INSERT INTO meta
VALUES (1, lower(hex(randomblob(8))), 1000 * CAST(strftime('%s', 'now') AS INTEGER));

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    head INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    topic TEXT NOT NULL
) STRICT;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room,
    seq INTEGER NOT NULL,
    time INTEGER NOT NULL,
    sender_key TEXT NOT NULL,
    nonce TEXT NOT NULL,
    kind TEXT NOT NULL,          -- the event's `type`
    target INTEGER REFERENCES event,
    messages INTEGER NOT NULL,   -- how many the room has, up to and with this event
    body BLOB NOT NULL           -- the event's JSON as members get it: the truth
) STRICT;

CREATE UNIQUE INDEX event_seq ON event (room, seq);
CREATE UNIQUE INDEX event_nonce ON event (room, sender_key, nonce);
CREATE INDEX event_message ON event (room, seq) WHERE kind = 'message';
CREATE INDEX event_target ON event (target, kind, seq) WHERE target IS NOT NULL;

-- The reactions to a message as they stood after the event `seq`, now and then, so that a page
-- need not go through all of them.
CREATE TABLE tally (
    message INTEGER NOT NULL REFERENCES event,
    seq INTEGER NOT NULL,
    size INTEGER NOT NULL,       -- how many single choices there are
    reactions BLOB NOT NULL,     -- JSON
    PRIMARY KEY (message, seq)
) STRICT, WITHOUT ROWID;

-- The words of each message as it stands, by its event's id; `tags` are its room and sender, so
-- that the index narrows by them too. What a word is, pychat decides: hence the plain tokenizer.
CREATE VIRTUAL TABLE words USING fts5 (text, tags, tokenize = 'ascii', columnsize = 0);
"""

_RETENTION = """
-- Up to here, and counting so many messages, the room's events are not kept any more.
ALTER TABLE room ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN floor_messages INTEGER NOT NULL DEFAULT 0;

-- What is left of such an event as long as its nonce must be known: enough to tell a resend from
-- something else, and nothing to read.
CREATE TABLE spent (
    room INTEGER NOT NULL REFERENCES room,
    sender_key TEXT NOT NULL,
    nonce TEXT NOT NULL,
    seq INTEGER NOT NULL,
    time INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (room, sender_key, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_time ON spent (time);
"""

_LATER = """
-- What is found by word or by nonce is kept up behind the log and not with each event: these trees
-- are written all over, and cost more than the log itself. Up to this event they are complete.
ALTER TABLE meta ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;

UPDATE meta SET indexed = (SELECT coalesce(max(id), 0) FROM event);

CREATE TABLE nonce (
    room INTEGER NOT NULL REFERENCES room,
    sender_key TEXT NOT NULL,
    nonce TEXT NOT NULL,
    event INTEGER NOT NULL REFERENCES event,
    PRIMARY KEY (room, sender_key, nonce)
) STRICT, WITHOUT ROWID;

INSERT INTO nonce SELECT room, sender_key, nonce, id FROM event
ORDER BY room, sender_key, nonce;

DROP INDEX event_nonce;
"""

_AGES = """
-- The time by which ages were reckoned last: milliseconds that have passed, whatever clocks say.
ALTER TABLE meta ADD COLUMN reckoned INTEGER NOT NULL DEFAULT 0;
"""

_PLACES = """
-- Where a room stands is told by its last event, so that an event need not write the room as well;
-- by the floor where that is not kept any more.
ALTER TABLE room RENAME COLUMN last_time TO floor_time;
ALTER TABLE room DROP COLUMN head;
ALTER TABLE room DROP COLUMN messages;

CREATE VIEW place (id, name, topic, floor, floor_messages, head, last_time, messages) AS
SELECT room.id, name, topic, floor, floor_messages, coalesce(last.seq, floor),
    coalesce(last.time, floor_time), coalesce(last.messages, floor_messages)
FROM room LEFT JOIN event AS last
    ON last.id = (SELECT id FROM event WHERE room = room.id ORDER BY seq DESC LIMIT 1);

-- A nonce that is in `spent` is here too, with an event that is not there any more: so one look
-- tells that a nonce is new. Nonces come first: those that begin with the time lie side by side.
ALTER TABLE nonce RENAME TO nonce_before;

CREATE TABLE nonce (
    nonce TEXT NOT NULL,
    room INTEGER NOT NULL REFERENCES room,
    sender_key TEXT NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (nonce, room, sender_key)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO nonce
SELECT nonce, room, sender_key, event FROM nonce_before UNION ALL
SELECT nonce, room, sender_key, 0 FROM spent ORDER BY nonce;

DROP TABLE nonce_before;

-- An eighth less of the work of taking words up, and no more of that of finding them.
INSERT INTO words (words, rank) VALUES ('automerge', 8);
"""

MIGRATIONS: Sequence[str] = (_LOGS, _RETENTION, _LATER, _AGES, _PLACES)
"""Each leads from the version of its index to the next. Append only: files of each exist."""


def version(db: sqlite3.Connection) -> int:
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found


def migrate(db: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Lead the database to the last version, each step wholly or not at all."""
    for number, statements in enumerate(migrations[version(db) :], start=version(db) + 1):
        try:
            db.executescript(
                f"BEGIN IMMEDIATE; {statements}; PRAGMA user_version = {number}; COMMIT"
            )
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
