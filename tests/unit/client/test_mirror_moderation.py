"""What the mirror makes of roles, settings, slow mode and being sent out."""

from typing import Any

from pychat.client.changes import Changes, Note
from pychat.client.mirror import Mirror
from pychat.protocol import commands, events, replies

Settings = replies.RoomSettings


def joined(mirror: Mirror, settings: Settings | None = None, role: str = "member") -> None:
    reply = replies.Joined(
        id=1,
        room="den",
        topic="",
        members=[replies.Member(name="me", role=role), replies.Member(name="ada", role="owner")],
        count=2,
        seq=0,
        recovered=False,
        missed=0,
        more=False,
        messages=[],
        settings=settings,
    )
    mirror.apply(reply, now=0.0, answering=commands.Join(id=1, room="den"))


def mirror_in_a_room(settings: Settings | None = None, role: str = "member") -> Mirror:
    mirror = Mirror()
    mirror.name = "me"
    joined(mirror, settings, role)
    return mirror


def told(mirror: Mirror, event: Any, now: float = 1.0, **answering: Any) -> Changes:
    return mirror.apply(event, now=now, **answering)


def left(name: str, reason: str, *joined: str) -> events.Presence:
    return events.Presence(
        room="den",
        left=[events.Parting(name=name, reason=reason)],
        joined=[replies.Member(name=each) for each in joined],
    )


def test_who_is_sent_out_is_in_the_room_no_more() -> None:
    for reason in ("kicked by ada: spam", "banned by ada"):
        mirror = mirror_in_a_room()

        changes = told(mirror, left("me", reason))

        assert mirror.rooms == {}
        assert changes.rooms
        assert not changes.members
        assert not changes.notes


def test_what_was_told_of_the_room_in_the_same_batch_is_forgotten_with_it() -> None:
    mirror, changes = mirror_in_a_room(), Changes()
    said = events.Message(
        room="den", seq=1, prev=0, time=1, sender="ada", nonce="n", text="go away"
    )
    for event in (said, left("bob", "left"), left("me", "kicked by ada")):
        mirror.apply(event, now=1.0, into=changes)

    assert not changes.appended
    assert not changes.members
    assert not changes.notes


def test_a_late_word_of_my_own_leaving_or_of_anothers_kick_sends_nobody_out() -> None:
    for event in (
        left("me", "left"),
        left("me", "quit: kicked by ada"),
        left("ada", "kicked by me"),
        left("me", "kicked by ada", "me"),
    ):
        mirror = mirror_in_a_room()
        told(mirror, event)
        assert "den" in mirror.rooms, event


def test_settings_come_with_the_room_and_change() -> None:
    mirror = mirror_in_a_room(Settings(kind="locked"))
    view = mirror.rooms["den"]
    assert view.settings == Settings(kind="locked")
    event = events.Settings(room="den", settings=Settings(slow=5))

    changes = told(mirror, event)

    assert view.settings == Settings(slow=5)
    assert changes.notes == {"den": [Note(kind="settings", name="")]}
    assert not told(mirror, event)
    joined(mirror)
    assert view.settings == Settings()


def test_a_new_role_is_noted() -> None:
    mirror = mirror_in_a_room()
    member = replies.Member(name="me", role="operator")

    changes = told(
        mirror, events.Presence(room="den", changed=[events.Change(name="me", member=member)])
    )

    assert changes.notes["den"] == [Note(kind="role", name="me", text="operator")]


SEND = commands.Send(id=2, room="den", text="hi", nonce="n")
SENT = replies.Sent(id=2, room="den", seq=1, time=1, nonce="n")


def test_after_a_word_in_a_slow_room_a_member_waits() -> None:
    mirror = mirror_in_a_room(Settings(slow=30))
    told(mirror, SENT, 100.0, answering=SEND)
    assert mirror.rooms["den"].quiet_until == 130.0

    refusal = replies.error("rate-limited", "slow", 2, 12_500)
    told(mirror, refusal, 110.0, answering=SEND)

    assert mirror.rooms["den"].quiet_until == 122.5


def test_nobody_else_waits() -> None:
    for settings, role, in_hall in (
        (Settings(), "member", "member"),
        (Settings(slow=30), "operator", "member"),
        (Settings(slow=30), "owner", "member"),
        (Settings(slow=30), "member", "operator"),
    ):
        mirror = mirror_in_a_room(settings, role)
        mirror.role = in_hall
        told(mirror, SENT, 100.0, answering=SEND)
        told(mirror, SENT, 100.0, answering=commands.Delete(id=3, room="den", target=1, nonce="n"))
        assert mirror.rooms["den"].quiet_until == 0.0
