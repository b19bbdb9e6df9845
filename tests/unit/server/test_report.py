"""What the operator sees, on a terminal and in a file, whatever people call themselves or say."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from pychat.protocol import events, fingerprint
from pychat.protocol.invitation import Invitation
from pychat.server.effects import Noted
from pychat.server.report import OperatorReport

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "a\x9b31mb",
    "\u202egnp.exe",
    "a\u2028b\u0085c",
    "[red]not markup[/red]",
    'quote " and \\ backslash',
    "\u200b\u2066\ufeff",
    "\x7f",
    "a\ud800b",
    "\U0001f600 \U0010ffff",
    "\u0303\u0303\u0303\u0303\u0303\u0303\u0303\u0303\u0303\u0303",
    "a\n\u0303b",  # the mark would join the `n` of its escape in JSON
    "a\t\u0303b\\\u0301",
    "one\n12:00:00 #room mallory: two",
]


class Screen(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """A report takes over the package's log; give it back."""
    log = logging.getLogger("pychat")
    handlers, propagate = log.handlers, log.propagate
    yield
    log.handlers, log.propagate = handlers, propagate


def message(text: str, sender: str = "ann", room: str = "lobby") -> events.Message:
    return events.Message(
        room=room, seq=7, prev=6, time=0, sender=sender, nonce="secret-nonce", text=text
    )


def told(*what: Noted | events.LoggedEvent, tty: bool = False, quiet: bool = False) -> str:
    screen = Screen(tty)
    report = OperatorReport(screen, quiet=quiet)
    for each in what:
        if isinstance(each, Noted):
            report.noted(each)
        else:
            report.said(each)
    report.close()
    return screen.getvalue()


def entries(*what: Noted | events.LoggedEvent, quiet: bool = False) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told(*what, quiet=quiet).split("\n")[:-1]]


def fields(what: Noted | events.LoggedEvent, quiet: bool = False) -> dict[str, Any]:
    """One entry without its time."""
    (entry,) = entries(what, quiet=quiet)
    assert entry.pop("time")
    return entry


LOGGED = {"room": "lobby", "seq": 7, "prev": 6, "time": 0, "sender": "ann", "nonce": "n"}


@pytest.mark.parametrize(
    ("what", "entry"),
    [
        (Noted("came", "ann"), {"event": "came", "name": "ann"}),
        (Noted("went", "ann", text="bye"), {"event": "went", "name": "ann", "reason": "bye"}),
        (Noted("joined", "ann", "lobby"), {"event": "joined", "name": "ann", "room": "lobby"}),
        (
            Noted("left", "ann", "lobby", "left"),
            {"event": "left", "name": "ann", "room": "lobby", "reason": "left"},
        ),
        (
            Noted("renamed", "ann", text="anna"),
            {"event": "renamed", "name": "ann", "new_name": "anna"},
        ),
        (
            message("hi"),
            {"event": "said", "room": "lobby", "name": "ann", "seq": 7, "text": "hi"},
        ),
        (
            events.Edited(**LOGGED, target=3, text="ho"),
            {
                "event": "edited",
                "room": "lobby",
                "name": "ann",
                "seq": 7,
                "target": 3,
                "text": "ho",
            },
        ),
        (
            events.Deleted(**LOGGED, target=3),
            {"event": "deleted", "room": "lobby", "name": "ann", "seq": 7, "target": 3},
        ),
        (
            events.Reacted(**LOGGED, target=3, emojis=["👍"]),
            {
                "event": "reacted",
                "room": "lobby",
                "name": "ann",
                "seq": 7,
                "target": 3,
                "emojis": ["👍"],
            },
        ),
        (
            events.Topic(**LOGGED, text="tea"),
            {"event": "topic", "room": "lobby", "name": "ann", "seq": 7, "text": "tea"},
        ),
    ],
)
def test_a_file_gets_one_json_object_for_each_thing(
    what: Noted | events.LoggedEvent, entry: dict[str, Any]
) -> None:
    assert fields(what) == entry


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (Noted("came", "ann"), "ann came into the Hall"),
        (Noted("went", "ann", text="bye"), "ann left the Hall (bye)"),
        (Noted("joined", "ann", "lobby"), "#lobby ann joined"),
        (Noted("renamed", "ann", text="anna"), "ann is now anna"),
        (message("hi"), "#lobby ann: hi"),
        (events.Edited(**LOGGED, target=3, text="ho"), "ann edited 3: ho"),
        (events.Deleted(**LOGGED, target=3), "ann deleted 3"),
        (events.Reacted(**LOGGED, target=3, emojis=["a", "b"]), "ann reacted to 3 with a b"),
        (events.Reacted(**LOGGED, target=3, emojis=[]), "with nothing any more"),
        (events.Topic(**LOGGED, text="tea"), "ann set the topic: tea"),
        (events.Topic(**LOGGED, text=""), "ann changed the topic"),
    ],
)
def test_a_terminal_gets_a_sentence(what: Noted | events.LoggedEvent, words: str) -> None:
    assert words in without_colours(told(what, tty=True))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_said_does_nothing_to_a_terminal(text: str) -> None:
    shown = told(message(text), Noted("went", "ann", text=text), tty=True)

    assert_harmless(without_colours(shown))
    assert shown.count("\x1b[") == told(message("x"), Noted("went", "a"), tty=True).count("\x1b[")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_said_leaves_each_line_of_a_file_whole(text: str) -> None:
    said, went, end = entries(message(text), Noted("went", "ann", text=text), message("end"))

    assert (said["event"], went["event"], end["text"]) == ("said", "went", "end")
    assert_harmless(said["text"])
    assert_harmless(told(message(text)))


