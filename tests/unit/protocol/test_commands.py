"""What a command must have, may have, and how large each field may be."""

import json
from typing import Any, get_args

import msgspec
import pytest

from pychat.protocol import commands
from pychat.protocol.codec import decode_command, encode
from pychat.protocol.errors import ProtocolError
from pychat.protocol.limits import MAX_INTEGER

KEY = "k" * 43

LEAST: dict[str, dict[str, Any]] = {
    "challenge": {},
    "hello": {"protocol": [1], "client": "c"},
    "name": {"name": "ann"},
    "manual": {},
    "list": {},
    "join": {"room": "tea"},
    "leave": {"room": "tea"},
    "members": {"room": "tea"},
    "send": {"room": "tea", "text": "hi", "nonce": "n"},
    "edit": {"room": "tea", "target": 1, "text": "hi", "nonce": "n"},
    "delete": {"room": "tea", "target": 1, "nonce": "n"},
    "react": {"room": "tea", "target": 1, "emojis": [], "nonce": "n"},
    "topic": {"room": "tea", "text": "", "nonce": "n"},
    "history": {"room": "tea"},
    "search": {"text": "hi"},
    "read": {"room": "tea", "seq": 1},
    "whois": {"name": "ann"},
    "kick": {"name": "ann"},
    "ban": {"name": "ann"},
    "mute": {"name": "ann"},
    "unban": {"name": "ann"},
    "unmute": {"name": "ann"},
    "bans": {},
    "role": {"room": "tea", "name": "ann", "role": "owner"},
    "invite": {"room": "tea", "name": "ann"},
    "settings": {"room": "tea"},
    "keys": {},
    "addkey": {"key": KEY},
    "revokekey": {"key": KEY},
    "passphrase": {},
    "typing": {"room": "tea"},
    "away": {"away": True},
    "ping": {},
    "quit": {},
}
"""Each command of the contract with the fields that it cannot do without."""

OPTIONAL: dict[str, dict[str, Any]] = {
    "hello": {
        "name": "ann",
        "password": "p",
        "resume": "t",
        "key": KEY,
        "proof": "p" * 86,
        "passphrase": "a few words",
        "invite": "t",
    },
    "passphrase": {"text": "a few words"},
    "list": {"after": "tea", "limit": 1},
    "join": {"after": 1, "epoch": "e", "limit": 1},
    "members": {"after": "ann", "limit": 1},
    "send": {"reply_to": 1},
    "history": {"before": 1, "after": 1, "around": 1, "limit": 1},
    "search": {"room": "tea", "sender": "ann", "before": 1, "limit": 1},
    "kick": {"room": "tea", "reason": "r"},
    "ban": {"room": "tea", "seconds": 1, "reason": "r"},
    "mute": {"room": "tea", "seconds": 1, "reason": "r"},
    "unban": {"room": "tea"},
    "unmute": {"room": "tea"},
    "bans": {"room": "tea"},
    "settings": {"kind": "locked", "slow": 30, "topic": "operator", "history": False},
    "quit": {"reason": "tea"},
}


def decode(kind: str, /, **fields: Any) -> commands.ClientMessage:
    return decode_command(json.dumps({"type": kind, "id": 1, **LEAST[kind], **fields}).encode())


def test_these_are_all_the_commands_there_are() -> None:
    tags = {command.__struct_config__.tag for command in get_args(commands.AnyCommand)}

    assert tags == LEAST.keys()
    assert {command.__struct_config__.tag for command in get_args(commands.Durable)} == {
        kind for kind in LEAST if "nonce" in LEAST[kind]
    }


