"""The lines of `tail`: harmless for people, whole for programs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.cli import lines
from pychat.protocol import events, limits
from pychat.protocol.replies import Message
from pychat.protocol.text import clean

_LOGGED = {"room": "tea", "seq": 7, "prev": 6, "time": 1_700_000_000_000, "nonce": "n"}


def _said(text: str, sender: str = "ada", **fields: int) -> events.Message:
    return events.Message(**{**_LOGGED, **fields}, sender=sender, text=text)


def test_a_second_line_cannot_pose_as_another_message() -> None:
    first, second = lines.as_text(_said("one\n2023-11-14 22:13 bob: two")).split("\n")

    assert first.endswith(" ada: one")
    assert second == " " * 17 + "2023-11-14 22:13 bob: two"


@given(st.text(), st.text())
def test_nothing_that_works_on_a_terminal_is_shown(text: str, sender: str) -> None:
    line = lines.as_text(_said(text, sender))

    assert clean(line) == line
    assert all(each.startswith(" " * 17) for each in line.split("\n")[1:])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_for_programs_a_message_is_one_line_of_ascii_and_nothing_is_lost(text: str) -> None:
    line = lines.as_json(_said(text))

    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line) == {**_LOGGED, "type": "message", "sender": "ada", "text": text}


@pytest.mark.parametrize("time", [0, limits.MAX_INTEGER])
def test_a_time_that_no_calendar_has_is_no_reason_to_stop(time: int) -> None:
    assert lines.as_text(_said("x", time=time)).endswith(" ada: x")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (events.Edited(**_LOGGED, sender="ada", target=3, text="x"), "* ada edited 3: x"),
        (events.Deleted(**_LOGGED, sender="ada", target=3), "* ada deleted 3"),
        (
            events.Reacted(**_LOGGED, sender="ada", target=3, emojis=[]),
            "* ada reacted to 3 with nothing any more",
        ),
        (events.Topic(**_LOGGED, sender="ada", text=""), "* ada set the topic: (none)"),
        (Message(room="tea", seq=7, time=1, sender="ada", text="", deleted=True), "ada: (deleted)"),
        (Message(room="tea", seq=7, time=1, sender="ada", text="x", edited=2), "ada: x (edited)"),
    ],
)
def test_each_kind_of_entry_has_its_sentence(
    event: events.LoggedEvent | Message, told: str
) -> None:
    assert lines.as_text(event)[17:] == told
