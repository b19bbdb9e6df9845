"""An outbox whose Keeper refuses, or not."""

import pytest

from pychat.client import Outbox, OutboxError, Outgoing
from tests.unit.client.test_outbox import Clock, saying, taken


class FullDisk:
    """A Keeper whose disk is full, or not."""

    def __init__(self) -> None:
        self.full = True

    def open(self) -> list[Outgoing]:
        return []

    def belongs_to(self, name: str) -> None:
        self._write()

    def keep(self, item: Outgoing) -> None:
        self._write()

    def exchange(self, nonce: str, item: Outgoing) -> None:
        self._write()

    def tried(self, nonce: str, name: str) -> None:
        self._write()

    def forget(self, nonce: str) -> None:
        self._write()

    def catch_up(self) -> None:
        self._write()

    def _write(self) -> None:
        if self.full:
            raise OutboxError("no room left")

    def close(self) -> None: ...


def test_a_full_disk_keeps_nobody_from_speaking() -> None:
    disk = FullDisk()
    outbox = Outbox(Clock(), disk)

    outbox.belongs_to("ann")
    item = outbox.add(saying("anyway"))
    assert outbox.fault == "no room left"
    assert taken(outbox) is item
    outbox.settle(item.nonce)
    disk.full = False
    outbox.belongs_to("anna")
    assert outbox.fault == "no room left"
    outbox.add(saying("and again"))

    assert outbox.fault == ""


def test_what_was_not_kept_is_with_the_next_that_is() -> None:
    disk = FullDisk()
    outbox = Outbox(Clock(), disk)
    early = outbox.add(saying("not kept", "tea"))
    assert (outbox.is_kept(early), outbox.is_behind) == (False, True)
    outbox.take_changed()
    disk.full = False

    late = outbox.add(saying("kept"))

    assert (outbox.is_kept(early), outbox.is_kept(late)) == (True, True)
    assert (outbox.fault, outbox.is_behind) == ("", False)
    assert outbox.take_changed() == {"lobby", "tea"}


def test_what_has_been_tried_in_vain_to_keep_is_kept_by_catching_up() -> None:
    disk = FullDisk()
    outbox = Outbox(Clock(), disk)
    item = outbox.add(saying("not kept"))
    outbox.catch_up()
    assert outbox.fault == "no room left"
    disk.full = False

    outbox.catch_up()

    assert (outbox.fault, outbox.is_kept(item)) == ("", True)


def test_a_disk_that_refuses_a_decision_loses_nothing_that_it_has() -> None:
    disk = FullDisk()
    disk.full = False
    outbox = Outbox(Clock(), disk)
    item = outbox.add(saying("kept"))
    outbox.refused(taken(outbox), "no", again=False)
    disk.full = True

    outbox.retry(item)

    assert (outbox.fault, outbox.is_kept(item), outbox.is_behind) == ("", True, True)


@pytest.mark.parametrize("kept", [True, False])
def test_where_the_hall_knows_something_else_by_its_nonce_a_retry_takes_another(kept: bool) -> None:
    disk = FullDisk()
    disk.full = not kept
    outbox = Outbox(Clock(), disk)
    first, second = outbox.add(saying("one")), outbox.add(saying("two"))
    nonce = first.nonce
    outbox.refused(taken(outbox), "known by another", again=False, code="nonce-reused")

    outbox.retry(first)

    assert first.nonce != nonce
    assert list(outbox) == outbox.of("lobby") == [first, second]
    assert taken(outbox) is first
    assert not outbox.settle(nonce)
    assert outbox.is_kept(first) == kept
    assert outbox.settle(first.nonce)
