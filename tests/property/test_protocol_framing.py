"""However a stream is chopped, the same frames come out of it, or the same refusal."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol.errors import FrameError
from pychat.protocol.framing import FrameReader, frame

LIMIT = 40

payloads = st.lists(st.binary(min_size=1, max_size=LIMIT), max_size=6)
cuts = st.lists(st.integers(0, 300), max_size=12)


def read(parts: list[bytes], limit: int = LIMIT) -> tuple[list[bytes], bool]:
    """The payloads, and whether the stream was refused after them."""
    reader = FrameReader(limit)
    found: list[bytes] = []
    for part in parts:
        reader.feed(part)
        try:
            while (payload := reader.read()) is not None:
                found.append(payload)
        except FrameError:
            return found, True
    return found, False


def chop(stream: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(stream)) for cut in at), len(stream)]
    return [stream[start:stop] for start, stop in itertools.pairwise(edges)]


@given(payloads, cuts)
def test_what_is_framed_comes_out_again(sent: list[bytes], at: list[int]) -> None:
    stream = b"".join(map(frame, sent))

    assert read([stream]) == (sent, False)
    assert read(chop(stream, at)) == (sent, False)
    assert read([bytes([byte]) for byte in stream]) == (sent, False)


@given(payloads, st.binary(max_size=80), cuts)
def test_any_bytes_give_frames_or_a_refusal_and_the_same_in_any_pieces(
    sent: list[bytes], garbage: bytes, at: list[int]
) -> None:
    stream = b"".join(map(frame, sent)) + garbage

    whole = read([stream])

    assert read(chop(stream, at)) == whole
    assert read([bytes([byte]) for byte in stream]) == whole
    assert whole[0][: len(sent)] == sent


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**32 - 1))
def test_a_length_is_refused_exactly_when_it_is_0_or_above_the_limit(
    length: int, limit: int
) -> None:
    reader = FrameReader(limit)
    reader.feed(length.to_bytes(4, "big"))

    try:
        assert reader.read() is None
        refused = False
    except FrameError:
        refused = True

    assert refused == (length == 0 or length > limit)
