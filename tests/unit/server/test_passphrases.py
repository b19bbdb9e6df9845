"""Passphrases are made out on threads of their own, that leave the processor to the loop."""

import os
import sys
import threading

import pytest

from pychat.server import limits, passphrases
from pychat.server.passphrases import Passphrases


@pytest.mark.parametrize(
    ("processors", "threads"),
    [(None, 1), (1, 1), (2, 1), (3, limits.SCRYPT_AT_ONCE), (64, limits.SCRYPT_AT_ONCE)],
)
def test_a_processor_is_left_to_the_loop_where_there_are_two(
    monkeypatch: pytest.MonkeyPatch, processors: int | None, threads: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)

    assert passphrases._at_once() == threads


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
async def test_what_makes_them_out_has_less_claim_on_the_processor_than_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[int, int]] = []

    def look(text: str, salt: bytes) -> bytes:
        seen.append((threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0)))
        return bytes(32)

    monkeypatch.setattr(passphrases, "_scrypt", look)
    before = os.getpriority(os.PRIO_PROCESS, 0)
    checking = Passphrases()
    try:
        await checking.store("correct horse")
    finally:
        checking.close()

    ((thread, priority),) = seen
    assert thread != threading.get_native_id()
    assert priority == min(19, before + passphrases._NICE)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
