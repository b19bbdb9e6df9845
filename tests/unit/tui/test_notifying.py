"""What calls a person who looks elsewhere, and how often."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.client import Changes
from pychat.tui.notifying import (
    BODY_CHARS,
    DAY_MINUTES,
    SPACING_SECONDS,
    TITLE_CHARS,
    Attention,
    Heard,
    Said,
    Spacing,
    call_for,
    call_for_several,
    calls,
    is_quiet,
)
from pychat.tui.settings.schema import Notify, Settings
from tests.support.hostile import HOSTILE
from tests.support.told import greeted, joined, said, stands

ELSEWHERE = Attention(focused=False, open_room="dev", minute=720)
NAMED = Said(room="dev", sender="ada", text="kim: look", names_me=True)
UNNAMED = Said(room="dev", sender="ada", text="look")
DIRECT = Said(room="@ada,kim", sender="ada", text="psst", direct=True)
ALL, NONE = Settings(notify=Notify(level="all")), Settings(notify=Notify(level="none"))
DEFAULT = Settings()


@pytest.mark.parametrize(
    ("said", "settings", "called"),
    [
        (NAMED, DEFAULT, True),
        (UNNAMED, DEFAULT, False),
        (UNNAMED, ALL, True),
        (NAMED, NONE, False),
        (DIRECT, NONE, True),
        (UNNAMED, Settings(notify=Notify(rooms={"DEV": "all"})), True),
        (UNNAMED, Settings(notify=Notify(level="all", rooms={"dev": "none"})), False),
    ],
)
def test_the_level_of_the_room_decides_and_direct_messages_always_call(
    said: Said, settings: Settings, called: bool
) -> None:
    assert calls(said, ELSEWHERE, settings) is called


def test_what_is_being_looked_at_does_not_call() -> None:
    here = Attention(focused=True, open_room="dev", minute=720)

    assert not calls(NAMED, here, DEFAULT)
    assert calls(NAMED, Attention(focused=True, open_room="tea", minute=720), DEFAULT)
    assert calls(DIRECT, here, DEFAULT)


def test_nothing_calls_that_is_mine_or_from_who_is_ignored() -> None:
    mine = Said(room="dev", sender="kim", text="kim", names_me=True, mine=True)
    ignored = Said(room="@ada,kim", sender="ada", text="psst", direct=True, ignored=True)

    assert not calls(mine, ELSEWHERE, ALL)
    assert not calls(ignored, ELSEWHERE, ALL)


def test_of_a_muted_room_only_what_names_me_calls() -> None:
    assert not calls(Said(room="dev", sender="ada", text="x", muted=True), ELSEWHERE, ALL)
    muted = Said(room="@ada,kim", sender="ada", text="x", direct=True, muted=True)
    assert not calls(muted, ELSEWHERE, DEFAULT)
    named = Said(room="dev", sender="ada", text="kim", names_me=True, muted=True)
    assert calls(named, ELSEWHERE, ALL)


def test_nothing_calls_in_quiet_hours_or_while_focusing() -> None:
    quiet = Settings(notify=Notify(quiet="11:30-12:30"))
    resting = Attention(focused=False, open_room=None, minute=720, resting=True)

    assert not calls(DIRECT, ELSEWHERE, quiet)
    assert not calls(DIRECT, resting, DEFAULT)


@pytest.mark.parametrize(
    ("hours", "minute", "quiet"),
    [
        ("", 0, False),
        ("22:00-08:00", 22 * 60 - 1, False),
        ("22:00-08:00", 22 * 60, True),
        ("22:00-08:00", 0, True),
        ("22:00-08:00", 8 * 60 - 1, True),
        ("22:00-08:00", 8 * 60, False),
        ("12:00-13:00", 12 * 60, True),
        ("12:00-13:00", 13 * 60, False),
        ("12:00-12:00", 12 * 60, False),
    ],
)
def test_quiet_hours_may_pass_midnight(hours: str, minute: int, quiet: bool) -> None:
    assert is_quiet(hours, minute) is quiet


@given(st.integers(0, DAY_MINUTES - 1), st.integers(0, DAY_MINUTES - 1))
def test_quiet_hours_are_as_long_as_they_say(begin: int, end: int) -> None:
    hours = f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"

    lasted = sum(is_quiet(hours, minute) for minute in range(DAY_MINUTES))

    assert lasted == (end - begin) % DAY_MINUTES


# Words


def test_a_call_says_who_and_where_and_what() -> None:
    call = call_for(NAMED, hide_body=False)
    assert (call.title, call.body) == ("ada in #dev", "kim: look")
    assert call_for(DIRECT, hide_body=False).title == "ada"
    assert call_for_several(NAMED, 5).body == "5 new in #dev"
    assert call_for_several(DIRECT, 2).body == "2 new from ada"


def test_what_was_said_can_be_hidden_and_a_spoiler_is() -> None:
    assert "look" not in call_for(NAMED, hide_body=True).body
    spoiler = Said(room="dev", sender="ada", text="it was ||the butler||")
    assert "butler" not in call_for(spoiler, hide_body=False).body


@pytest.mark.parametrize("length", [BODY_CHARS - 1, BODY_CHARS, BODY_CHARS + 1])
def test_a_call_is_short(length: int) -> None:
    body = call_for(Said(room="dev", sender="ada", text="x" * length), hide_body=False).body

    assert len(body) == min(length, BODY_CHARS)
    assert body.endswith("…") is (length > BODY_CHARS)


@pytest.mark.parametrize("bad", HOSTILE)
def test_nothing_in_a_call_is_a_control_character_whatever_was_said(bad: str) -> None:
    said = Said(room=bad, sender=bad, text=bad)
    for call in (call_for(said, hide_body=False), call_for_several(said, 2)):
        assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in call.title + call.body)
        assert len(call.title) <= TITLE_CHARS
        assert len(call.body) <= BODY_CHARS


# Spacing


def test_the_first_calls_at_once_and_what_comes_within_the_pause_calls_together() -> None:
    spacing = Spacing()

    assert spacing.offer(UNNAMED, 0.0)
    assert not spacing.offer(UNNAMED, 1.0)
    assert not spacing.offer(NAMED, SPACING_SECONDS - 0.001)
    assert spacing.due(SPACING_SECONDS - 0.001) == []
    assert spacing.next_due() == SPACING_SECONDS
    assert spacing.due(SPACING_SECONDS) == [(NAMED, 2)]


def test_after_those_that_waited_there_is_another_pause_and_then_none() -> None:
    spacing = Spacing()
    spacing.offer(NAMED, 0.0)
    spacing.offer(NAMED, 1.0)
    spacing.due(SPACING_SECONDS)

    assert not spacing.offer(NAMED, SPACING_SECONDS + 1)
    assert spacing.due(2 * SPACING_SECONDS) == [(NAMED, 1)]
    assert spacing.due(3 * SPACING_SECONDS) == []
    assert spacing.next_due() is None
    assert spacing.offer(NAMED, 3 * SPACING_SECONDS)


def test_rooms_have_their_own_pauses() -> None:
    spacing = Spacing()

    assert spacing.offer(NAMED, 0.0)
    assert spacing.offer(DIRECT, 0.1)


def test_of_what_was_missed_while_one_was_away_all_that_is_there_may_call() -> None:
    heard, mirror = Heard(), greeted()

    def news(changes: Changes) -> list[int]:
        fresh = heard.fresh(changes, mirror.rooms)
        return [message.seq for message in fresh.get("lobby", [])]

    # What a room has when one goes into it is no news.
    assert news(joined(mirror, stands(4), stands(5))) == []
    assert news(mirror.apply(said(6), now=0.0)) == [6]
    # Far behind: the page is all that is known of the thirty that were missed.
    assert news(joined(mirror, stands(5), stands(35), stands(36), missed=30, after=6)) == [35, 36]
    assert news(mirror.apply(said(37), now=0.0)) == [37]
    # Another log.
    mirror.rooms["lobby"].head = 0
    assert news(joined(mirror, stands(2), after=0)) == [2]
    assert news(mirror.forget("lobby")) == []
    assert news(joined(mirror, stands(40))) == []
