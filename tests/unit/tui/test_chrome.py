"""What stands around the log, from what the client knows."""

from datetime import UTC

import pytest

from pychat.client import Outbox, Retry
from pychat.protocol import commands
from pychat.tui import telling
from pychat.tui.chrome import connection_words, waits_long
from pychat.tui.waiting import state_of, to_change, words
from tests.unit.tui.conftest import NOON

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("state", "retry", "longest"),
    [
        ("connected", None, "connected"),
        ("offline", None, "offline"),
        ("connecting", None, "reconnecting…"),
        ("connecting", Retry(1, 10.5), "reconnecting · 1st try in 1 s"),
        ("connecting", Retry(2, 13.01), "reconnecting · 2nd try in 4 s"),
        ("connecting", Retry(3, 10.0), "reconnecting · 3rd try…"),
        ("connecting", Retry(4, 5.0), "reconnecting · 4th try…"),
    ],
)
def test_the_connection_in_words(state: str, retry: Retry | None, longest: str) -> None:
    told = connection_words(state, retry, 10.0)

    assert told[0] == longest
    assert sorted(told, key=len, reverse=True) == list(told)


def test_ordinals() -> None:
    told = [telling.ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 111, 122)]
    assert told == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "122nd"]


@pytest.mark.parametrize(
    ("minutes", "missed", "told"),
    [
        (0, 1, "offline 12:00, 1 message fetched"),
        (2, 14, "offline 11:58–12:00, 14 messages fetched"),
        (9, 0, "offline 11:51–12:00, nothing missed"),
        (24 * 60, 1_400, "offline 2023-11-14 12:00–12:00, 1,400 messages fetched"),
    ],
)
def test_a_break_is_told_by_its_times(minutes: int, missed: int, told: str) -> None:
    assert telling.was_offline(NOON - minutes * 60_000, NOON, missed, "fetched", UTC) == told


@pytest.mark.parametrize(
    ("milliseconds", "told"),
    [(-5, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (2 * HOUR, "2 h"), (50 * HOUR, "2 d")],
)
def test_how_long_something_waited(milliseconds: int, told: str) -> None:
    assert telling.span(milliseconds) == told


def test_what_waited_long_is_counted_with_the_longest_time() -> None:
    now = NOON
    outbox = Outbox(lambda: now)
    for _ in range(2):
        outbox.add(commands.Send(id=0, room="general", text="x", nonce=str(now)))
        now += HOUR
    assert waits_long(outbox, now) == ""
    outbox.hold_overdue()

    assert waits_long(outbox, now) == "2 messages waited 2 h:"


def test_each_state_has_its_words() -> None:
    outbox = Outbox(lambda: NOON)
    item = outbox.add(commands.Send(id=0, room="general", text="x", nonce="n"))

    def told(*, connected: bool = True, fresh: bool = False, kept: bool = True) -> str:
        return state_of(item, connected=connected, fresh=fresh, kept=kept, key="Alt+R")

    assert told(connected=False, fresh=True) == "queued"
    assert told(connected=False, kept=False) == "queued · not on disk"
    assert told(fresh=True) == ""
    outbox.started(item, "kim")
    assert told(fresh=True) == ""
    assert told() == "sending…"
    outbox.refused(item, "slow down.", again=True)
    assert told() == "queued: slow down"
    outbox.started(item, "kim")
    outbox.refused(item, "too rude.", again=False)
    assert told() == "✗ not sent: too rude · Alt+R retry"
    outbox.give_up(item, "too long.", "text-too-long")
    assert told() == "✗ not sent: too long · Alt+R edit"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("bad-request", True),
        ("bad-text", True),
        ("text-too-long", True),
        ("no-such-message", True),
        ("nonce-reused", False),
        ("not-in-room", False),
        ("not-allowed", False),
        ("too-many", False),
        ("a newer one", False),
        ("", False),
    ],
)
def test_what_would_be_refused_again_is_to_be_changed(code: str, changes: bool) -> None:
    outbox = Outbox(lambda: NOON)
    item = outbox.add(commands.Send(id=0, room="general", text="x", nonce="n"))
    assert not to_change(item)

    outbox.give_up(item, "no", code)

    assert to_change(item) == changes


def test_a_deletion_that_was_refused_has_nothing_to_be_changed() -> None:
    outbox = Outbox(lambda: NOON)
    item = outbox.add(commands.Delete(id=0, room="general", target=3, nonce="n"))

    outbox.give_up(item, "no", "no-such-message")

    assert not to_change(item)


def test_what_is_no_message_is_told_by_what_it_does() -> None:
    outbox = Outbox(lambda: NOON)
    made: list[commands.Edit | commands.Delete | commands.React] = [
        commands.Edit(id=0, room="general", target=1, text="better", nonce="a"),
        commands.Delete(id=0, room="general", target=1, nonce="b"),
        commands.React(id=0, room="general", target=1, emojis=["👍"], nonce="c"),
    ]
    told = [words(outbox.add(command)) for command in made]

    assert told == ["(edit) better", "(deletes a message)", "(reacts to a message)"]
