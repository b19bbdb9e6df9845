"""Whatever the payload, decoding gives a struct or a ProtocolError with its id and its reason."""

import json
import pathlib
import time
from typing import Any

import pytest

from pychat.protocol import commands, events, replies
from pychat.protocol.codec import decode_command, decode_event, decode_server, encode, encode_frame
from pychat.protocol.errors import ProtocolError
from pychat.protocol.limits import MAX_INTEGER

CASES = json.loads(
    (pathlib.Path(__file__).parents[2] / "data" / "json_cases.json").read_text("ascii")
)
SEND: dict[str, Any] = {"type": "send", "id": 7, "room": "tea", "text": "hi", "nonce": "n"}


def short(value: object) -> str:
    return repr(value)[:40]


def fault_of(payload: bytes) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        decode_command(payload)
    return caught.value


def changed(**fields: Any) -> bytes:
    return json.dumps(SEND | fields).encode()


def test_an_encoded_frame_is_its_length_and_the_json() -> None:
    wire = encode_frame(replies.Ok(id=1))

    assert wire == b'\x00\x00\x00\x14{"type":"ok","id":1}'


# -- what JSON is ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES["rejected"])
def test_bad_json_is_a_bad_request(name: str) -> None:
    payload = CASES["rejected"][name].encode("latin-1")

    fault = fault_of(payload)

    assert fault.code == "bad-request"
    assert 0 < len(fault.text) < 200
    with pytest.raises(ProtocolError):
        decode_server(payload)
    with pytest.raises(ProtocolError):
        decode_event(payload)


@pytest.mark.parametrize("name", CASES["accepted"])
def test_unusual_json_is_still_json(name: str) -> None:
    command = decode_command(CASES["accepted"][name].encode("latin-1"))

    assert isinstance(command, commands.Ping)
    assert command.id == 5


def test_of_a_field_that_comes_twice_the_last_counts() -> None:
    assert decode_command(b'{"type":"ping","id":1,"id":2}') == commands.Ping(id=2)


def test_unknown_fields_are_ignored_with_whatever_is_in_them() -> None:
    payload = (
        b'{"type":"ping","x":"\\ud83d\\ude00","id":1,"y":{"deep":[[[1.5e300,null]]]},"z":"\xff"}'
    )

    assert decode_command(payload) == commands.Ping(id=1)


@pytest.mark.parametrize("depth", [990, 1_000, 10_000, 32_000])
@pytest.mark.parametrize("field", ["unknown", "text"])
def test_json_too_deep_is_refused_at_once(depth: int, field: str) -> None:
    payload = b'{"type":"send","id":7,"%s":%s%s}' % (field.encode(), b"[" * depth, b"]" * depth)
    started = time.perf_counter()

    fault = fault_of(payload)

    assert time.perf_counter() - started < 0.5
    assert fault.code == "bad-request"
    assert fault.command_id == 7


# -- the fault is told with its path -----------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (changed(text=5), "Expected `str`, got `int` - at `$.text`"),
        (changed(reply_to="5"), "Expected `int | null`, got `str` - at `$.reply_to`"),
        (changed(reply_to=-1), "Expected `int` >= 0 - at `$.reply_to`"),
        (changed(nonce=""), "Expected `str` of length >= 1 - at `$.nonce`"),
        (changed(id=True), "Expected `int`, got `bool` - at `$.id`"),
        (b'{"type":"list","id":1,"limit":501}', "Expected `int` <= 500 - at `$.limit`"),
        (b'{"type":"list","id":1,"limit":0}', "Expected `int` >= 1 - at `$.limit`"),
        (b'{"type":"leave","id":1}', "Object missing required field `room`"),
        (b'{"type":"away","id":1,"away":1}', "Expected `bool`, got `int` - at `$.away`"),
        (
            b'{"type":"hello","id":1,"client":"c","protocol":[1,-1]}',
            "Expected `int` >= 0 - at `$.protocol[1]`",
        ),
        (
            b'{"type":"react","id":1,"room":"r","target":1,"nonce":"n","emojis":["a",1]}',
            "Expected `str`, got `int` - at `$.emojis[1]`",
        ),
        (b'{"id":4}', "Object missing required field `type`"),
        (b'{"id":4,"type":5}', "Expected `str` - at `$.type`"),
        (b"[1]", "Expected `object`, got `array`"),
        (
            b'{"type":"leave","id":1,"room":"\xff"}',
            "the payload is not UTF-8: invalid start byte at byte 0",
        ),
        (b'{"type":"ping","id":1,"x":' + b"[" * 9_000, "the JSON is nested too deep"),
    ],
    ids=short,
)
def test_a_bad_request_says_what_is_wrong_and_where(payload: bytes, text: str) -> None:
    fault = fault_of(payload)

    assert (fault.code, fault.text) == ("bad-request", text)
    assert str(fault) == text