def test_a_further_line_of_a_message_does_not_look_like_one_of_the_report() -> None:
    shown = without_colours(told(message("one\n12:00:00 #room mallory: two"), tty=True))

    first, second = shown.splitlines()
    assert first.endswith("ann: one")
    assert second.startswith(" " * 9)


@pytest.mark.parametrize("tty", [True, False])
def test_quiet_leaves_out_what_was_said(tty: bool) -> None:
    said = [
        message("swordfish"),
        events.Edited(**LOGGED, target=3, text="swordfish"),
        events.Topic(**LOGGED, text="swordfish"),
    ]

    shown = told(*said, tty=tty, quiet=True)

    assert "swordfish" not in shown
    assert shown.count("ann") == 3
    assert told(*said, tty=tty).count("swordfish") == 3


@pytest.mark.parametrize("tty", [True, False])
def test_of_what_two_people_say_to_each_other_nothing_is_shown(tty: bool) -> None:
    between = LOGGED | {"room": "@ann,kim"}
    said = [
        message("swordfish", room="@ann,kim"),
        events.Edited(**between, target=3, text="swordfish"),
        events.Reacted(**between, target=3, emojis=["swordfish"]),
        events.Deleted(**between, target=3),
    ]

    shown = told(*said, tty=tty)

    assert "swordfish" not in shown
    assert "kim" not in shown
    assert shown.count("ann") == 4


@pytest.mark.parametrize("tty", [True, False])
def test_no_nonce_is_shown(tty: bool) -> None:
    assert "secret-nonce" not in told(message("x"), tty=tty)


def test_a_stream_that_cannot_show_a_character_shows_the_next_line() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    report = OperatorReport(stream)
    report.said(message("😀"))
    report.said(message("after"))
    report.close()

    assert [json.loads(line)["text"] for line in raw.getvalue().decode().splitlines()] == [
        "😀",
        "after",
    ]


def test_a_reader_that_is_gone_does_not_stop_the_chat() -> None:
    stream = Screen(tty=False)
    report = OperatorReport(stream)
    stream.close()

    for _ in range(20_000):
        report.noted(Noted("came", "ann"))
    report.close()


def test_faults_reach_the_operator_and_are_harmless_too() -> None:
    screen = Screen(tty=True)
    report = OperatorReport(screen)
    logging.getLogger("pychat.server").error("the command %r failed", "\x1b[2J")
    logging.getLogger("pychat.server").warning("\x1b[2J")
    report.close()

    shown = without_colours(screen.getvalue())
    assert "error: the command" in shown
    assert_harmless(shown)


def without_colours(shown: str) -> str:
    for code in (*range(32, 37), *range(92, 97), 0, 1, 2, 31):
        shown = shown.replace(f"\x1b[{code}m", "")
    return shown


def assert_harmless(shown: str) -> None:
    for char in shown:
        assert char in "\n\t" or char >= " ", ascii(shown)
        assert not "\x7f" <= char <= "\x9f", ascii(shown)
        assert char not in "\u2028\u2029\u202e\u2066\u200b\ufeff", ascii(shown)


def operating(tty: bool) -> str:
    screen = Screen(tty)
    report = OperatorReport(screen)
    report.watched("::1", 9222)
    report.reloaded(["limits.users"], ["listen.port"], ["pychat.toml: \x1b[2J\nis bad"])
    report.reloaded([], [], [])
    report.close()
    return screen.getvalue()


def test_what_an_operator_did_is_told_in_sentences_and_in_json() -> None:
    lines = without_colours(operating(tty=True)).splitlines()

    assert [line.partition(" ")[2].strip() for line in lines] == [
        "metrics and health are told on [::1]:9222",
        "settings were read again; changed: limits.users",
        "from the next start on: listen.port",
        "left as it was: pychat.toml: \u241b[2J\u2424is bad",
        "settings were read again; changed: nothing",
    ]
    watched, reloaded, _ = map(json.loads, operating(tty=False).splitlines())
    assert (watched["host"], watched["port"]) == ("::1", 9222)
    assert reloaded["changed"] == ["limits.users"]
    assert reloaded["faults"] == ["pychat.toml: \u241b[2J\nis bad"]


def test_the_key_and_an_invitation_are_told_for_people_and_for_programs() -> None:
    key = bytes(range(32))
    invitation = Invitation("chat.lan:4000", key=key)
    for tty in (True, False):
        screen = Screen(tty)
        report = OperatorReport(screen)
        report.inviting(key, invitation)
        report.close()
        if tty:
            assert " ".join(fingerprint.grouped(key)) in screen.getvalue()
            assert f"pychat tui '{invitation}'" in screen.getvalue()
        else:
            line = json.loads(screen.getvalue())
            assert line["event"] == "encrypted"
            assert line["fingerprint"] == fingerprint.written(key)
            assert line["invitation"] == str(invitation)