@pytest.mark.parametrize("kind", LEAST)
def test_a_command_with_its_least_fields_is_read(kind: str) -> None:
    command = decode(kind)

    assert command.__struct_config__.tag == kind
    assert command.id == 1
    for field, value in LEAST[kind].items():
        assert getattr(command, field) == value


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind in LEAST for field in ("id", *LEAST[kind])]
)
def test_a_field_missing_is_named(kind: str, field: str) -> None:
    payload = {"type": kind, "id": 1, **LEAST[kind]}
    del payload[field]

    with pytest.raises(ProtocolError) as caught:
        decode_command(json.dumps(payload).encode())

    assert caught.value.code == "bad-request"
    assert caught.value.text == f"Object missing required field `{field}`"
    assert caught.value.command_id == (None if field == "id" else 1)


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind in OPTIONAL for field in OPTIONAL[kind]]
)
def test_an_optional_field_is_read_and_may_be_left_out(kind: str, field: str) -> None:
    value = OPTIONAL[kind][field]

    assert getattr(decode(kind, **{field: value}), field) == value
    if field != "limit":
        assert getattr(decode(kind), field) is None
        assert decode(kind, **{field: None}) == decode(kind)


@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, field) for kind in LEAST for field in {**LEAST[kind], **OPTIONAL.get(kind, {})}],
)
def test_a_field_of_the_wrong_type_is_told_with_its_path(kind: str, field: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode(kind, **{field: {}})

    assert caught.value.code == "bad-request"
    assert caught.value.text.endswith(f" - at `$.{field}`")
    assert caught.value.command_id == 1


@pytest.mark.parametrize(
    ("kind", "field", "least", "most"),
    [
        ("list", "limit", 1, 500),
        ("join", "limit", 0, 200),
        ("members", "limit", 1, 1_000),
        ("history", "limit", 1, 200),
        ("search", "limit", 1, 100),
        ("join", "after", 0, MAX_INTEGER),
        ("send", "reply_to", 0, MAX_INTEGER),
        ("edit", "target", 0, MAX_INTEGER),
        ("delete", "target", 0, MAX_INTEGER),
        ("react", "target", 0, MAX_INTEGER),
        ("history", "before", 0, MAX_INTEGER),
        ("history", "after", 0, MAX_INTEGER),
        ("history", "around", 0, MAX_INTEGER),
        ("search", "before", 0, MAX_INTEGER),
        ("ping", "id", 0, MAX_INTEGER),
    ],
)
def test_an_integer_is_within_its_bounds(kind: str, field: str, least: int, most: int) -> None:
    for value in (least, least + 1, most - 1, most):
        assert getattr(decode(kind, **{field: value}), field) == value
    for value in (least - 1, most + 1, 2**63, 2**64, -(2**63), -(2**64)):
        with pytest.raises(ProtocolError, match=rf"\$\.{field}"):
            decode(kind, **{field: value})


@pytest.mark.parametrize(
    ("kind", "field", "least", "most"),
    [
        *((kind, "nonce", 1, 64) for kind in LEAST if "nonce" in LEAST[kind]),
        ("hello", "client", 0, 200),
    ],
)
def test_a_string_counts_in_characters(kind: str, field: str, least: int, most: int) -> None:
    for length in (least, most - 1, most):
        assert getattr(decode(kind, **{field: "🍵" * length}), field) == "🍵" * length
    for length in {max(least - 1, 0), most + 1} - {least}:
        with pytest.raises(ProtocolError, match=rf"\$\.{field}"):
            decode(kind, **{field: "🍵" * length})


def test_at_most_twenty_reactions_are_read() -> None:
    for count in (0, 1, 19, 20):
        assert decode("react", emojis=["👍"] * count) is not None
    with pytest.raises(ProtocolError, match=r"\$\.emojis"):
        decode("react", emojis=["👍"] * 21)


def test_the_limits_of_pages_have_defaults_within_their_bounds() -> None:
    limits = [decode(kind).limit for kind in ("list", "join", "members", "history")]

    assert limits == [100, 50, 200, 50]


@pytest.mark.parametrize("kind", LEAST)
def test_a_command_leaves_out_what_is_not_set(kind: str) -> None:
    assert json.loads(encode(decode(kind))) == {"type": kind, "id": 1, **LEAST[kind]}


def test_commands_do_not_change() -> None:
    with pytest.raises(AttributeError):
        decode("ping").id = 2  # type: ignore[misc]


def test_no_field_of_a_command_takes_just_anything() -> None:
    for command in get_args(commands.ClientMessage):
        described = repr(msgspec.inspect.type_info(command))
        assert "AnyType" not in described
        assert "DictType" not in described
