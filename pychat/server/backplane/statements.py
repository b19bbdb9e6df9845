"""Many rows in few statements.

sqlite3 gives the interpreter's lock away with each statement, and beside a busy loop it takes a
thread milliseconds to get it back.
"""

import functools
import itertools
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
        values = list(itertools.chain.from_iterable(rows[start : start + count]))
        done.append(db.execute(_statement(head, len(rows[0]), count, tail), values))
        start += count
    return done


@functools.lru_cache(maxsize=128)
def _statement(head: str, columns: int, rows: int, tail: str) -> str:
    marks = f"({', '.join('?' * columns)})"
    return f"{head} VALUES {', '.join([marks] * rows)} {tail}"
