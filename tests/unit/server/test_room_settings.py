"""How a room is set: slow, unlisted or locked, with invitations, and what newcomers may read."""

from typing import Any

import pytest

from pychat.protocol import commands, events, replies
from pychat.server.backplane.interface import Fact, RegistryError
from tests.support.hall_shell import FakePeer
from tests.support.town import Town, code, order


def test_in_a_slow_room_a_member_waits_and_an_operator_does_not(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    order(town, ada, commands.Settings, slow=30)
    assert isinstance(town.said(bob, "den", "one"), replies.Sent)
    town.shell.tick(17.5)

    refused = town.said(bob, "den", "two")

    assert (refused.code, refused.retryable, refused.retry_after) == ("rate-limited", True, 12_500)
    assert refused.text.endswith("you may write again in 13 s")
    town.ask(bob, commands.Name, name="rob")
    town.leave(bob, "den")
    town.join(bob, "den")
    assert code(town.said(bob, "den", "two")) == "rate-limited", "by another name, and back again"
    for _ in range(3):
        assert isinstance(town.said(ada, "den", "x"), replies.Sent)
    town.shell.tick(12.5)
    assert isinstance(town.said(bob, "den", "two"), replies.Sent)


def test_settings_are_told_to_members_and_to_those_who_join_and_kept(
    town: Town, ada: FakePeer
) -> None:
    assert town.join(town.enter("bob"), "den").settings is None  # type: ignore[attr-defined]
    town.said(ada, "den", "hello")

    order(town, ada, commands.Settings, kind="unlisted", slow=5)
    order(town, ada, commands.Settings, topic="operator")

    now = replies.RoomSettings(kind="unlisted", slow=5, topic="operator")
    told = [each.settings for each in ada.told if isinstance(each, events.Settings)]
    assert told == [replies.RoomSettings(kind="unlisted", slow=5), now]
    town.shell.restart()
    assert town.join(town.enter("cyd"), "den").settings == now  # type: ignore[attr-defined]


def test_an_invitation_is_for_one_and_for_once(town: Town, ada: FakePeer) -> None:
    bob, cyd = town.enter("bob"), town.enter("cyd")
    order(town, ada, commands.Settings, kind="locked")
    order(town, ada, commands.Invite, name="bob")
    (notice,) = [each.text for each in bob.told if isinstance(each, events.Notice)]
    assert notice == "ada invites you into the room den; join it if you like"
    assert [room.name for room in town.ask(bob, commands.List).rooms] == ["den"]
    assert code(town.join(cyd, "den")) == "no-such-room"
    town.ask(bob, commands.Quit)
    impostor = town.enter("bob")
    assert code(town.join(impostor, "den")) == "no-such-room", "the same name is not the same one"

    order(town, ada, commands.Invite, name="cyd")
    assert b"cyd" in (town.shell.facts["room", "den"].body or b"")
    assert isinstance(town.join(cyd, "den"), replies.Joined)
    assert b"cyd" not in (town.shell.facts["room", "den"].body or b""), "used up on disk, too"
    town.leave(cyd, "den")

    assert code(town.join(cyd, "den")) == "no-such-room"
    assert code(town.ask(ada, commands.Invite, room="den", name="ada")) == "already-in-room"
    assert code(town.ask(ada, commands.Invite, room="den", name="nil")) == "no-such-name"


def test_one_invitation_is_one_notice(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob")
    for _ in range(3):
        order(town, ada, commands.Invite, name="bob")
    assert len([each for each in bob.told if isinstance(each, events.Notice)]) == 1


def test_the_name_of_a_hidden_room_is_not_told_by_what_looks_like_it(
    town: Town, ada: FakePeer
) -> None:
    order(town, ada, commands.Settings, kind="unlisted")
    refused = town.join(town.enter("bob"), "d\u0435n")
    assert isinstance(refused, replies.Error)
    assert refused.code == "bad-room"
    assert "'den'" not in refused.text


def test_newcomers_read_nothing_of_before_where_the_room_says_so(town: Town, ada: FakePeer) -> None:
    early = town.enter("early", "den")
    town.said(ada, "den", "secret")
    order(town, ada, commands.Settings, history=False)
    bob = town.enter("bob")

    def read(peer: FakePeer) -> list[list[str]]:
        pages = [
            town.ask(peer, commands.History, room="den").messages,
            town.ask(peer, commands.Search, text="secret").messages,
        ]
        return [[each.text for each in page] for page in pages]

    joined: Any = town.join(bob, "den")
    assert (joined.messages, joined.more, joined.missed) == ([], False, 0)
    assert read(bob) == [[], []]
    assert read(early)[0] == ["secret"]
    town.said(ada, "den", "new")
    assert read(bob)[0] == ["new"]
    order(town, ada, commands.Role, name="bob", role="operator")
    assert read(bob)[0] == ["secret", "new"]
    town.leave(bob, "den")
    order(town, ada, commands.Settings, history=True)
    cyd = town.enter("cyd", "den")
    assert read(cyd)[0] == ["secret", "new"]


def test_what_was_missed_is_fetched_from_no_further_back_than_one_has_been_there(
    town: Town, ada: FakePeer
) -> None:
    town.said(ada, "den", "secret")
    order(town, ada, commands.Settings, history=False)
    bob = town.enter("bob")
    joined: Any = town.ask(bob, commands.Join, room="den", after=0)
    assert (joined.recovered, joined.messages, joined.events) == (False, [], None)


def test_what_cannot_be_read_of_a_room_keeps_the_hall_from_opening(
    town: Town, ada: FakePeer
) -> None:
    town.shell.facts["room", "den"] = Fact("room", "den", b'{"bans":7}')
    with pytest.raises(RegistryError, match="what is known of room 'den' cannot be read"):
        town.shell.restart()
