"""Bytes to structs and back. Whatever the bytes, decoding gives a struct or a ProtocolError."""

import re
from typing import Any, get_args

import msgspec

from pychat.protocol import commands, events, limits, replies
from pychat.protocol.errors import ProtocolError
from pychat.protocol.fields import Integer
from pychat.protocol.framing import frame

ServerMessage = replies.AnyReply | events.Event

_encoder = msgspec.json.Encoder()
_command_decoder: msgspec.json.Decoder[commands.ClientMessage]
_command_decoder = msgspec.json.Decoder(commands.ClientMessage)
_server_decoder: msgspec.json.Decoder[ServerMessage]
_server_decoder = msgspec.json.Decoder(ServerMessage)
_event_decoder: msgspec.json.Decoder[events.LoggedEvent]
_event_decoder = msgspec.json.Decoder(events.LoggedEvent)
_unknown_decoder = msgspec.json.Decoder(events.Unknown)

encode = _encoder.encode

# The three unrelated families that msgspec raises.
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_FAULT_CHARS = 200
"""Of a description: some quote the value at fault whole."""


class _Typed(msgspec.Struct):
    type: str


class _Numbered(msgspec.Struct):
    id: Integer


# One field each: a fault in the other is no reason not to know this one.
_type_decoder = msgspec.json.Decoder(_Typed)
_id_decoder = msgspec.json.Decoder(_Numbered)


def _tags(union: Any) -> frozenset[str]:
    return frozenset(member.__struct_config__.tag for member in get_args(union))


_COMMANDS = _tags(commands.ClientMessage)
_SERVER_MESSAGES = _tags(ServerMessage)


def encode_frame(message: msgspec.Struct) -> bytes:
    """A message as the bytes of its frame."""
    return frame(_encoder.encode(message))


def decode_command(payload: bytes) -> commands.ClientMessage:
    """What a client sent.

    Raises ProtocolError `unknown-command` for a type that is no command's, else `bad-request`
    with the path of the fault; it has the command's id where that can be read.
    """
    try:
        return _command_decoder.decode(payload)
    except _FAULTS as fault:
        raise _diagnose(payload, fault) from None


def decode_server(payload: bytes) -> ServerMessage | events.Unknown:
    """What a server sent; a type from a newer protocol gives `Unknown`.

    Raises ProtocolError on anything else.
    """
    try:
        return _server_decoder.decode(payload)
    except _FAULTS as fault:
        return _stranger(payload, fault)


def decode_event(payload: bytes | msgspec.Raw) -> events.LoggedEvent | events.Unknown:
    """An entry of a room's log, from `joined` or from disk. Raises ProtocolError."""
    try:
        return _event_decoder.decode(payload)
    except _FAULTS as fault:
        return _stranger(payload, fault)


def _stranger(payload: bytes | msgspec.Raw, fault: Exception) -> events.Unknown:
    """What is of a type from a newer protocol. Raises ProtocolError where that is not the fault."""
    kind = _type_of(payload)
    if kind is None or kind in _SERVER_MESSAGES:
        raise ProtocolError("bad-request", _describe(fault)) from None
    try:
        return _unknown_decoder.decode(payload)
    except _FAULTS:
        # Its `room` or `seq` may be something else there.
        return events.Unknown(type=kind)


def _diagnose(payload: bytes, fault: Exception) -> ProtocolError:
    command_id = _id_of(payload)
    kind = _type_of(payload)
    if kind is not None and kind not in _COMMANDS:
        text = f"there is no command {kind[:40]!r}; `manual` tells which there are"
        return ProtocolError("unknown-command", text, command_id)
    return ProtocolError("bad-request", _describe(fault), command_id)


def _type_of(payload: bytes | msgspec.Raw) -> str | None:
    try:
        return _type_decoder.decode(payload).type
    except _FAULTS:
        return None


def _id_of(payload: bytes) -> int | None:
    try:
        return _id_decoder.decode(payload).id
    except _FAULTS:
        return _shallow_id(payload)


# A client writes its id near the beginning; to look through all 64 KiB would take too long.
_ID_WITHIN = 2_048
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]+|[\]}]+', re.DOTALL)
_ID_VALUE = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*(0|[1-9][0-9]{0,15})[ \t\r\n]*[,}]")


def _shallow_id(payload: bytes) -> int | None:
    """The id in what cannot be parsed: too deep, broken off, not UTF-8."""
    depth, found = 0, None
    for token in _TOKEN.finditer(payload, 0, _ID_WITHIN):
        text = token[0]
        if text[0] in b"[{":
            depth += len(text)
        elif text[0] in b"]}":
            depth -= len(text)
            if depth <= 0:
                break
        elif depth == 1 and text == b'"id"':
            found = _ID_VALUE.match(payload, token.end()) or found
    command_id = int(found[1]) if found else None
    return command_id if command_id is None or command_id <= limits.MAX_INTEGER else None


def _describe(fault: Exception) -> str:
    """The fault as a sentence, with its path where there is one."""
    if isinstance(fault, RecursionError):
        return "the JSON is nested too deep"
    if isinstance(fault, UnicodeDecodeError):
        return f"the payload is not UTF-8: {fault.reason} at byte {fault.start}"
    return str(fault)[:_FAULT_CHARS]
