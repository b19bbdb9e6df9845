"""Read markers of those who own their names: one for each room, for all their sessions and for
good. Pure."""

from collections.abc import Iterable, Mapping
from itertools import islice

import msgspec

from pychat.protocol.codec import encode
from pychat.server import limits
from pychat.server.backplane.interface import Fact
from pychat.server.owners import OwnerId, Owners


class _Kept(msgspec.Struct):
    """Of one owner, on disk."""

    since: int
    """From when on the name is theirs."""
    epoch: str
    """Of the log in which the positions are."""
    read: dict[str, int]
    """By the room's key, the one that was moved last at the end."""


class Markers:
    def __init__(self, facts: Iterable[Fact], owners: Owners, epoch: str) -> None:
        """Those of another log, or of another who owned the name, are not taken. Raises
        RegistryError."""
        self._epoch = epoch
        self._of: dict[OwnerId, dict[str, int]] = {}
        self._unkept: dict[OwnerId, None] = {}
        """Whose are not on disk as they are, in order."""
        for fact in facts:
            if fact.bucket == "read" and fact.body is not None:
                kept = fact.read(_Kept)
                owner = owners.find(fact.key)
                if owner is not None and owner.since == kept.since and kept.epoch == epoch:
                    self._of[owner.id] = kept.read

    def of(self, owner: OwnerId) -> Mapping[str, int]:
        return self._of.get(owner, {})

    def move(self, owner: OwnerId, room: str, seq: int) -> bool:
        """The room is known by its key. False, and nothing else, unless that is forward."""
        read = self._of.setdefault(owner, {})
        if seq <= read.get(room, 0):
            return False
        read.pop(room, None)
        read[room] = seq
        if len(read) > limits.READ_MARKERS:
            del read[next(iter(read))]
        self._unkept[owner] = None
        return True

    @property
    def waiting(self) -> bool:
        return bool(self._unkept)

    def facts(self) -> list[Fact]:
        """All that is to be kept."""
        return [self._fact(owner) for owner in sorted(self._of)]

    def take(self, most: int) -> list[Fact]:
        """What is to be kept of so many owners."""
        owners = list(islice(self._unkept, most))
        for owner in owners:
            del self._unkept[owner]
        return [self._fact(owner) for owner in owners]

    def _fact(self, owner: OwnerId) -> Fact:
        key, since = owner
        kept = _Kept(since=since, epoch=self._epoch, read=self._of[owner])
        return Fact("read", key, encode(kept))
