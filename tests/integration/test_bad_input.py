"""Bytes that no honest client sends: each is answered or ends its own connection, no other's."""

import json
import struct

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Json, Wire, framed

GREETING_LIMIT = 4_096
LIMIT = 65_536
HELLO = b'{"type":"hello","id":1,"protocol":[1],"client":"x"}'


def padded(payload: bytes, length: int) -> bytes:
    return payload + b" " * (length - len(payload))


BAD_PAYLOADS: list[tuple[bytes, str]] = [
    (b"{", "bad-request"),
    (b"nonsense", "bad-request"),
    (b"null", "bad-request"),
    (b"1", "bad-request"),
    (b'"ping"', "bad-request"),
    (b"[]", "bad-request"),
    (b'[{"type":"ping","id":1}]', "bad-request"),
    (b"{}", "bad-request"),
    (b'{"id":77}', "bad-request"),
    (b'{"type":null,"id":77}', "bad-request"),
    (b'{"type":5,"id":77}', "bad-request"),
    (b'{"type":["ping"],"id":77}', "bad-request"),
    (b'{"type":"ping"}', "bad-request"),
    (b'{"type":"ping","id":"77"}', "bad-request"),
    (b'{"type":"ping","id":7.5}', "bad-request"),
    (b'{"type":"ping","id":-1}', "bad-request"),
    (b'{"type":"ping","id":9007199254740992}', "bad-request"),
    (b'{"type":"ping","id":1e400}', "bad-request"),
    (b'{"type":"ping","id":true}', "bad-request"),
    (b'{"type":"ping","id":null}', "bad-request"),
    (b'{"type":"ping","id":NaN}', "bad-request"),
    (b'{"type":"ping","id":77}{"type":"ping","id":78}', "bad-request"),
    (b'{"type":"ping","id":77,}', "bad-request"),
    (b"{'type':'ping','id':77}", "bad-request"),
    (b'{"type":"ping","id":77} x', "bad-request"),
    (b'{"type":"Ping","id":77}', "unknown-command"),
    (b'{"type":"welcome","id":77}', "unknown-command"),
    (b'{"type":"","id":77}', "unknown-command"),
    (b'{"type":"ok","id":77}', "unknown-command"),
    (b'{"type":"join","id":77}', "bad-request"),
    (b'{"type":"join","id":77,"room":null}', "bad-request"),
    (b'{"type":"join","id":77,"room":5}', "bad-request"),
    (b'{"type":"join","id":77,"room":"r","after":-1}', "bad-request"),
    (b'{"type":"join","id":77,"room":"r","limit":201}', "bad-request"),
    (b'{"type":"join","id":77,"room":"r","epoch":5}', "bad-request"),
    (b'{"type":"away","id":77,"away":1}', "bad-request"),
    (b'{"type":"list","id":77,"limit":0}', "bad-request"),
    (b'{"type":"list","id":77,"limit":501}', "bad-request"),
    (b'{"type":"members","id":77,"room":"r","limit":1001}', "bad-request"),
    (b'{"type":"react","id":77,"room":"r","target":1,"emojis":"x","nonce":"n"}', "bad-request"),
    (b'{"type":"react","id":77,"room":"r","target":1,"emojis":[1],"nonce":"n"}', "bad-request"),
    (b'{"type":"send","id":77,"room":"r","text":"\xff","nonce":"n"}', "bad-request"),
    (b'{"type":"send","id":77,"room":"r","text":"\xed\xa0\x80","nonce":"n"}', "bad-request"),
    (b'{"type":"send","id":77,"room":"r","text":"\xc0\xaf","nonce":"n"}', "bad-request"),
    (b'{"type":"send","id":77,"room":"r","text":"\x01","nonce":"n"}', "bad-request"),
    (b'{"type":"\xff","id":77}', "bad-request"),
    (b"\xef\xbb\xbf" + b'{"type":"ping","id":77}', "bad-request"),
    ('{"type":"ping","id":77}'.encode("utf-16"), "bad-request"),
    (b"\x00" * 100, "bad-request"),
    (b'{"type":"ping","id":77,"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "bad-request"),
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "bad-request"),
    (b"[" * 65_000, "bad-request"),
]


@pytest.mark.parametrize(("payload", "code"), BAD_PAYLOADS, ids=range(len(BAD_PAYLOADS)))
async def test_a_bad_payload_is_answered_and_the_stream_goes_on(
    hall: RunningHall, payload: bytes, code: str
) -> None:
    wire = await Wire.enter(hall.port, "ann")

    wire.send_bytes(framed(payload))
    answer = await wire.read()

    assert (answer["type"], answer["code"]) == ("error", code)
    if b'"id":77' in payload and answer.get("id") is not None:
        assert answer["id"] == 77
    assert (await wire.granted("ping"))["type"] == "pong"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"no-such","id":77}',
        b'{"id":77,"type":"join"}',
        b'{"type":"join","room":5,"id":77}',
        b'{"type":5,"id":77}',
        b'{"id":77}',
        b'{"type":"send","room":"r","text":["x"],"nonce":"n","id":77}',
    ],
)
async def test_an_error_bears_the_id_where_it_can_be_read(
    hall: RunningHall, payload: bytes
) -> None:
    wire = await Wire.enter(hall.port, "ann")

    wire.send_bytes(framed(payload))

    assert (await wire.read())["id"] == 77