# -- the id is read wherever it can be ---------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [
        changed(text=5),
        changed(text=None),
        changed(nonce="x" * 65),
        changed(id=7, type=5),
        changed(type=None),
        b'{"id":7}',
        b'{"type":"send","id":7}',
        b'{"type":"list","limit":-1,"id":7}',
        b'{"id":1,"type":"send","id":7}',
        b'{"type":"ping","type":"send","id":7}',
        b'{"type":"leave","room":"\xff\xfe","id":7}',
        b'{"type":"typing","room":"\xed\xa0\x80","id":7}',
        b'{"type":"ping", "id" : 7 ,"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"x":{"id":9},"s":"{\\"id\\":8,","id":7,"y":' + b'{"z":' * 5_000 + b"1" + b"}" * 5_001,
    ],
    ids=short,
)
def test_a_broken_command_keeps_its_id(payload: bytes) -> None:
    fault = fault_of(payload)

    assert (fault.code, fault.command_id) == ("bad-request", 7)


@pytest.mark.parametrize(
    "value",
    ["-1", "1.0", "7.5", "1e2", "true", "null", '"7"', "[7]", str(MAX_INTEGER + 1), "9" * 5_000],
    ids=short,
)
def test_an_id_that_is_none_is_not_given_back(value: str) -> None:
    fault = fault_of(b'{"type":"ping","id":%s}' % value.encode())

    assert (fault.code, fault.command_id) == ("bad-request", None)
    assert "$.id" in fault.text


@pytest.mark.parametrize("value", ["-1", "1.5", '"7"', "9007199254740992", "007"])
def test_an_id_that_is_none_is_not_given_back_from_json_too_deep(value: str) -> None:
    fault = fault_of(b'{"type":"ping","id":%s,"x":%s' % (value.encode(), b"[" * 5_000))

    assert fault.command_id is None


@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"send","id":7,"text":"a',
        b'{"type":"send","id":7,"text":"\xff"}',
        b'{"type":"send","id":7,"text":"\\ud800"}',
        b'{"type":"ping","id":7}{"type":"ping","id":8}',
        b'{"type":"ping","id":7,}',
    ],
)
def test_the_id_is_read_from_what_is_no_json_after_it(payload: bytes) -> None:
    fault = fault_of(payload)

    assert (fault.code, fault.command_id) == ("bad-request", 7)


@pytest.mark.parametrize("value", [0, MAX_INTEGER - 1, MAX_INTEGER])
def test_every_id_within_the_bounds_is_taken(value: int) -> None:
    assert decode_command(b'{"type":"ping","id":%d}' % value) == commands.Ping(id=value)
    assert fault_of(b'{"type":"leave","id":%d}' % value).command_id == value


# -- unknown types -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["", "nope", "Send", "send ", "command", "welcome", "message", "ok", "error", "bye"]
)
def test_a_type_that_is_no_commands_is_an_unknown_command(kind: str) -> None:
    fault = fault_of(json.dumps({"type": kind, "id": 3}).encode())

    assert (fault.code, fault.command_id) == ("unknown-command", 3)
    assert fault.text == f"there is no command {kind!r}; `manual` tells which there are"


@pytest.mark.parametrize("value", [b"", b',"id":1.5', b',"id":"7"', b',"id":-1', b',"id":null'])
def test_regression_an_unknown_type_beside_a_bad_id_is_still_an_unknown_command(
    value: bytes,
) -> None:
    fault = fault_of(b'{"type":"nope"%s}' % value)

    assert (fault.code, fault.command_id) == ("unknown-command", None)


