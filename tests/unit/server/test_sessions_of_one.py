"""Who owns a name may be here by several connections at once, and is one member all the same."""

import pytest

from pychat.protocol import commands, events, replies
from pychat.server import limits
from tests.support.comers import Comers, names, refusal, told, welcome
from tests.support.hall_shell import FakePeer


@pytest.fixture
def watcher(hall: Comers) -> FakePeer:
    return hall.come("watcher", "lobby")


@pytest.fixture
def desk(hall: Comers, watcher: FakePeer) -> FakePeer:
    return hall.come("ann", "lobby", by=1)


@pytest.fixture
def phone(hall: Comers, desk: FakePeer) -> FakePeer:
    return hall.come("ANN", "lobby", by=1)


def presence(hall: Comers, peer: FakePeer) -> list[tuple[str, str]]:
    """What the peer was told of others, in short, gathered as it may be."""
    hall.shell.tick(3)
    found = []
    for event in told(peer, events.Presence):
        found += [("joined", each.name) for each in event.joined]
        found += [("left", each.name) for each in event.left]
        found += [("away" if each.member.away else "back", each.name) for each in event.changed]
    return found


def test_they_are_one_entry_by_the_name_as_it_was_first_written(
    hall: Comers, watcher: FakePeer, phone: FakePeer
) -> None:
    assert (welcome(phone).name, welcome(phone).resumed, welcome(phone).rooms) == ("ann", False, [])
    assert names(hall.members(watcher)) == ["ann", "watcher"]
    assert hall.ask(watcher, commands.List).rooms[0].members == 2
    assert presence(hall, watcher) == [("joined", "ann")]


