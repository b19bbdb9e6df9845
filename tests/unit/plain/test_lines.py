"""What happens, as lines."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.client import Note
from pychat.plain import lines
from pychat.plain.lines import Wording, happened
from pychat.protocol import events, limits
from pychat.protocol.replies import Message, RoomInfo
from tests.support.hostile import HOSTILE

NOON = 1_763_726_400_000
WORDING = Wording(UTC)


def message(text: str = "hello", **fields: object) -> Message:
    return Message(
        **{"room": "tea", "seq": 14, "time": NOON, "sender": "ada", "text": text} | fields
    )


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (message(), "ada: hello (14, 12:00)"),
        (message("one\ntwo\n three"), "ada: one (14, 12:00)\n  two\n   three"),
        (message(edited=NOON), "ada: hello (14, 12:00, edited)"),
        (message("", deleted=True, edited=NOON), "ada deleted this (14, 12:00)"),
        (message("/me waves"), "ada waves (14, 12:00)"),
        (message("/me "), "ada: /me  (14, 12:00)"),
        (message(reply_to=9), "ada answers 9: hello (14, 12:00)"),
        (
            message(reactions={"👍": ["lee", "max"], "🎉": ["lee"]}),
            "ada: hello (14, 12:00, 👍 by lee, max, 🎉 by lee)",
        ),
        (message("a\tb"), "ada: a   b (14, 12:00)"),
    ],
)
def test_a_message_is_a_line_with_the_name_first_and_its_number_last(
    said: Message, line: str
) -> None:
    assert WORDING.said(said) == line


def test_an_answer_tells_of_what_it_is_one() -> None:
    answer = message("yes", reply_to=9)
    asked = message(f"is it\ntea {'x' * 100}", seq=9, sender="lee")

    line = WORDING.said(answer, answers=asked)

    assert line == f"ada answers lee (9: is it tea {'x' * 29}…): yes (14, 12:00)"
    asked.deleted, asked.text = True, ""
    assert WORDING.said(answer, answers=asked) == "ada answers lee (9: deleted): yes (14, 12:00)"


def test_a_message_of_another_room_tells_of_which() -> None:
    assert WORDING.said(message(), where="in #tea") == "ada in #tea: hello (14, 12:00)"


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"type": events.Edited, "text": "hallo\nyou"}, "ada edited 9: hallo (12:00)\n  you"),
        ({"type": events.Deleted}, "ada deleted 9 (12:00)"),
        ({"type": events.Reacted, "emojis": ["👍", "x"]}, "ada reacted to 9 with 👍, x (12:00)"),
        ({"type": events.Reacted, "emojis": []}, "ada took the reaction to 9 back (12:00)"),
    ],
)
def test_what_changes_a_message_is_a_line(fields: dict[str, object], line: str) -> None:
    kind = fields.pop("type")
    event = kind(  # type: ignore[operator]
        room="tea", seq=15, prev=14, time=NOON, sender="ada", nonce="n", target=9, **fields
    )

    assert WORDING.changed(event) == line


@pytest.mark.parametrize("time", [0, 1, 253_402_300_800_000, 2**53 - 1])
def test_a_time_that_no_calendar_has_harms_nothing(time: int) -> None:
    assert WORDING.said(message(time=time)).startswith("ada: hello (14, ")
    assert lines.day_line(WORDING.day(time))


@pytest.mark.parametrize(
    ("notes", "line"),
    [
        ([("joined", "ada", "")], "ada joined"),
        ([("joined", "ada", ""), ("joined", "lee", "")], "ada, lee joined"),
        ([("left", "max", "bye")], "max left (bye)"),
        ([("left", "max", "bye"), ("left", "eve", "")], "max, eve left"),
        ([("joined", "ada", ""), ("left", "max", "")], "ada joined; max left"),
        ([("renamed", "ada", "bea")], "ada is now bea"),
        ([("topic", "ada", "hot")], "ada set the topic: hot"),
        ([("topic", "ada", "")], "ada took the topic away"),
        ([("away", "ada", ""), ("back", "lee", "")], ""),
    ],
)
def test_who_comes_and_goes_is_one_line(notes: list[tuple[str, str, str]], line: str) -> None:
    told = [Note(kind=kind, name=name, text=text) for kind, name, text in notes]  # type: ignore[arg-type]

    assert happened(told, 3) == line


@pytest.mark.parametrize(("members", "line"), [(50, "ada joined"), (51, "")])
def test_in_a_crowd_nobody_is_told_who_comes(members: int, line: str) -> None:
    assert happened([Note(kind="joined", name="ada")], members) == line


def test_a_room_in_a_list() -> None:
    room = RoomInfo(name="tea", members=3, topic="hot", seq=4)

    assert lines.listed_room(room, mine=False, unread=0) == "#tea (3 people): hot"
    assert lines.listed_room(room, mine=True, unread=2) == (
        "#tea (3 people, you are in it, 2 unread): hot"
    )


@pytest.mark.parametrize("count", [7, 8, 9])
def test_reactions_of_a_line_have_a_bound(count: int) -> None:
    said = message(reactions={f":{number}:": ["lee"] for number in range(count)})

    line = WORDING.said(said)

    assert line.count(" by lee") == min(count, lines.REACTIONS)
    assert ("and 1 more" in line) is (count > lines.REACTIONS)


def test_a_hall_that_sends_more_than_it_may_is_cut() -> None:
    assert len(WORDING.said(message("x" * 10**6))) < limits.TEXT_CHARS + 100
    assert WORDING.said(message("\n" * 10**4)).count("\n") <= limits.TEXT_LINES
    assert len(WORDING.said(message(sender="n" * 10**6))) < lines.LINE_CHARS + 100


@pytest.mark.parametrize("bad", HOSTILE)
def test_nothing_that_others_say_works_on_a_terminal_or_begins_a_line(bad: str) -> None:
    told = [
        WORDING.said(message(bad, sender=bad, room=bad, reactions={bad: [bad]})),
        WORDING.said(message("x", reply_to=1), answers=message(bad, sender=bad)),
        WORDING.changed(
            events.Edited(
                room="tea", seq=2, prev=1, time=NOON, sender=bad, nonce="n", target=1, text=bad
            )
        ),
        happened(
            [Note(kind="left", name=bad, text=bad), Note(kind="topic", name=bad, text=bad)], 1
        ),
        lines.listed_room(RoomInfo(name=bad, members=1, topic=bad, seq=1), mine=True, unread=1),
    ]

    for text in told:
        assert_harmless(text)


@given(st.text(max_size=200))
def test_no_text_works_on_a_terminal(text: str) -> None:
    assert_harmless(WORDING.said(message(text, sender="ada")))


def assert_harmless(text: str) -> None:
    first, *more = text.split("\n")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in first + "".join(more))
    assert "\u202e" not in text
    assert all(line.startswith("  ") for line in more)
