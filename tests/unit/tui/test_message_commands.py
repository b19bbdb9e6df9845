"""Commands about messages, what the composer's text becomes, and the boxes that show messages."""

from datetime import UTC, date

import pytest

from pychat.tui import slash
from pychat.tui.intents import Answer, Change, Intents
from pychat.tui.log.markup import show
from pychat.tui.message_commands import (
    SHRUG,
    Copy,
    Delete,
    Edit,
    GoTo,
    Open,
    React,
    Reply,
)
from pychat.tui.screens.about import REACTIONS, about
from pychat.tui.screens.emoji import COMMONEST, emoji_of, is_emoji, matching
from pychat.tui.widgets.action_line import Action, fitting
from tests.unit.tui.conftest import Make


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/reply", Reply()),
        ("/reply yes", Reply("yes")),
        ("/reply 12 yes", Reply("yes", 12)),
        ("/reply #12 yes", Reply("yes", 12)),
        ("/reply 12", Reply("12")),
        ("/edit", Edit()),
        ("/edit 12 better", Edit("better", 12)),
        ("/delete", Delete()),
        ("/delete 12", Delete(12)),
        ("/react", React()),
        ("/react 👍", React("👍")),
        ("/react 12 :tada:", React(":tada:", 12)),
        ("/copy", Copy()),
        ("/copy 12", Copy("message", 12)),
        ("/copy code", Copy("code")),
        ("/copy LINK", Copy("link")),
        ("/open", Open()),
        ("/open 2", Open(2)),
        ("/goto 12", GoTo(12)),
        ("/goto 2026-11-20", GoTo(date(2026, 11, 20))),
        ("/me waves", slash.Say("/me waves")),
        ("/say /me", slash.Say("/me")),
        ("/shrug", slash.Say(SHRUG)),
        ("/shrug dunno", slash.Say(f"dunno {SHRUG}")),
    ],
)
def test_a_command_is_understood(typed: str, meant: object) -> None:
    assert slash.parse(typed) == meant


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/delete it", "a message is named by its number, which its info shows; write /delete"),
        ("/copy it", "/copy needs more: write /copy"),
        ("/open x", "/open needs more: write /open"),
        ("/open 0", "/open needs more: write /open"),
        ("/goto", "/goto needs more: write /goto DATE|ID"),
        ("/goto tomorrow", "'tomorrow' is no day like 2026-11-20; write /goto"),
        ("/goto 2026-13-01", "'2026-13-01' is no day"),
        ("/me", "/me needs more: write /me TEXT"),
        ("/say", "/say needs more"),
    ],
)
def test_a_mistake_says_what_to_write(typed: str, sentence: str) -> None:
    meant = slash.parse(typed)

    assert isinstance(meant, slash.Mistake)
    assert meant.text.startswith(sentence)


def test_a_shrug_is_no_markdown() -> None:
    assert show(SHRUG).text == r"¯\_(ツ)_/¯"


# What the text becomes


def test_each_place_has_its_own_intent(message: Make) -> None:
    intents = Intents()
    intents.set("dev", Answer(message(7)))
    assert intents.answers("dev") == 7
    assert intents.answers("general") is None
    intents.set("dev", None)

    assert intents.of("dev") is None


@pytest.mark.parametrize(
    ("written", "before", "kept"),
    [
        ("source", "", {}),
        ("source!", "", {"dev": "source!"}),
        ("source", "half", {"dev": "half"}),
        ("source!", "half", {"dev": "half\nsource!"}),
        ("", "half", {"dev": "half"}),
    ],
)
def test_on_disk_are_the_change_and_what_was_written_before(
    message: Make, written: str, before: str, kept: dict[str, str]
) -> None:
    intents = Intents()
    intents.set("dev", Change(message(7), "source", before))

    assert intents.on_disk({"dev": written, "general": "x"}) == kept | {"general": "x"}


# The line of actions

ACTIONS = [Action("r", "reply", "answer", 9), Action("i", "info", "inform", 0)]


@pytest.mark.parametrize(("width", "kept"), [(16, 2), (15, 1), (7, 1), (6, 0)])
def test_what_has_no_room_goes_by_its_weight(width: int, kept: int) -> None:
    assert fitting(ACTIONS, width) == ACTIONS[:kept]


# Emoji


def test_without_a_word_the_commonest_are_offered() -> None:
    assert len(matching("")) == COMMONEST
    assert matching(" ")[0] == ("👍", "thumbsup")


@pytest.mark.parametrize(("typed", "first"), [("rock", "🚀"), (":tada:", "🎉"), ("ROFL", "🤣")])
def test_an_emoji_is_found_by_its_name(typed: str, first: str) -> None:
    assert matching(typed)[0][0] == first


@pytest.mark.parametrize(("typed", "found"), [("🫠", [("🫠", "")]), ("qqq", []), ("a b", [])])
def test_what_is_in_no_table_may_be_an_emoji(typed: str, found: list[tuple[str, str]]) -> None:
    assert matching(typed) == found


@pytest.mark.parametrize(
    ("written", "emoji"), [("tada", "🎉"), (":+1:", "👍"), ("🫠", "🫠"), ("no such", None)]
)
def test_an_emoji_may_be_written_by_name(written: str, emoji: str | None) -> None:
    assert emoji_of(written) == emoji


@pytest.mark.parametrize(
    ("text", "holds"), [("🎉" * 32, True), ("🎉" * 33, False), ("", False), ("\x1b[2J", False)]
)
def test_a_reaction_is_what_the_hall_takes(text: str, holds: bool) -> None:
    assert is_emoji(text) is holds


# Info


def test_info_tells_all_that_is_known(message: Make) -> None:
    known = message(7, edited=1_700_050_000_000, reply_to=3, reactions={"👍": ["bob"]})

    assert about(known, UTC) == [
        "said by ada in #general",
        "on 2023-11-15 12:01",
        "edited on 2023-11-15 12:06",
        "answers message 3",
        "👍 by bob",
    ]


@pytest.mark.parametrize("count", [REACTIONS - 1, REACTIONS, REACTIONS + 1])
def test_info_tells_so_many_reactions(message: Make, count: int) -> None:
    lines = about(message(7, reactions={f"e{n}": ["bob"] for n in range(count)}), UTC)

    assert len(lines) == 2 + min(count, REACTIONS) + (count > REACTIONS)
