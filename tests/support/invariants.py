"""The one oracle: what was acknowledged is stored, what is stored was delivered, once, in order.

A test tells it what its clients meant to say, were promised and heard, and what a Hall has on
disk or shows afterwards. `hold` then raises with every sentence that is not as the protocol
promises. It trusts no order and no number that it is told.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pychat.protocol import events, names
from tests.support.wire import Json, Wire

SHOWN = 20
"""Violations that a failure lists; of a lost thousand the first are enough."""


class Entry(NamedTuple):
    """One event of a room's log, whoever reports it."""

    room: str
    seq: int
    prev: int
    time: int
    sender: str
    nonce: str
    content: str
    """All else that it says, as JSON."""

    def __str__(self) -> str:
        return f"#{self.room} {self.seq} ({self.sender}, {self.nonce})"


def entry(event: events.LoggedEvent | Json) -> Entry:
    fields: Json = dict(event) if isinstance(event, dict) else msgspec.to_builtins(event)
    head: list[Any] = [fields.pop(name) for name in Entry._fields[:-1]]
    return Entry(*head, content=json.dumps(fields, sort_keys=True))


class _Meant(NamedTuple):
    sender: str
    room: str
    nonce: str
    text: str


class _Promise(NamedTuple):
    sender: str
    room: str
    nonce: str
    seq: int | None


class Hearing:
    """What one client heard of a room after `after`, on one connection or over many."""

    def __init__(self, who: str, room: str, after: int) -> None:
        self.who, self.room, self.after = who, room, after
        self.entries: list[Entry] = []
        self.to_the_end = True
        """Whether it must have heard all; else it ended somewhere."""

    def heard(self, event: events.LoggedEvent | Json) -> None:
        self.entries.append(entry(event))


class Invariants:
    def __init__(self) -> None:
        self.promises: list[_Promise] = []
        self.hearings: list[Hearing] = []
        self.logs: dict[str, list[Entry]] = {}
        self._meant: list[_Meant] = []
        self._shown: dict[str, list[Json]] = {}

    # -- what the test tells ----------------------------------------------------------------------

    def meant(self, sender: str, room: str, nonce: str, text: str) -> None:
        """Somebody logged in as `sender` wants this said, after what they wanted before."""
        self._meant.append(_Meant(sender, room, nonce, text))

    def acknowledged(self, sender: str, room: str, nonce: str, seq: int | None = None) -> None:
        self.promises.append(_Promise(sender, room, nonce, seq))

    def hearing(self, who: str, room: str, after: int = 0) -> Hearing:
        self.hearings.append(Hearing(who, room, after))
        return self.hearings[-1]

    def stored(self, room: str, log: Iterable[events.LoggedEvent | Json]) -> None:
        """The room's whole log, in its order."""
        self.logs[room] = [entry(event) for event in log]

    def stored_in(self, path: Path) -> None:
        """All logs, straight from the file of a Hall."""
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            for number, room in db.execute("SELECT id, name FROM room").fetchall():
                found = db.execute("SELECT body FROM event WHERE room = ? ORDER BY seq", (number,))
                self.stored(room, [json.loads(body) for (body,) in found])

    def shown(self, room: str, messages: Iterable[Json]) -> None:
        """The room's whole history as a newcomer reads it, oldest first."""
        self._shown[room] = list(messages)

    # -- what it finds ----------------------------------------------------------------------------

    def hold(self) -> None:
        """Raises AssertionError where anything is not as promised."""
        found = list(self.violations())
        more = f"\n... and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        assert not found, "\n".join(found[:SHOWN]) + more

    def violations(self) -> Iterator[str]:
        for room, log in self.logs.items():
            yield from _faults_of_a_log(room, log)
        yield from self._broken_promises()
        yield from self._put_into_mouths()
        yield from self._out_of_order()
        for hearing in self.hearings:
            yield from _faults_of_a_hearing(hearing, self.logs.get(hearing.room, []))
        for room, messages in self._shown.items():
            yield from _faults_of_a_history(room, messages, self.logs.get(room, []))

    def _broken_promises(self) -> Iterator[str]:
        stored = {
            (each.sender, each.room, each.nonce): each for log in self.logs.values() for each in log
        }
        for promise in self.promises:
            kept = stored.get(promise[:3])
            if kept is None:
                yield f"lost: {promise} was acknowledged and is not stored"
            elif promise.seq not in (None, kept.seq):
                yield f"moved: {promise} is stored as {kept.seq}"

    def _put_into_mouths(self) -> Iterator[str]:
        """Only where the test tells what was meant: nothing else, and nothing changed."""
        meant = {(each.room, each.nonce): each for each in self._meant}
        if not meant:
            return
        for log in self.logs.values():
            for each in log:
                said = meant.get((each.room, each.nonce))
                if said is None:
                    yield f"invented: {each} was meant by nobody"
                elif said.sender != each.sender:
                    yield f"impersonated: {each} was said by {said.sender}"
                elif json.loads(each.content).get("text") != said.text:
                    yield f"changed: {each} was meant as {said.text!r}"

    def _out_of_order(self) -> Iterator[str]:
        """What one person says in a room stands in the order in which they said it."""
        place = {(each.room, each.nonce): at for at, each in enumerate(self._meant)}
        for log in self.logs.values():
            last: dict[str, tuple[int, Entry]] = {}
            for each in log:
                at = place.get((each.room, each.nonce), -1)
                before = last.get(each.sender)
                if before is not None and before[0] > at >= 0:
                    yield f"out of order: {each} was said before {before[1]}"
                last[each.sender] = at, each


