"""Standard output, and what becomes of lines that nobody reads."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from typing import TextIO

import pytest

from pychat.plain.writer import WAITING, Writer

MUCH = "x" * 1_000_000
"""More than a pipe takes: whoever writes it stands until somebody reads."""


def ignore() -> None:
    """For who does not mind that nobody reads."""


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    """Its end for reading, and its end for writing as a stream."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        yield reading, stream
    try:
        os.close(reading)
    except OSError:
        return


def read_to_the_end(descriptor: int, size: int) -> str:
    read = b""
    while len(read) < size:
        read += os.read(descriptor, 65_536)
    return read.decode()


def until_taken(writer: Writer) -> None:
    """Until its thread stands in the writing of what was put."""
    deadline = time.monotonic() + 5
    while writer._texts:
        assert time.monotonic() < deadline
        time.sleep(0.001)


async def test_what_is_put_is_written_in_its_order(pipe: tuple[int, TextIO]) -> None:
    writer = Writer(pipe[1], ignore)
    for number in range(100):
        writer.put(f"{number}\n")
    await writer.close(5)

    assert os.read(pipe[0], 65_536).decode().split() == [str(number) for number in range(100)]


@pytest.mark.parametrize("count", [WAITING - 1, WAITING, WAITING + 1, WAITING + 2])
async def test_lines_that_nobody_reads_have_a_bound_and_their_number_is_told(
    pipe: tuple[int, TextIO], count: int
) -> None:
    writer = Writer(pipe[1], ignore)
    writer.put(MUCH)
    await asyncio.to_thread(until_taken, writer)
    for _ in range(count):
        writer.put("y\n")
    dropped = max(0, count - WAITING)
    told = f"{dropped} lines were not shown, since nobody read them.\n" if dropped else ""

    size = len(MUCH) + 2 * min(count, WAITING) + len(told)
    text = await asyncio.to_thread(read_to_the_end, pipe[0], size)
    await writer.close(5)

    assert text == MUCH + "y\n" * min(count, WAITING) + told


async def test_a_reader_that_stands_still_holds_nobody_up_at_the_end(
    pipe: tuple[int, TextIO],
) -> None:
    writer = Writer(pipe[1], ignore)
    writer.put(MUCH)

    async with asyncio.timeout(50):
        await writer.close(0.05)
    os.close(pipe[0])


async def test_a_reader_that_leaves_is_noticed_before_anything_is_written(
    pipe: tuple[int, TextIO],
) -> None:
    told: list[None] = []
    writer = Writer(pipe[1], lambda: told.append(None))
    os.close(pipe[0])

    async with asyncio.timeout(50):
        await writer.gone.wait()
    writer.put("nobody reads it")
    await writer.close(5)

    assert writer.fault is None
    assert len(told) == 1


async def test_what_the_terminal_cannot_show_is_told_by_its_number() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="ascii") as stream:
        writer = Writer(stream, ignore)
        writer.put("日\n")
        await writer.close(5)
        assert os.read(reading, 100) == b"\\u65e5\n"
    os.close(reading)


async def test_no_thread_is_left_where_all_was_written(pipe: tuple[int, TextIO]) -> None:
    before = set(threading.enumerate())
    writer = Writer(pipe[1], ignore)
    (thread,) = set(threading.enumerate()) - before
    writer.put("x")
    await writer.close(5)
    await asyncio.to_thread(thread.join, 5)

    assert not thread.is_alive()
