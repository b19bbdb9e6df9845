"""What a key signs is one thing only, and is written in one way only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol import proofs


def test_the_statement_is_as_the_protocol_has_it() -> None:
    assert proofs.statement(b"c" * 32, b"s" * 32, "ÄNN") == (
        b"pychat/1 hello\0" + b"c" * 32 + b"s" * 32 + "änn".encode()
    )


@given(st.binary(min_size=32, max_size=32))
def test_what_was_written_is_read_as_it_was(raw: bytes) -> None:
    assert proofs.read(proofs.written(raw), 32) == raw
    assert len(proofs.written(raw)) == 43


@given(st.text(max_size=50) | st.from_regex(r"\A[A-Za-z0-9_-]{43}\Z"))
def test_what_is_read_is_written_in_that_one_way_or_refused(text: str) -> None:
    try:
        raw = proofs.read(text, 32)
    except ValueError:
        return
    assert proofs.written(raw) == text


@pytest.mark.parametrize(
    "text", ["", "A" * 42, "A" * 44, "A" * 43 + "=", "A" * 42 + "B", "A" * 42 + "+", " " * 43]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        proofs.read(text, 32)