def _faults_of_a_log(room: str, log: list[Entry]) -> Iterator[str]:
    nonces = Counter((names.fold(each.sender), each.nonce) for each in log)
    for (sender, nonce), count in nonces.items():
        if count > 1:
            yield f"doubled: #{room} has {count} events of {sender} under {nonce}"
    if log and log[0].prev != 0:
        yield f"chain: #{room} begins after {log[0].prev}"
    for before, after in pairwise(log):
        if after.prev != before.seq or after.seq <= before.seq:
            yield f"chain: {after} says that it comes after {after.prev}, but that is {before}"
        if after.time < before.time:
            yield f"time: {after} is of {after.time}, {before} before it of {before.time}"
    yield from (f"room: {each} is in the log of #{room}" for each in log if each.room != room)


def _faults_of_a_hearing(hearing: Hearing, log: list[Entry]) -> Iterator[str]:
    """It is the log, from where it began to where it ended: no gap, no double, no other order."""
    expected = [each for each in log if each.seq > hearing.after]
    heard = hearing.entries
    if not hearing.to_the_end:
        expected = expected[: len(heard)]
    for at, (each, stored) in enumerate(zip(heard, expected, strict=False)):
        if each != stored:
            yield f"delivery: the event {at} that {hearing.who} heard is {each}, not {stored}"
            return
    if len(heard) > len(expected):
        yield f"delivery: {hearing.who} heard {heard[len(expected)]}, which is not stored"
    elif len(heard) < len(expected):
        missing = expected[len(heard)]
        yield f"delivery: {hearing.who} did not hear {missing}, nor what follows"


def _faults_of_a_history(room: str, messages: list[Json], log: list[Entry]) -> Iterator[str]:
    said = [each for each in log if json.loads(each.content)["type"] == "message"]
    shown = [(each["seq"], each["sender"], each["time"]) for each in messages]
    stored = [(each.seq, each.sender, each.time) for each in said]
    if shown != stored:
        odd = next((pair for pair in zip(shown, stored, strict=False) if pair[0] != pair[1]), None)
        yield f"history: #{room} shows {len(shown)} of {len(stored)} messages; first odd: {odd}"


async def read_history(port: int, room: str, who: str = "auditor") -> list[Json]:
    """All of a room's messages, page by page, as a client sees them that was never there."""
    wire = await Wire.member(port, who, room)
    messages: list[Json] = []
    after = 0
    more = True
    while more:
        page = await wire.granted("history", room=room, after=after, limit=200)
        messages += page["messages"]
        more = page["more_after"]
        after = messages[-1]["seq"] if messages else 0
        wire.unread.clear()
    await wire.granted("quit")
    await wire.close()
    return messages
