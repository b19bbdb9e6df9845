"""A room as Markdown: what was said stays text, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.client import markdown
from pychat.protocol.replies import Message

MARCH = 1_772_366_400_000
"""The first of it in 2026, at noon in UTC."""


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        markdown,
        "_moment",
        lambda millis: ("day " + str(millis // 86_400_000), f"{millis // 60_000 % 1_440}"),
    )


def message(text: str, seq: int = 1, **fields: object) -> Message:
    return Message(
        **{"room": "tea", "seq": seq, "time": 0, "sender": "ada", "text": text, **fields}
    )


def document(*messages: Message, topic: str = "") -> str:
    known = {each.seq: each for each in messages}
    return "".join(markdown.document("tea", topic, iter(messages), known.get))


def body(text: str) -> str:
    return document(message(text)).partition("ada** 0: ")[2].removesuffix("\n")


def test_days_are_headings_and_messages_items() -> None:
    told = document(
        message("a"), message("b", 2, sender="bob"), message("c", 3, time=86_460_000), topic="t*"
    )

    assert told == (
        "# tea\n\nt\\*\n\n## day 0\n\n- **ada** 0: a\n- **bob** 0: b\n"
        "\n## day 1\n\n- **ada** 1: c\n"
    )


def test_messages_stand_as_they_are_now() -> None:
    told = document(
        message("", deleted=True),
        message("b", 2, edited=5, reply_to=1),
        message("c", 3, reactions={"👍": ["ada", "bob"], "*": ["ada"]}, reply_to=99),
    )

    assert told.split("\n")[4:] == [
        "- **ada** 0: *deleted*",
        "- **ada** 0 (answering **ada** 0): b *(edited)*",
        "- **ada** 0: c\\",
        "  *👍 2, \\* 1*",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>", r"\<script\>"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("a\n# b", "a\\\n  \\# b"),
        ("a\n---", "a\\\n  \\---"),
        ("a\n===", "a\\\n  \\==="),
        ("a\n1. b\n2) c", "a\\\n  1\\. b\\\n  2\\) c"),
        ("a\n\n    code", "a\\\n  \xa0\\\n  \xa0\xa0\xa0\xa0code"),
        ("a\\", "a\\\\"),
        ("a  \nb", "a\\\n  b"),
        ("&amp;", r"\&amp;"),
        ("\x1b[2Jx", "␛\\[2Jx"),
        ("one. two - 3 + 4 = 7", "one. two - 3 + 4 = 7"),
    ],
)
def test_nothing_said_becomes_markup(text: str, shown: str) -> None:
    assert body(text) == shown


@given(st.text(max_size=60), st.text(max_size=20))
def test_each_line_of_a_message_stays_in_its_item(text: str, sender: str) -> None:
    told = "".join(markdown.document("tea", "", iter([message(text, sender=sender)]), {}.get))

    first, *others = told.removesuffix("\n").split("\n")[4:]
    assert first.startswith("- **")
    for line in others:
        assert line.startswith("  ")
        assert line[2:3].strip(" \t")
        assert line[2] not in "#>-+=:|`~*0123456789" or line[2:].lstrip("0123456789")[:1] != "."
