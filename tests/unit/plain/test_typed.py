"""What was typed in plain mode."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.plain import typed
from pychat.plain.typed import History, parse, room_like
from pychat.tui import slash
from pychat.tui.message_commands import Delete, Edit, React, Reply
from pychat.tui.slash import Mistake, Say
from pychat.tui.wishes import Message, Switch, Whois


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hello", Say("hello")),
        ("//reply", Say("/reply")),
        ("/join dev", slash.Join("dev")),
        ("/quit", slash.Quit()),
        ("/switch", Switch()),
        ("/b #dev", Switch("#dev")),
        ("/SWITCH de", Switch("de")),
        ("/switch @ada", Switch("@ada")),
        ("/msg ada", Message("ada")),
        ("/query @ada are you there?", Message("ada", "are you there?")),
        ("/whois @ada", Whois("ada")),
        ("/history", History()),
        ("/history 5", History(5)),
        ("/history 200", History(200)),
        ("/reply 12 yes, of course", Reply("yes, of course", 12)),
        ("/reply #12 yes", Reply("yes", 12)),
        ("/reply yes", Reply("yes")),
        ("/edit better so", Edit("better so")),
        ("/edit 12 better so", Edit("better so", 12)),
        ("/edit 12", Edit("12")),
        ("/edit two\nlines", Edit("two\nlines")),
        ("/delete", Delete()),
        ("/delete 12", Delete(12)),
        ("/react 👍", React("👍")),
        ("/react 12 👍", React("👍", 12)),
        ("/me waves", Say("/me waves")),
    ],
)
def test_it_is_understood(text: str, meant: object) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/reply", "/reply needs more: write /reply [ID] TEXT"),
        ("/edit", "/edit needs more: write /edit [ID] TEXT"),
        ("/react", "/react needs more: write /react [ID] EMOJI"),
        ("/me", "/me needs more: write /me TEXT"),
        ("/msg", "/msg needs more: write /msg NAME [TEXT]"),
        ("/whois", "/whois needs more: write /whois NAME"),
        ("/whois a b", "a name has letters, digits, "),
        (
            "/delete it",
            "a message is named by its number, which its info shows; write /delete [ID]",
        ),
        ("/history 0", "N is a number of 1 to 200; write /history [N]"),
        ("/history 201", "N is a number of 1 to 200; write /history [N]"),
        ("/history x", "N is a number of 1 to 200; write /history [N]"),
        ("/histry", "no /histry"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(text: str, sentence: str) -> None:
    meant = parse(text)

    assert isinstance(meant, Mistake)
    assert meant.text.startswith(sentence)


@given(st.text(max_size=60))
def test_nothing_that_begins_with_a_slash_is_said_as_it_is(text: str) -> None:
    meant = parse("/" + text)

    if isinstance(meant, Say):
        assert text.startswith("/") or meant.text.startswith("/me ")


@pytest.mark.parametrize("name", typed.SPELLINGS)
def test_every_command_that_help_lists_is_known(name: str) -> None:
    meant = parse(f"/{name}")

    assert not (isinstance(meant, Mistake) and meant.text.startswith("no /"))


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("dev", "dev"),
        ("DEV", "dev"),
        ("devo", "devops"),
        ("ops", "devops"),
        ("ad", "@ada,kim"),
        ("x", None),
    ],
)
def test_a_room_is_found_by_what_it_is_like(text: str, room: str | None) -> None:
    rooms = {"devops": "devops", "dev": "dev", "tea": "tea", "ada": "@ada,kim"}

    assert room_like(text, rooms) == room