@pytest.mark.parametrize("field", ["room", "text", "nonce"])
async def test_an_error_names_the_path_of_the_fault(hall: RunningHall, field: str) -> None:
    wire = await Wire.enter(hall.port, "ann")
    fields: Json = {"room": "r", "text": "t", "nonce": "n"} | {field: 5}

    reply = await wire.ask("send", **fields)

    assert reply["code"] == "bad-request"
    assert field in reply["text"]


async def test_a_lone_surrogate_is_refused(hall: RunningHall) -> None:
    wire = await Wire.member(hall.port, "ann", "r")

    wire.send_bytes(framed(b'{"type":"send","id":77,"room":"r","text":"\\ud800","nonce":"n"}'))

    answer = await wire.read()
    assert answer["type"] == "error"
    assert answer["code"] in ("bad-text", "bad-request")
    assert (await wire.granted("history", room="r"))["messages"] == []


async def test_surrogates_in_any_string_break_nothing(hall: RunningHall) -> None:
    bad = '"\\udfff"'
    wire = await Wire.member(hall.port, "ann", "r")
    for payload in (
        f'{{"type":{bad},"id":500}}',
        f'{{"type":"name","id":501,"name":{bad}}}',
        f'{{"type":"join","id":502,"room":{bad}}}',
        f'{{"type":"leave","id":503,"room":{bad}}}',
        f'{{"type":"send","id":504,"room":"r","text":"x","nonce":{bad}}}',
        f'{{"type":"search","id":505,"text":{bad}}}',
        f'{{"type":"search","id":506,"text":"x","sender":{bad}}}',
        f'{{"type":"react","id":507,"room":"r","target":1,"emojis":[{bad}],"nonce":"n"}}',
        f'{{"type":"list","id":508,"after":{bad}}}',
        f'{{"type":"members","id":509,"room":"r","after":{bad}}}',
        f'{{"type":"topic","id":510,"room":"r","text":{bad},"nonce":"n"}}',
        f'{{"type":"ping","id":512,"unknown":{bad}}}',
        f'{{"type":"join","id":513,"room":"s","epoch":{bad}}}',
    ):
        wire.send_bytes(framed(payload.encode()))
        assert (await wire.read())["type"] in ("error", "sent", "found", "rooms", "members")
        await wire.granted("ping")


async def test_the_tenth_bad_payload_in_a_row_ends_it(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann")
    for _ in range(10):
        wire.send_bytes(framed(b"{"))

    answers = [await wire.read() for _ in range(10)]

    assert [each["type"] for each in answers] == ["error"] * 10
    assert (await wire.bye())["code"] == "too-many-errors"


async def test_nine_and_a_good_one_and_nine_are_forgiven(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann")

    for _ in range(3):
        for _ in range(9):
            wire.send_bytes(framed(b"{}"))
            assert (await wire.read())["code"] == "bad-request"
        assert (await wire.granted("ping"))["type"] == "pong"


async def test_a_refused_command_is_no_bad_payload(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann")

    for _ in range(30):
        assert await wire.refused("leave", room="nowhere") == "no-such-room"


async def test_bad_payloads_before_hello_are_answered_too(hall: RunningHall) -> None:
    wire = await Wire.connect(hall.port)
    for _ in range(9):
        wire.send_bytes(framed(b"{"))
        assert (await wire.read())["code"] == "bad-request"

    assert (await wire.granted("hello", protocol=[1], client="x"))["type"] == "welcome"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"hello","id":77}',
        b'{"type":"hello","id":77,"protocol":1,"client":"x"}',
        b'{"type":"hello","id":77,"protocol":["1"],"client":"x"}',
        b'{"type":"hello","id":77,"protocol":[1]}',
        b'{"type":"hello","id":77,"protocol":[1],"client":5}',
        b'{"type":"hello","id":77,"protocol":[1],"client":"x","name":5}',
        b'{"type":"hello","id":77,"protocol":[1],"client":"x","resume":{}}',
        b'{"type":"hello","id":77,"protocol":[-1],"client":"x"}',
    ],
)
async def test_a_malformed_hello_may_be_tried_again(hall: RunningHall, payload: bytes) -> None:
    wire = await Wire.connect(hall.port)
    wire.send_bytes(framed(payload))

    answer = await wire.read()

    assert (answer["type"], answer["code"], answer["id"]) == ("error", "bad-request", 77)
    await wire.granted("hello", protocol=[1], client="x")


