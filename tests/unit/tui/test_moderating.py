"""The commands of owners and operators as they are written, and what is told of how a room is."""

import pytest

from pychat.client.changes import Note
from pychat.client.mirror import Mirror
from pychat.client.room_view import Load, RoomView
from pychat.protocol.replies import Member, RoomSettings
from pychat.tui import chrome, moderating, telling
from pychat.tui.slash import Mistake, parse

M = moderating


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/kick bob", M.Kick("bob")),
        ("/kick @bob too loud", M.Kick("bob", "too loud")),
        ("/ban bob", M.Sanction("ban", "bob")),
        ("/ban bob 8h", M.Sanction("ban", "bob", 28_800)),
        ("/ban bob 8h spam, spam", M.Sanction("ban", "bob", 28_800, "spam, spam")),
        ("/ban bob spam 8h", M.Sanction("ban", "bob", None, "spam 8h")),
        ("/silence bob 30s", M.Sanction("mute", "bob", 30)),
        ("/silence bob 3660d", M.Sanction("mute", "bob", 316_224_000)),
        ("/unban bob", M.Lift("ban", "bob")),
        ("/unsilence @bob", M.Lift("mute", "bob")),
        ("/bans", M.Sanctions()),
        ("/op bob", M.Appoint("bob", "operator")),
        ("/deop bob", M.Appoint("bob", "member")),
        ("/owner bob", M.Appoint("bob", "owner")),
        ("/invite bob", M.Invite("bob")),
        ("/slow 5m", M.Settings(slow=300)),
        ("/slow 30", M.Settings(slow=30)),
        ("/slow off", M.Settings(slow=0)),
        ("/slow 24h", M.Settings(slow=86_400)),
        ("/lock", M.Settings(kind="locked")),
        ("/unlock", M.Settings(kind="public")),
        ("/room", M.Settings()),
        ("/room unlisted", M.Settings(kind="unlisted")),
        ("/room Topic  Operator", M.Settings(topic="operator")),
        ("/room history off", M.Settings(history=False)),
    ],
)
def test_an_order_is_understood(typed: str, meant: object) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("/kick", "/ban", "/silence", "/unban", "/op", "/invite", "/slow", "/kick -x"),
        *("/ban bob 0m", "/ban bob 3661d", "/slow 25h", "/slow soon", "/lock it", "/room green"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(typed: str) -> None:
    mistake = parse(typed)
    assert isinstance(mistake, Mistake)
    word = typed.split()[0]
    assert f"write {moderating.SPELLINGS[word[1:]].usage}" in mistake.text


def test_how_a_room_is_set_in_words() -> None:
    assert telling.settings(RoomSettings()) == "public"
    assert (
        telling.settings(RoomSettings(kind="locked", slow=90, topic="operator", history=False))
        == "locked, one message of each member in 1 min, the topic is for operators, "
        "newcomers read nothing of before"
    )


def test_a_new_role_and_new_settings_are_told_in_the_room() -> None:
    notes = [Note(kind="role", name="bob", text="operator"), Note(kind="settings", name="")]
    assert telling.happened(notes, 3) == (
        "bob is an operator now · the room's settings have changed: /room tells them"
    )


def test_who_is_there_is_told_with_the_roles() -> None:
    members = [Member(name="ada", role="owner", away=True), Member(name="bob")]
    assert telling.who("den", members, 2) == "2 people in #den: ada (owner, away), bob"


def test_whether_i_keep_order_in_a_room() -> None:
    mirror = Mirror()
    mirror.name = "me"
    view = mirror.rooms["den"] = RoomView("den", Load())
    for role, keeps in (("member", False), ("operator", True), ("owner", True)):
        view.members["me"] = Member(name="me", role=role)
        assert chrome.keeps_order(mirror, "den") == keeps
    view.direct = "ada"
    assert not chrome.keeps_order(mirror, "den")
    assert not chrome.keeps_order(mirror, "nowhere")
    view.direct, view.members, mirror.role = None, {}, "operator"
    assert chrome.keeps_order(mirror, "den")


def test_how_long_it_is_until_one_may_write_again() -> None:
    view = RoomView("den", Load())
    assert chrome.patience(view, 100.0) == ""
    view.quiet_until = 112.0
    assert chrome.patience(view, 100.5).endswith("you may write again in 12 s")
    assert chrome.patience(view, 112.0) == ""
