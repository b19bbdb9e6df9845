"""Many rows in few statements.

sqlite3 gives the interpreter's lock away with each statement, and beside a busy loop it takes a
thread milliseconds to get it back.
"""

import sqlite3
from collections.abc import Sequence

_ROWS = 64
"""In one statement at most. They come in powers of two, for few different statements."""


def run(
    db: sqlite3.Connection, head: str, rows: Sequence[tuple[object, ...]], tail: str = ""
) -> list[sqlite3.Cursor]:
    """Execute `head VALUES rows tail`, in a few parts where the rows are many."""
    done: list[sqlite3.Cursor] = []
    start = 0
    while start < len(rows):
        count = min(_ROWS, 1 << (len(rows) - start).bit_length() - 1)
        part = rows[start : start + count]
        marks = f"({', '.join('?' * len(part[0]))})"
        values = [value for row in part for value in row]
        done.append(db.execute(f"{head} VALUES {', '.join([marks] * count)} {tail}", values))
        start += count
    return done