@pytest.mark.parametrize(
    "header",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x00",
        struct.pack(">I", GREETING_LIMIT + 1),
        struct.pack(">I", 2**31),
        b"SSH-2.0-x\r\n",
        b"\r\n\r\n",
    ],
)
async def test_a_length_that_no_frame_has_is_refused_on_its_four_bytes(
    hall: RunningHall, header: bytes
) -> None:
    wire = await Wire.connect(hall.port)

    wire.send_bytes(header)

    assert (await wire.bye())["code"] == "bad-frame"


@pytest.mark.parametrize("length", [0, LIMIT + 1, 2**32 - 1])
async def test_after_welcome_too(hall: RunningHall, length: int) -> None:
    wire = await Wire.enter(hall.port, "ann")
    wire.send_bytes(framed(b'{"type":"ping","id":77}') + struct.pack(">I", length))

    assert (await wire.read())["id"] == 77
    assert (await wire.bye())["code"] == "bad-frame"


async def test_the_longest_frame_before_welcome(hall: RunningHall) -> None:
    wire = await Wire.connect(hall.port)

    wire.send_bytes(framed(padded(HELLO, GREETING_LIMIT)))

    assert (await wire.read())["type"] == "welcome"


async def test_the_longest_frame_after_welcome(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann")

    wire.send_bytes(framed(padded(b'{"type":"ping","id":77}', LIMIT)))

    assert (await wire.read())["id"] == 77


async def test_the_limit_rises_with_the_welcome_also_within_one_packet(hall: RunningHall) -> None:
    wire = await Wire.connect(hall.port)

    wire.send_bytes(framed(HELLO) + framed(padded(b'{"type":"ping","id":77}', LIMIT)))

    assert [(await wire.read())["type"] for _ in range(2)] == ["welcome", "pong"]


async def test_after_a_refused_hello_the_limit_is_still_the_low_one(hall: RunningHall) -> None:
    wire = await Wire.connect(hall.port)
    await wire.refused("hello", protocol=[1], client="x", name="-")

    wire.send_bytes(struct.pack(">I", GREETING_LIMIT + 1))

    assert (await wire.bye())["code"] == "bad-frame"


async def test_frames_cut_into_single_bytes_are_whole_again(hall: RunningHall) -> None:
    wire = await Wire.connect(hall.port)
    text = "größer \U0001f600"
    commands = [
        {"type": "hello", "id": 1, "protocol": [1], "client": "x", "name": "ann"},
        {"type": "join", "id": 2, "room": "lobby"},
        {"type": "send", "id": 3, "room": "lobby", "text": text, "nonce": "n"},
    ]
    for command in commands:
        for byte in framed(json.dumps(command, ensure_ascii=False).encode()):
            wire.send_bytes(bytes([byte]))
            await wire.flushed()

    assert (await wire.event("message"))["text"] == text


async def test_many_frames_in_one_packet_are_all_answered(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann")
    frames = [framed(b'{"type":"ping","id":%d}' % (100 + n)) for n in range(2_000)]

    wire.send_bytes(b"".join(frames))

    assert [(await wire.read())["id"] for _ in frames] == list(range(100, 2_100))


async def test_what_follows_a_bad_length_is_never_looked_at(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann")

    wire.send_bytes(b"\x00\x00\x00\x00" + framed(b'{"type":"join","id":77,"room":"lobby"}'))

    assert (await wire.bye())["code"] == "bad-frame"
    bob = await Wire.enter(hall.port, "bob")
    assert (await bob.granted("list"))["rooms"] == []


async def test_a_broken_one_does_the_others_no_harm(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    bob = await Wire.member(hall.port, "bob", "lobby")
    for junk in (b"\xff\xff\xff\xff", framed(b"{") * 10, b"GET / HTTP/1.1\r\n"):
        eve = await Wire.connect(hall.port)
        eve.send_bytes(junk)
        assert not (await eve.bye())["reconnect"]

    await ann.say("lobby", "all well?")

    assert (await bob.event("message"))["text"] == "all well?"


async def test_after_a_framing_fault_the_session_can_be_resumed(hall: RunningHall) -> None:
    ann = await Wire.member(hall.port, "ann", "lobby")
    ann.send_bytes(b"\x00\x00\x00\x00")
    await ann.bye()

    again = await Wire.enter(hall.port, resume=ann.welcome["resume"])

    assert (again.welcome["resumed"], again.welcome["rooms"]) == (True, ["lobby"])


async def test_a_half_closed_connection_gets_its_answers_and_ends(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await Wire.member(hall.port, "ann", "lobby")
    await bob.event("presence")
    listing = ann.command("list")
    ann.half_close()

    assert (await ann.reply(listing))["type"] == "rooms"
    await ann.rest()
    gone = await bob.event("presence")
    assert gone["changed"][0]["member"]["away"] is True


async def test_what_was_sent_before_a_half_close_is_in_the_log(hall: RunningHall) -> None:
    bob = await Wire.member(hall.port, "bob", "lobby")
    ann = await Wire.member(hall.port, "ann", "lobby")
    ann.command("send", room="lobby", text="fire and forget", nonce="n")
    ann.half_close()

    assert (await bob.event("message"))["text"] == "fire and forget"
