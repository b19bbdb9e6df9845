"""How events look on the wire."""

import json
from typing import Any, get_args

import pytest

from pychat.protocol import events
from pychat.protocol.codec import decode_event, decode_server, encode
from pychat.protocol.errors import ProtocolError
from pychat.protocol.replies import Member

LOGGED: dict[str, Any] = {
    "room": "tea",
    "seq": 3,
    "prev": 2,
    "time": 5,
    "sender": "ann",
    "nonce": "n",
}
EVENTS: dict[str, dict[str, Any]] = {
    "message": LOGGED | {"text": "hi"},
    "edited": LOGGED | {"target": 1, "text": "hi"},
    "deleted": LOGGED | {"target": 1},
    "reacted": LOGGED | {"target": 1, "emojis": ["👍"]},
    "topic": LOGGED | {"text": ""},
    "presence": {"room": "tea"},
    "typing": {"room": "tea", "name": "ann"},
    "direct": {"room": "@ann,bob", "name": "ann", "after": 0},
    "read": {"room": "tea", "seq": 3},
    "settings": {"room": "tea", "settings": {"kind": "locked"}},
    "notice": {"text": "soon"},
    "ping": {},
}


def test_these_are_all_the_events_there_are() -> None:
    assert {event.__struct_config__.tag for event in get_args(events.Event)} == EVENTS.keys()


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_has_its_type_and_its_fields_and_no_id(kind: str) -> None:
    wire = {"type": kind, **EVENTS[kind]}

    event = decode_server(json.dumps(wire).encode())

    assert json.loads(encode(event)) == wire


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind in EVENTS for field in EVENTS[kind]]
)
def test_an_event_without_one_of_its_fields_is_none(kind: str, field: str) -> None:
    wire = {"type": kind, **EVENTS[kind]}
    del wire[field]

    with pytest.raises(ProtocolError, match=f"missing required field `{field}`"):
        decode_server(json.dumps(wire).encode())


@pytest.mark.parametrize("kind", EVENTS)
def test_only_logged_events_are_entries_of_a_log(kind: str) -> None:
    payload = json.dumps({"type": kind, **EVENTS[kind]}).encode()

    if "prev" in EVENTS[kind]:
        assert decode_event(payload) == decode_server(payload)
    else:
        with pytest.raises(ProtocolError):
            decode_event(payload)


@pytest.mark.parametrize("kind", ["message", "edited"])
def test_whom_a_text_names_is_told_where_it_names_somebody(kind: str) -> None:
    wire = {"type": kind, **EVENTS[kind], "mentions": ["bob"]}

    assert json.loads(encode(decode_server(json.dumps(wire).encode()))) == wire


def test_presence_tells_only_what_became() -> None:
    event = events.Presence(
        room="tea",
        joined=[Member(name="ann")],
        left=[events.Parting(name="bob", reason="left")],
        changed=[events.Change(name="cid", member=Member(name="cyd", away=True))],
    )
    ann = {"name": "ann", "role": "member", "away": False, "verified": False}
    cyd = {"name": "cyd", "role": "member", "away": True, "verified": False}

    assert json.loads(encode(event)) == {
        "type": "presence",
        "room": "tea",
        "joined": [ann],
        "left": [{"name": "bob", "reason": "left"}],
        "changed": [{"name": "cid", "member": cyd}],
    }
    assert decode_server(encode(event)) == event


def test_two_events_share_no_lists() -> None:
    one, other = events.Presence(room="tea"), events.Presence(room="tea")

    one.joined.append(Member(name="ann"))

    assert other.joined == []
