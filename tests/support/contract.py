"""What each server message has to look like, from the protocol's text alone."""

from typing import Any

Json = dict[str, Any]

MAX_INTEGER = 2**53 - 1

ERRORS = frozenset(
    [
        "bad-request",
        "unknown-command",
        "hello-first",
        "already-greeted",
        "unsupported-protocol",
        "wrong-password",
        "bad-name",
        "name-taken",
        "bad-room",
        "no-such-room",
        "not-in-room",
        "already-in-room",
        "no-such-message",
        "not-allowed",
        "bad-text",
        "text-too-long",
        "nonce-reused",
        "rate-limited",
        "too-many",
        "unavailable",
        "internal",
        "no-such-name",
    ]  # as it stands in the contract, and in its additions
)
RETRYABLE = frozenset({"rate-limited", "unavailable", "internal"})
COMES_BACK = frozenset({"shutdown", "slow-consumer", "timeout", "internal"})
STAYS_AWAY = frozenset(
    [
        "quit",
        "bad-frame",
        "too-many-errors",
        "hello-first",
        "unsupported-protocol",
        "wrong-password",
        "login-timeout",
        "replaced",
        "too-many-connections",
        "kicked",
        "banned",
    ]  # as it stands in the contract
)


def check(message: Json) -> None:
    """Fails on a message that has a field too few, too many, or of the wrong type."""
    kind = message.get("type")
    assert kind in _SHAPES, f"no message of the contract: {message}"
    _fields(message, "type:str " + _SHAPES[kind])
    if kind in _CHECKS:
        _CHECKS[kind](message)


def check_member(member: Json) -> None:
    _fields(member, "name:str role:str away:bool verified:bool")
    assert member["role"] in ("owner", "operator", "member"), member


def check_message(message: Json) -> None:
    """A message as it stands."""
    _fields(
        message,
        "room:str seq:int time:int sender:str text:str "
        "reply_to?:int edited?:int deleted?:bool reactions?:dict mentions?:list",
    )
    if message.get("deleted"):
        assert message["text"] == "", message
    _mentions(message)
    for names in message.get("reactions", {}).values():
        assert names, message
        assert len(set(names)) == len(names), message


def _mentions(message: Json) -> None:
    names = message.get("mentions", ["somebody"])
    assert 1 <= len(names) == len(set(names)) <= 50, message
    assert message["sender"] not in names, message


_LOGGED = "room:str seq:int prev:int time:int sender:str nonce:str "
_SHAPES = {
    "welcome": "id:int protocol:int server:str hall:str epoch:str name:str resume:str "
    "resumed:bool rooms:list limits:dict time:int manual:str verified?:bool role?:str",
    "challenge": "id:int challenge:str",
    "keys": "id:int keys:list passphrase:bool",
    "ok": "id:int",
    "manual": "id:int text:str",
    "rooms": "id:int rooms:list more:bool",
    "joined": "id:int room:str topic:str members:list count:int seq:int recovered:bool "
    "missed:int more:bool read?:int settings?:dict events?:list messages?:list",
    "members": "id:int room:str members:list count:int more:bool",
    "sent": "id:int room:str seq:int time:int nonce:str",
    "history": "id:int room:str messages:list more_before:bool more_after:bool",
    "found": "id:int messages:list more:bool",
    "whois": "id:int name:str role:str away:bool verified:bool rooms:list entered:int idle:int",
    "bans": "id:int room?:str bans:list mutes:list",
    "pong": "id:int time:int heads:dict",
    "error": "id?:int code:str text:str retryable:bool retry_after?:int",
    "bye": "code:str text:str reconnect:bool retry_after?:int",
    "message": _LOGGED + "text:str reply_to?:int mentions?:list",
    "edited": _LOGGED + "target:int text:str mentions?:list",
    "deleted": _LOGGED + "target:int",
    "reacted": _LOGGED + "target:int emojis:list",
    "topic": _LOGGED + "text:str",
    "presence": "room:str joined?:list left?:list changed?:list",
    "typing": "room:str name:str",
    "direct": "room:str name:str after:int",
    "read": "room:str seq:int",
    "settings": "room:str settings:dict",
    "notice": "text:str",
    "ping": "",
}
_TYPES = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}


def _fields(value: Json, shape: str) -> None:
    known = set()
    for field in shape.split():
        name, kind = field.split(":")
        optional = name.endswith("?")
        name = name.rstrip("?")
        known.add(name)
        assert optional or name in value, f"{name} is missing in {value}"
        if name in value:
            assert type(value[name]) is _TYPES[kind], f"{name} is no {kind} in {value}"
            assert kind != "int" or 0 <= value[name] <= MAX_INTEGER, value
    assert value.keys() <= known, f"unknown fields {value.keys() - known} in {value}"


def _welcome(message: Json) -> None:
    _fields(
        message["limits"],
        "frame:int text:int lines:int name:int room:int topic:int page:int rooms:int "
        "linger:int ping:int",
    )
    assert len(message["resume"]) >= 16
    assert message["epoch"]


def _rooms(message: Json) -> None:
    for room in message["rooms"]:
        _fields(room, "name:str members:int topic:str seq:int")


def _joined(message: Json) -> None:
    assert ("events" in message) == message["recovered"], message
    assert ("messages" in message) == (not message["recovered"]), message
    assert len(message["members"]) == min(200, message["count"]), message
    for member in message["members"]:
        check_member(member)
    for event in message.get("events", ()):
        check(event)
        assert event["room"] == message["room"]
        assert event["seq"] <= message["seq"]
    _page(message)


def _members(message: Json) -> None:
    for member in message["members"]:
        check_member(member)


def _page(message: Json) -> None:
    seqs = [each["seq"] for each in message.get("messages", ())]
    assert seqs == sorted(set(seqs)), seqs
    for each in message.get("messages", ()):
        check_message(each)
        assert each["room"] == message["room"], each


def _found(message: Json) -> None:
    times = [each["time"] for each in message["messages"]]
    assert times == sorted(times, reverse=True), times
    for each in message["messages"]:
        check_message(each)


def _error(message: Json) -> None:
    assert message["code"] in ERRORS, message
    assert message["retryable"] == (message["code"] in RETRYABLE), message
    assert len(message["text"]) > 5, message


def _bye(message: Json) -> None:
    assert message["code"] in COMES_BACK | STAYS_AWAY, message
    assert message["reconnect"] == (message["code"] in COMES_BACK), message
    assert message["text"], message


def _logged(message: Json) -> None:
    assert 0 <= message["prev"] < message["seq"], message
    assert 1 <= len(message["nonce"]) <= 64, message
    _mentions(message)


def _presence(message: Json) -> None:
    assert message.keys() & {"joined", "left", "changed"}, message
    for member in message.get("joined", ()):
        check_member(member)
    for parting in message.get("left", ()):
        _fields(parting, "name:str reason:str")
    for change in message.get("changed", ()):
        _fields(change, "name:str member:dict")
        check_member(change["member"])


_CHECKS = {
    "welcome": _welcome,
    "rooms": _rooms,
    "joined": _joined,
    "members": _members,
    "history": _page,
    "found": _found,
    "error": _error,
    "bye": _bye,
    "presence": _presence,
} | dict.fromkeys(("message", "edited", "deleted", "reacted", "topic"), _logged)
