"""The bounds are those of the contract, and what is allowed fits the frame that carries it."""

from pychat.protocol import commands, events, limits, replies
from pychat.protocol.codec import encode

WIDEST = "\U0001f375"
"""Four bytes in UTF-8; what JSON escapes takes two."""


def test_the_bounds_are_those_of_the_contract() -> None:
    assert (limits.CLIENT_FRAME_BYTES, limits.GREETING_FRAME_BYTES) == (65_536, 4_096)
    assert limits.SERVER_FRAME_BYTES == 1_048_576
    assert (limits.TEXT_CHARS, limits.TEXT_LINES, limits.TOPIC_CHARS) == (8_000, 200, 390)
    assert (limits.NAME_CHARS, limits.ROOM_CHARS, limits.NONCE_CHARS) == (32, 64, 64)
    assert (limits.PAGE_MESSAGES, limits.FOUND_MESSAGES) == (200, 100)
    assert (limits.LISTED_ROOMS, limits.LISTED_MEMBERS, limits.JOINED_MEMBERS) == (500, 1_000, 200)
    assert (limits.DELTA_EVENTS, limits.BAD_PAYLOADS) == (1_000, 10)
    assert limits.MAX_INTEGER == 2**53 - 1
    assert limits.DEFAULT_PORT == 22_222


def test_the_longest_message_fits_a_clients_frame() -> None:
    longest = commands.Edit(
        id=limits.MAX_INTEGER,
        room=WIDEST * limits.ROOM_CHARS,
        target=limits.MAX_INTEGER,
        text=WIDEST * limits.TEXT_CHARS,
        nonce=WIDEST * limits.NONCE_CHARS,
    )

    assert len(encode(longest)) <= limits.CLIENT_FRAME_BYTES


def test_the_longest_hello_fits_the_frame_of_a_stranger() -> None:
    hello = commands.Hello(
        id=limits.MAX_INTEGER,
        protocol=[1],
        client=WIDEST * limits.CLIENT_CHARS,
        name=WIDEST * limits.NAME_CHARS,
        password="p" * 1_024,
        resume="t" * 1_024,
    )

    assert len(encode(hello)) <= limits.GREETING_FRAME_BYTES


def test_the_longest_page_of_rooms_fits_a_servers_frame() -> None:
    room = replies.RoomInfo(
        name=WIDEST * limits.ROOM_CHARS,
        members=limits.MAX_INTEGER,
        topic=WIDEST * limits.TOPIC_CHARS,
        seq=limits.MAX_INTEGER,
    )
    page = replies.Rooms(id=limits.MAX_INTEGER, rooms=[room] * limits.LISTED_ROOMS, more=True)

    assert len(encode(page)) <= limits.SERVER_FRAME_BYTES


def test_the_longest_page_of_members_fits_a_servers_frame() -> None:
    member = replies.Member(name=WIDEST * limits.NAME_CHARS, role="operator")
    page = replies.Members(
        id=limits.MAX_INTEGER,
        room=WIDEST * limits.ROOM_CHARS,
        members=[member] * limits.LISTED_MEMBERS,
        count=limits.MAX_INTEGER,
        more=True,
    )

    assert len(encode(page)) <= limits.SERVER_FRAME_BYTES


def test_the_longest_presence_fits_a_servers_frame() -> None:
    parting = events.Parting(name=WIDEST * limits.NAME_CHARS, reason=WIDEST * limits.REASON_CHARS)
    presence = events.Presence(
        room=WIDEST * limits.ROOM_CHARS, left=[parting] * limits.LISTED_MEMBERS
    )

    assert len(encode(presence)) <= limits.SERVER_FRAME_BYTES


def test_all_that_can_be_banned_and_muted_fits_a_servers_frame() -> None:
    sanction = replies.Sanction(
        name=WIDEST * limits.NAME_CHARS,
        since=limits.MAX_INTEGER,
        by=WIDEST * limits.NAME_CHARS,
        until=limits.MAX_INTEGER,
        reason=WIDEST * limits.REASON_CHARS,
    )
    each = [sanction] * limits.SANCTIONS
    bans = replies.Bans(
        id=limits.MAX_INTEGER, room=WIDEST * limits.ROOM_CHARS, bans=each, mutes=each
    )

    assert len(encode(bans)) <= limits.SERVER_FRAME_BYTES
