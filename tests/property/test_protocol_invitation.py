"""Invitations: what is written is read again, and of anything else at most a sentence comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol import fingerprint, names
from pychat.protocol.errors import Refused
from pychat.protocol.invitation import (
    LONGEST,
    SCHEME,
    Invitation,
    InvitationError,
    is_invitation,
    parse_invitation,
)

KEY = bytes(range(32))
PLACES = st.sampled_from(["chat.lan", "chat.lan:4000", "[2001:db8::1]:4000", "10.0.0.1:22222"])
TOKENS = st.text("abcXYZ019-_", min_size=1, max_size=128)


def is_room(text: str) -> bool:
    try:
        return names.check_room(text) == text
    except Refused:
        return False


ROOMS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=64).filter(is_room)


@given(
    place=PLACES,
    room=st.none() | ROOMS,
    key=st.none() | st.binary(min_size=32, max_size=32),
    token=st.none() | TOKENS,
)
def test_what_is_written_is_read_again(
    place: str, room: str | None, key: bytes | None, token: str | None
) -> None:
    made = Invitation(place, room, key, token)

    assert parse_invitation(str(made)) == made
    assert len(str(made)) <= LONGEST
    assert str(made).isascii()


@given(st.text())
@pytest.mark.parametrize("prefix", ["", SCHEME, f"{SCHEME}chat.lan/", f"{SCHEME}chat.lan?key="])
def test_anything_else_is_refused_or_understood_whole(prefix: str, text: str) -> None:
    try:
        read = parse_invitation(prefix + text)
    except InvitationError:
        return
    assert parse_invitation(str(read)) == read


@given(st.binary(max_size=40))
def test_a_room_of_any_bytes_is_refused_or_is_a_good_one(raw: bytes) -> None:
    escaped = "".join(f"%{byte:02x}" for byte in raw)
    try:
        read = parse_invitation(f"{SCHEME}chat.lan/{escaped}")
    except InvitationError:
        return
    assert read.room is None or is_room(read.room)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("pychat://chat.lan", Invitation("chat.lan")),
        (" PyChat://chat.lan/ ", Invitation("chat.lan")),
        ("pychat://chat.lan:4000/tea", Invitation("chat.lan:4000", "tea")),
        ("pychat://chat.lan/%E8%8C%B6", Invitation("chat.lan", "茶")),
        ("pychat://chat.lan/茶", Invitation("chat.lan", "茶")),
        (
            f"pychat://[::1]:4000/tea?token=a-b_c&key={fingerprint.written(KEY)}",
            Invitation("[::1]:4000", "tea", KEY, "a-b_c"),
        ),
    ],
)
def test_it_may_be_written_in_many_ways(text: str, read: Invitation) -> None:
    assert is_invitation(text)
    assert parse_invitation(text) == read


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://chat.lan/tea", "begins with pychat://"),
        ("pychat://", "the host after"),
        ("pychat:///tea", "the host after"),
        ("pychat://ann@chat.lan/tea", "the host after"),
        ("pychat://chat.lan/tea#top", "no part after a #"),
        ("pychat://chat.lan/a/b", "no good room"),
        ("pychat://chat.lan/%0Atea", "no good room"),
        ("pychat://chat.lan/%e", "copy it whole"),
        ("pychat://chat.lan/%ff", "no UTF-8"),
        ("pychat://chat.lan?key=sha256:00", "the key of this invitation is damaged"),
        ("pychat://chat.lan?token=", "the token of this invitation is damaged"),
        (f"pychat://chat.lan?token={'a' * 129}", "the token of this invitation is damaged"),
        ("pychat://chat.lan?token=a&token=b", "its token twice"),
        ("pychat://chat.lan?exec=rm", "more in it than this pychat knows"),
        ("pychat://chat.lan?", None),
        (SCHEME + "a" * (LONGEST - len(SCHEME)), None),
        (SCHEME + "a" * (LONGEST - len(SCHEME) + 1), "at most 2,048 characters"),
    ],
)
def test_what_is_wrong_is_told(text: str, why: str | None) -> None:
    if why is None:
        parse_invitation(text)
        return
    with pytest.raises(InvitationError, match=why):
        parse_invitation(text)
