"""Frames are cut out of a byte stream the same way however the stream is chopped."""

import struct
import tracemalloc

import pytest

from pychat.protocol.errors import FrameError
from pychat.protocol.framing import FrameReader, frame

LIMIT = 100


def test_a_frame_is_its_length_in_four_big_endian_bytes_and_then_the_payload() -> None:
    assert frame(b"{}") == b"\x00\x00\x00\x02{}"


@pytest.mark.parametrize("length", [1, LIMIT - 1, LIMIT])
def test_a_length_within_the_limit_is_read(length: int) -> None:
    reader = FrameReader(LIMIT)

    reader.feed(frame(b"x" * length))

    assert reader.read() == b"x" * length
    assert reader.read() is None
    assert reader.waiting == 0


@pytest.mark.parametrize("length", [0, LIMIT + 1, 2**31 - 1, 2**31, 2**32 - 1])
def test_a_length_outside_the_limit_is_refused_on_its_four_bytes(length: int) -> None:
    reader = FrameReader(LIMIT)

    reader.feed(struct.pack(">I", length)[:3])
    assert reader.read() is None
    reader.feed(struct.pack(">I", length)[3:])

    with pytest.raises(FrameError, match=f"^a frame of {length} bytes: 1 to {LIMIT} are allowed$"):
        reader.read()


def test_a_refused_stream_stays_refused() -> None:
    reader = FrameReader(LIMIT)
    reader.feed(bytes(4) + frame(b"fine"))

    for _ in range(2):
        with pytest.raises(FrameError):
            reader.read()
        reader.feed(frame(b"fine"))


def test_frames_before_a_bad_length_are_still_read() -> None:
    reader = FrameReader(LIMIT)
    reader.feed(frame(b"one") + frame(b"two") + bytes(4))

    assert [reader.read(), reader.read()] == [b"one", b"two"]
    with pytest.raises(FrameError):
        reader.read()


def test_a_stream_cut_at_any_one_point_gives_the_same_frames() -> None:
    payloads = [b"a", b"bb" * 20, b"c" * LIMIT, b"\x00\x00\x00\x01"]
    stream = b"".join(map(frame, payloads))

    for cut in range(len(stream) + 1):
        reader = FrameReader(LIMIT)
        found = []
        for part in (stream[:cut], stream[cut:]):
            reader.feed(part)
            while (payload := reader.read()) is not None:
                found.append(payload)
        assert found == payloads, cut


def test_the_limit_may_change_between_two_reads() -> None:
    reader = FrameReader(10)
    reader.feed(frame(b"x" * 10) + frame(b"y" * 11) + frame(b"z" * 11))
    assert reader.read() == b"x" * 10

    reader.limit = 11
    assert reader.read() == b"y" * 11

    reader.limit = 10
    with pytest.raises(FrameError, match="a frame of 11 bytes: 1 to 10 are allowed"):
        reader.read()


def test_the_limit_is_that_of_the_moment_also_for_a_frame_half_there() -> None:
    reader = FrameReader(11)
    reader.feed(frame(b"x" * 11)[:8])
    assert reader.read() is None

    reader.limit = 10

    with pytest.raises(FrameError):
        reader.read()


def test_waiting_counts_what_is_fed_and_not_read() -> None:
    reader = FrameReader(LIMIT)

    reader.feed(frame(b"abc") + b"\x00")

    assert reader.waiting == 8
    reader.read()
    assert reader.waiting == 1


def test_a_declared_length_of_four_gibibytes_allocates_nothing() -> None:
    reader = FrameReader(2**32)
    tracemalloc.start()
    try:
        reader.feed(b"\xff\xff\xff\xff" + b"x" * 100)
        assert reader.read() is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 10_000


def test_what_was_read_is_not_kept() -> None:
    reader = FrameReader(1_000)
    one = frame(b"x" * 1_000)
    reader.feed(one)
    reader.read()
    tracemalloc.start()
    try:
        for _ in range(1_000):
            reader.feed(one)
            reader.read()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 20_000


def test_a_payload_does_not_change_when_more_is_fed() -> None:
    reader = FrameReader(LIMIT)
    reader.feed(frame(b"first"))
    payload = reader.read()

    reader.feed(frame(b"other"))
    reader.read()

    assert payload == b"first"
    assert type(payload) is bytes