def test_they_leave_with_the_last_of_them(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.leave(desk, "lobby")
    assert presence(hall, watcher) == [("joined", "ann")]

    hall.leave(phone, "lobby")

    assert presence(hall, watcher) == [("joined", "ann"), ("left", "ann")]
    assert names(hall.members(watcher)) == ["watcher"]


def test_they_leave_the_hall_with_the_last_of_them(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.ask(desk, commands.Quit)
    assert names(hall.members(watcher)) == ["ann", "watcher"]
    assert hall.ask(watcher, commands.Whois, name="ann").name == "ann"

    hall.ask(phone, commands.Quit)

    assert presence(hall, watcher) == [("joined", "ann"), ("left", "ann")]
    assert hall.ask(watcher, commands.Whois, name="ann").code == "no-such-name"


def test_each_hears_only_the_rooms_that_it_has_joined_and_what_the_other_says(
    hall: Comers, desk: FakePeer, phone: FakePeer
) -> None:
    hall.join(desk, "den")
    hall.said(desk, "lobby", "to all")
    hall.said(desk, "den", "to the den")

    assert [each.text for each in told(phone, events.Message)] == ["to all"]
    assert hall.ask(phone, commands.History, room="den").code == "not-in-room"
    assert set(hall.ask(phone, commands.Ping).heads) == {"lobby"}


def test_they_are_away_only_when_all_of_them_are(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.ask(desk, commands.Away, away=True)
    assert presence(hall, watcher) == [("joined", "ann")]
    hall.shell.break_off(phone)
    assert presence(hall, watcher) == [("joined", "ann"), ("away", "ann")]
    hall.ask(desk, commands.Away, away=False)
    assert presence(hall, watcher) == [("joined", "ann"), ("away", "ann"), ("back", "ann")]


def test_one_that_lingers_goes_unseen_and_leaves_its_rooms(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.join(desk, "den")
    hall.shell.break_off(desk)
    assert names(hall.members(watcher)) == ["ann", "watcher"]

    hall.shell.tick(61)

    assert presence(hall, watcher) == [("joined", "ann")]
    assert names(hall.members(watcher)) == ["ann", "watcher"]
    assert [room.name for room in hall.ask(watcher, commands.List).rooms] == ["lobby"]


def test_when_who_was_there_goes_and_only_one_that_is_away_stays_they_are_away(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.ask(phone, commands.Away, away=True)

    hall.ask(desk, commands.Quit)

    assert presence(hall, watcher)[-1] == ("away", "ann")


def test_each_comes_back_by_its_own_token(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.restart()

    back = hall.come("ann", resume=welcome(phone).resume)
    other = hall.come("ann", resume=welcome(desk).resume)

    assert welcome(back).resumed
    assert welcome(other).resumed
    assert len(hall.shell.hall.register.by_key["ann"].party.users) == 2
    hall.come("watcher", "lobby", resume=welcome(watcher).resume)
    assert names(hall.members(hall.come("x", "lobby"))) == ["ann", "watcher", "x"]


def test_nobody_else_is_one_of_them(hall: Comers, desk: FakePeer) -> None:
    assert refusal(hall.come("ann")) == "name-taken"
    assert refusal(hall.come("ann", by=2)) == "name-taken"


def test_while_there_are_several_none_takes_another_name(
    hall: Comers, desk: FakePeer, phone: FakePeer
) -> None:
    assert hall.ask(desk, commands.Name, name="zoe").code == "not-allowed"
    hall.ask(phone, commands.Quit)
    assert isinstance(hall.ask(desk, commands.Name, name="zoe"), replies.Ok)


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_there_are_so_many_at_one_time(hall: Comers, extra: int) -> None:
    most = limits.SESSIONS_PER_PERSON
    peers = [hall.come("ann", by=1) for _ in range(most - 1 + extra)]

    if extra == 1:
        assert peers[-1].bye is None
        last = hall.come("ann", by=1)
        assert refusal(last) == "too-many"
        assert last.bye is not None
        assert last.bye.code == "too-many-connections"
        # One that lingers makes room.
        hall.shell.break_off(peers[3])
    assert welcome(hall.come("ann", by=1)).verified
    assert len(hall.shell.hall.register.by_key["ann"].party.users) == min(most, most + extra)


def test_a_direct_room_reaches_all_of_them(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.join(watcher, "@ann")
    hall.said(watcher, "@ann", "hello")

    for peer in (desk, phone):
        (news,) = told(peer, events.Direct)
        assert (news.room, news.name) == ("@ann,watcher", "watcher")
        joined = hall.ask(peer, commands.Join, room=news.room, after=news.after)
        assert b"hello" in bytes(joined.events[0])
    hall.said(desk, "@watcher", "from the desk")
    assert told(phone, events.Message)[-1].text == "from the desk"
    assert names(hall.members(watcher, "@ann")) == ["ann", "watcher"]


def test_one_that_comes_later_is_told_what_is_said_next_in_a_direct_room(
    hall: Comers, watcher: FakePeer, desk: FakePeer
) -> None:
    hall.join(desk, "@watcher")
    hall.said(desk, "@watcher", "one")
    later = hall.come("ann", by=1)

    hall.join(watcher, "@ann")
    hall.said(watcher, "@ann", "two")

    (news,) = told(later, events.Direct)
    assert isinstance(hall.join(later, news.room), replies.Joined)
    hall.ask(desk, commands.Quit)
    assert isinstance(hall.said(watcher, "@ann", "three"), replies.Sent)
    hall.ask(later, commands.Quit)
    assert hall.said(watcher, "@ann,watcher", "four").code == "not-allowed"


def test_a_direct_room_ends_when_all_of_them_and_the_other_have_left_it(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.join(desk, "@watcher")
    hall.said(desk, "@watcher", "one")
    hall.leave(watcher, "@ann")
    hall.leave(desk, "@watcher")
    assert hall.shell.hall.directs._by_key

    hall.leave(phone, "@watcher")

    assert not hall.shell.hall.directs._by_key


def test_nobody_is_named_by_themselves(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    hall.said(phone, "lobby", "@ann @watcher")

    assert told(watcher, events.Message)[-1].mentions == ["watcher"]
    assert hall.ask(desk, commands.Join, room="@ann").code == "not-allowed"


def test_each_is_the_owners_after_a_restart_though_nothing_was_done_in_it(hall: Comers) -> None:
    """What was kept of a session with its first `hello` did not say that the name was proved."""
    first, second = hall.come("ann", by=1), hall.come("ann", by=1)

    hall.restart()

    for peer in (first, second):
        back = hall.come("ann", resume=welcome(peer).resume)
        assert (welcome(back).resumed, welcome(back).verified) == (True, True)


def test_a_direct_room_that_the_others_had_closed_ends_with_who_had_it_open(
    hall: Comers, watcher: FakePeer, desk: FakePeer, phone: FakePeer
) -> None:
    """The one that was leaving was taken out twice."""
    hall.join(desk, "@watcher")
    hall.leave(phone, "@watcher")
    hall.leave(watcher, "@ann")

    hall.ask(desk, commands.Quit)

    assert not hall.shell.hall.directs._by_key
    assert names(hall.members(watcher)) == ["ann", "watcher"]
