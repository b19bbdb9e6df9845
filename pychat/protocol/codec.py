"""Bytes to structs and back. Whatever the bytes, decoding gives a struct or a ProtocolError."""

from typing import Any, get_args

import msgspec

from pychat.protocol import commands, events, limits, replies
from pychat.protocol.errors import ProtocolError
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


class _Envelope(msgspec.Struct):
    type: msgspec.UnsetType | str = msgspec.UNSET
    id: msgspec.UnsetType | int = msgspec.UNSET


_envelope_decoder = msgspec.json.Decoder(_Envelope)


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
        try:
            stranger = _unknown_decoder.decode(payload)
        except _FAULTS:
            raise ProtocolError("bad-request", _describe(fault)) from None
        if stranger.type in _SERVER_MESSAGES:
            raise ProtocolError("bad-request", _describe(fault)) from None
        return stranger


def decode_event(payload: bytes | msgspec.Raw) -> events.LoggedEvent | events.Unknown:
    """An entry of a room's log, from `joined` or from disk. Raises ProtocolError."""
    try:
        return _event_decoder.decode(payload)
    except _FAULTS as fault:
        try:
            stranger = _unknown_decoder.decode(payload)
        except _FAULTS:
            raise ProtocolError("bad-request", _describe(fault)) from None
        if stranger.type in _SERVER_MESSAGES:
            raise ProtocolError("bad-request", _describe(fault)) from None
        return stranger


def _diagnose(payload: bytes, fault: Exception) -> ProtocolError:
    try:
        envelope = _envelope_decoder.decode(payload)
    except _FAULTS:
        return ProtocolError("bad-request", _describe(fault), _lone_id(payload))
    command_id = _valid_id(envelope.id)
    if isinstance(envelope.type, str) and envelope.type not in _COMMANDS:
        text = f"there is no command {envelope.type[:40]!r}; `manual` tells which there are"
        return ProtocolError("unknown-command", text, command_id)
    return ProtocolError("bad-request", _describe(fault), command_id)


class _IdOnly(msgspec.Struct):
    id: msgspec.UnsetType | int = msgspec.UNSET


_id_decoder = msgspec.json.Decoder(_IdOnly)


def _lone_id(payload: bytes) -> int | None:
    """The id where even the envelope is wrong, such as a `type` that is a number."""
    try:
        return _valid_id(_id_decoder.decode(payload).id)
    except _FAULTS:
        return None


def _valid_id(value: int | msgspec.UnsetType) -> int | None:
    return value if isinstance(value, int) and 0 <= value <= limits.MAX_INTEGER else None


def _describe(fault: Exception) -> str:
    """The fault as a sentence, with its path where there is one."""
    if isinstance(fault, RecursionError):
        return "the JSON is nested too deep"
    if isinstance(fault, UnicodeDecodeError):
        return f"the payload is not UTF-8: {fault.reason} at byte {fault.start}"
    return str(fault)
