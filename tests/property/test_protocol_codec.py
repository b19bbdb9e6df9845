"""Every struct survives the wire, and no payload does more than be refused."""

import json
from collections.abc import Callable
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.protocol import commands, replies
from pychat.protocol.codec import (
    ServerMessage,
    decode_command,
    decode_event,
    decode_server,
    encode,
    encode_frame,
)
from pychat.protocol.errors import ProtocolError
from pychat.protocol.limits import MAX_INTEGER
from tests.property.wire_values import client_messages, logged_events, server_messages

COMMANDS = [message.__struct_config__.tag for message in get_args(commands.ClientMessage)]
ANSWERS = [message.__struct_config__.tag for message in get_args(ServerMessage)]
FIELDS = ["id", "type", "room", "text", "nonce", "target", "limit", "seq", "events", "members"]

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
objects = st.fixed_dictionaries(
    {
        "type": st.sampled_from([*COMMANDS, *ANSWERS, "new", ""]) | json_values,
        "id": st.integers() | json_values,
    },
    optional=dict.fromkeys(FIELDS[2:], json_values),
)
sendable = st.one_of(client_messages, server_messages)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The bytes of a good message with a few of them changed, lost or added."""
    payload = bytearray(encode(draw(sendable)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(payload)))
        length = draw(st.integers(0, 8))
        payload[at : at + length] = draw(
            st.binary(max_size=4)
            | st.sampled_from([b"[" * 2_000, b"\\ud800", b"\xed\xa0\x80", b"1e999", b'","id":"'])
        )
    return bytes(payload)


anything = st.one_of(
    st.binary(max_size=60), damaged(), objects.map(json.dumps).map(str.encode), st.just(b"")
)


@given(client_messages)
def test_every_client_message_round_trips(message: commands.ClientMessage) -> None:
    payload = encode(message)

    assert decode_command(payload) == message
    assert encode(decode_command(payload)) == payload
    assert json.loads(payload)["type"] == message.__struct_config__.tag


@given(server_messages)
def test_every_server_message_round_trips(message: ServerMessage) -> None:
    payload = encode(message)
    decoded = decode_server(payload)

    assert type(decoded) is type(message)
    assert encode(decoded) == payload
    if not isinstance(message, replies.Joined):
        assert decoded == message
    assert encode_frame(message) == len(payload).to_bytes(4, "big") + payload


@given(logged_events)
def test_every_logged_event_round_trips(event: Any) -> None:
    assert decode_event(encode(event)) == event


@given(st.one_of(client_messages, server_messages), st.dictionaries(st.text(), json_values))
def test_fields_from_a_newer_protocol_change_nothing(message: Any, added: dict[str, Any]) -> None:
    own = json.loads(encode(message))
    fields = set(message.__struct_fields__)
    payload = {**{k: v for k, v in added.items() if k not in fields}, **own}
    decode = (
        decode_command if isinstance(message, get_args(commands.ClientMessage)) else (decode_server)
    )

    # NaN and Infinity are no JSON.
    try:
        wire = json.dumps(payload, allow_nan=False).encode()
    except ValueError:
        return

    assert type(decode(wire)) is type(message)


def outcome(decode: Callable[[bytes], Any], payload: bytes) -> Any:
    """The message, or the ProtocolError; anything else that is raised fails the test."""
    try:
        return decode(payload)
    except ProtocolError as fault:
        return fault


@settings(max_examples=200)
@given(anything)
def test_any_payload_gives_a_message_or_a_protocol_error(payload: bytes) -> None:
    for decode in (decode_command, decode_server, decode_event):
        found = outcome(decode, payload)
        if isinstance(found, ProtocolError):
            assert found.code in ("bad-request", "unknown-command")
            assert found.command_id is None or 0 <= found.command_id <= MAX_INTEGER
            assert 0 < len(found.text) < 500
        else:
            again = decode(encode(found))
            assert type(again) is type(found)
            assert encode(again) == encode(found)


@given(objects)
def test_an_id_that_stands_in_the_payload_comes_with_the_refusal(wire: dict[str, Any]) -> None:
    try:
        payload = json.dumps(wire, allow_nan=False).encode()
    except ValueError:
        return
    number, kind = wire["id"], wire["type"]
    valid = type(number) is int and 0 <= number <= MAX_INTEGER

    found = outcome(decode_command, payload)

    if isinstance(found, ProtocolError):
        assert found.command_id == (number if valid else None)
        unknown = isinstance(kind, str) and kind not in COMMANDS
        assert (found.code == "unknown-command") == unknown
    else:
        assert isinstance(found, commands.Pong) or found.id == number