@pytest.mark.parametrize("bad_id", [b"1", b'"1"'])
def test_regression_a_long_type_is_not_sent_back_whole(bad_id: bytes) -> None:
    fault = fault_of(b'{"type":"%s","id":%s}' % (b"\\u202e" * 9_000, bad_id))

    assert fault.code == "unknown-command"
    assert len(fault.text) < 400
    assert fault.text.isprintable()


def test_regression_a_long_type_beside_json_too_deep_is_not_sent_back_whole() -> None:
    fault = fault_of(b'{"type":"%s","id":1,"x":%s' % (b"x" * 30_000, b"[" * 5_000))

    assert (fault.code, fault.command_id) == ("bad-request", None)
    assert len(fault.text) <= 200


def test_a_pong_is_no_command_and_needs_no_id() -> None:
    assert decode_command(b'{"type":"pong"}') == commands.Pong()


# -- what a server sends -----------------------------------------------------------------------


def test_a_client_ignores_an_unknown_event_but_counts_its_seq() -> None:
    payload = b'{"type":"pinned","room":"tea","seq":9,"prev":7,"target":3,"by":{"name":"ann"}}'

    for decode in (decode_server, decode_event):
        assert decode(payload) == events.Unknown(type="pinned", room="tea", seq=9, prev=7)


@pytest.mark.parametrize("field", ['"seq":"9"', '"seq":-1', '"room":{"name":"tea"}', '"prev":1.5'])
def test_regression_an_unknown_event_is_ignored_whatever_its_fields_are(field: str) -> None:
    payload = f'{{"type":"pinned",{field}}}'.encode()

    assert decode_server(payload) == events.Unknown(type="pinned")


def test_unknown_fields_of_known_messages_are_ignored() -> None:
    typing = b'{"type":"typing","room":"tea","name":"ann","since":{"a":[1]}}'

    assert decode_server(typing) == events.Typing(room="tea", name="ann")


def test_an_unknown_error_code_is_still_an_error() -> None:
    payload = b'{"type":"error","code":"too-hot","text":"cool down","retryable":true}'

    assert decode_server(payload) == replies.Error(code="too-hot", text="cool down", retryable=True)


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b'{"type":"ok"}', "Object missing required field `id`"),
        (b'{"type":"ok","id":-1}', "Expected `int` >= 0 - at `$.id`"),
        (b'{"type":"notice","text":null}', "Expected `str`, got `null` - at `$.text`"),
        (b'{"type":"typing","room":"tea"}', "Object missing required field `name`"),
        (b"{}", "Object missing required field `type`"),
        (b'{"type":1}', "Expected `str` - at `$.type`"),
        (b'{"type":"ping","x":' + b"[" * 9_000, "the JSON is nested too deep"),
        (b'{"type":"new","x":' + b"[" * 9_000, "Invalid value 'new' - at `$.type`"),
    ],
    ids=short,
)
def test_a_known_message_with_a_fault_is_a_protocol_error(payload: bytes, text: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_server(payload)

    assert caught.value.text == text


@pytest.mark.parametrize("kind", ["presence", "typing", "ok", "bye"])
def test_what_is_not_logged_is_no_entry_of_a_log(kind: str) -> None:
    with pytest.raises(ProtocolError):
        decode_event(f'{{"type":"{kind}","room":"tea","name":"ann","id":1}}'.encode())


def test_one_unknown_event_of_a_delta_spoils_no_other() -> None:
    said = (
        b'{"type":"message","room":"r","seq":2,"prev":1,"time":1,"sender":"a","nonce":"n",'
        b'"text":"t"}'
    )
    joined = decode_server(
        b'{"type":"joined","id":1,"room":"r","topic":"","members":[],"count":0,"seq":3,'
        b'"recovered":true,"missed":1,"more":false,"events":[%s,{"type":"new","seq":3}]}' % said
    )

    assert isinstance(joined, replies.Joined)
    assert joined.events is not None
    first, second = map(decode_event, joined.events)
    assert isinstance(first, events.Message)
    assert second == events.Unknown(type="new", seq=3)


def test_encoding_is_compact_utf8() -> None:
    assert encode(events.Notice(text="tëa 🍵")) == '{"type":"notice","text":"tëa 🍵"}'.encode()
