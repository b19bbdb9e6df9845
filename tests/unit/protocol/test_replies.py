"""How a server's answers look on the wire."""

import json
from typing import Any, get_args

import pytest

from pychat.protocol import replies
from pychat.protocol.codec import decode_event, decode_server, encode
from pychat.protocol.errors import ByeCode, ErrorCode
from pychat.protocol.events import Message, Unknown

REPLIES = (
    "challenge welcome ok manual rooms joined members sent history found whois keys bans pong "
    "error bye"
)


def test_these_are_all_the_replies_there_are() -> None:
    tags = {reply.__struct_config__.tag for reply in get_args(replies.AnyReply)}

    assert tags == set(REPLIES.split())


def test_a_member_is_told_in_full() -> None:
    assert json.loads(encode(replies.Member(name="ann"))) == {
        "name": "ann",
        "role": "member",
        "away": False,
        "verified": False,
    }


def test_a_message_has_only_the_optional_fields_that_say_something() -> None:
    message: dict[str, Any] = {"room": "tea", "seq": 3, "time": 5, "sender": "ann", "text": "hi"}

    assert json.loads(encode(replies.Message(**message))) == message
    more = {"reply_to": 1, "edited": 6, "deleted": True, "reactions": {"👍": ["bob"]}}
    more["mentions"] = ["bob"]
    assert json.loads(encode(replies.Message(**message, **more))) == message | more


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_only_what_may_pass_is_retryable(code: ErrorCode) -> None:
    told = replies.error(code, "no", 7)

    assert json.loads(encode(told)) == {
        "type": "error",
        "code": code,
        "text": "no",
        "retryable": code in ("rate-limited", "unavailable", "internal"),
        "id": 7,
    }


def test_an_error_has_no_id_where_none_was_read() -> None:
    assert "id" not in json.loads(encode(replies.error("bad-request", "no")))


def test_the_id_zero_and_a_wait_of_zero_are_told() -> None:
    told = json.loads(encode(replies.error("rate-limited", "wait", 0, 0)))

    assert (told["id"], told["retry_after"]) == (0, 0)


@pytest.mark.parametrize("code", get_args(ByeCode))
def test_a_bye_tells_whether_to_come_back_and_has_no_id(code: ByeCode) -> None:
    assert json.loads(encode(replies.bye(code, "over"))) == {
        "type": "bye",
        "code": code,
        "text": "over",
        "reconnect": code in ("shutdown", "slow-consumer", "timeout", "internal"),
    }
    assert json.loads(encode(replies.bye(code, "over", 500)))["retry_after"] == 500


def test_joined_brings_events_or_messages() -> None:
    event: dict[str, Any] = {"type": "message", "room": "tea", "seq": 3, "prev": 0, "time": 5}
    event |= {"sender": "ann", "nonce": "n", "text": "hi"}
    joined: dict[str, Any] = {"id": 1, "room": "tea", "topic": "", "members": [], "count": 0}
    joined |= {"seq": 3, "missed": 1, "more": False}

    delta = decode_server(
        json.dumps({"type": "joined", "recovered": True, "events": [event], **joined}).encode()
    )
    page = replies.Joined(recovered=False, messages=[], **joined)

    assert isinstance(delta, replies.Joined)
    assert delta.messages is None
    assert delta.events is not None
    assert [type(decode_event(raw)) for raw in delta.events] == [Message]
    assert "events" not in json.loads(encode(page))
    assert json.loads(encode(page))["messages"] == []


def test_what_a_newer_server_adds_is_passed_over() -> None:
    assert decode_server(b'{"type":"ok","id":1,"took":3}') == replies.Ok(id=1)
    assert decode_server(b'{"type":"later","id":1}') == Unknown(type="later")
