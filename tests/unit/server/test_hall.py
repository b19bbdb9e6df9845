"""The Hall's own bounds and the cases that a socket reaches only by luck, on the pure Hall."""

import msgspec
import pytest

from pychat.protocol import commands, events, replies
from pychat.server import limits
from tests.support.town import Town, code, texts, welcome

# -- bounds ---------------------------------------------------------------------------------------


def test_the_hall_has_a_bounded_number_of_users(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "USERS", 2)
    town.enter("ann")
    town.enter("bob")

    late = town.enter("cyd")

    assert code(late.told[0]) == "too-many"
    assert late.bye is not None
    assert late.bye.code == "too-many-connections"


def test_the_hall_has_a_bounded_number_of_rooms(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ROOMS", 2)
    ann = town.enter("ann", "a", "b")

    assert code(town.join(ann, "c")) == "too-many"
    assert isinstance(town.join(town.enter("bob"), "b"), replies.Joined)
    town.leave(ann, "a")
    assert isinstance(town.join(ann, "c"), replies.Joined)


@pytest.mark.parametrize("before", [limits.ROOMS_PER_USER - 1, limits.ROOMS_PER_USER])
def test_one_is_in_a_bounded_number_of_rooms(town: Town, before: int) -> None:
    ann = town.enter("ann", *(f"r{n}" for n in range(before)))

    reply = town.join(ann, "one-more")

    assert isinstance(reply, replies.Error) == (before == limits.ROOMS_PER_USER)


def test_who_is_in_all_rooms_one_may_be_in_joins_them_again_after_an_absence(town: Town) -> None:
    rooms = [f"r{n}" for n in range(limits.ROOMS_PER_USER)]
    ann = town.enter("ann", *rooms)
    town.shell.break_off(ann)

    again = town.enter(resume=welcome(ann).resume)

    assert sorted(welcome(again).rooms) == sorted(rooms)
    for room in rooms:
        assert isinstance(town.join(again, room), replies.Joined)


def test_a_long_parting_word_is_cut(town: Town) -> None:
    ann, bob = town.enter("ann", "lobby"), town.enter("bob", "lobby")

    town.shell.ask(bob, commands.Quit(id=town.id(), reason="x\n\x1b" * 500))

    (left,) = [each.left for each in ann.told if isinstance(each, events.Presence) and each.left]
    assert len(left[0].reason) == 200
    assert left[0].reason.isprintable()


# -- while the disk works -------------------------------------------------------------------------


def test_what_is_said_while_joined_is_made_comes_after_it_and_once(town: Town) -> None:
    ann = town.enter("ann", "lobby")
    bob = town.enter("bob")
    town.say(ann, "lobby", "before")
    town.shell.settle()
    town.shell.send(bob, commands.Join(id=town.id(), room="lobby"))

    town.say(ann, "lobby", "meanwhile")
    town.shell.commit(1)
    assert len(bob.told) == 1
    town.shell.read(bob)

    joined, meanwhile = bob.told[1:]
    assert isinstance(joined, replies.Joined)
    assert joined.messages is not None
    assert [each.text for each in joined.messages] == ["before"]
    assert isinstance(meanwhile, events.Message)
    assert (meanwhile.text, meanwhile.prev) == ("meanwhile", joined.seq)


def test_a_join_that_could_not_be_read_may_be_tried_again(town: Town) -> None:
    ann, bob = town.enter("ann", "lobby"), town.enter("bob")
    town.shell.send(bob, commands.Join(id=town.id(), room="lobby"))
    town.shell.fail_read(bob)
    assert code(bob.told[-1]) == "unavailable"

    town.say(ann, "lobby", "unheard")
    town.shell.settle()
    assert texts(bob) == []

    joined = town.join(bob, "lobby")
    assert isinstance(joined, replies.Joined)
    assert joined.count == 2
    presence = [each for each in ann.told if isinstance(each, events.Presence)]
    assert [len(each.joined) for each in presence] == [1]


def test_who_broke_off_in_the_middle_of_a_join_hears_nothing_and_stays_a_member(
    town: Town,
) -> None:
    ann, bob = town.enter("ann", "lobby"), town.enter("bob")
    town.shell.send(bob, commands.Join(id=town.id(), room="lobby"))
    town.shell.break_off(bob)

    town.say(ann, "lobby", "hello?")
    town.shell.settle()

    room = town.shell.hall.rooms["lobby"]
    assert (list(room.audience), room.held, len(room.members)) == ([ann], {}, 2)


def test_a_room_waits_for_what_its_last_member_said(town: Town) -> None:
    ann = town.enter("ann", "lobby")
    town.say(ann, "lobby", "last words")

    town.shell.send(ann, commands.Leave(id=town.id(), room="lobby"))
    assert "lobby" in town.shell.hall.rooms
    town.shell.settle()

    assert town.shell.hall.rooms["lobby"].head == 1


def test_a_room_whose_last_words_the_disk_refused_is_gone(town: Town) -> None:
    ann = town.enter("ann", "lobby")
    town.say(ann, "lobby", "last words")
    town.shell.send(ann, commands.Leave(id=town.id(), room="lobby"))

    town.shell.fail_commit(1)

    assert town.shell.hall.rooms == {}
    assert code(ann.told[-1]) == "unavailable"


def test_what_one_said_before_quitting_is_heard_by_the_others(town: Town) -> None:
    ann, bob = town.enter("ann", "lobby"), town.enter("bob", "lobby")
    town.say(bob, "lobby", "so long")
    town.shell.send(bob, commands.Quit(id=town.id()))

    town.shell.settle()

    assert texts(ann) == ["so long"]


# -- time -----------------------------------------------------------------------------------------


def test_typing_is_passed_on_once_in_three_seconds(town: Town) -> None:
    ann, bob = town.enter("ann", "lobby"), town.enter("bob", "lobby")
    for seconds in (0.0, 2.9, 0.2, 2.7, 0.3):
        town.shell.tick(seconds)
        town.typing(bob)

    assert sum(isinstance(each, events.Typing) for each in ann.told) == 3
    assert not any(isinstance(each, events.Typing) for each in bob.told)


def test_each_lingers_for_as_long_and_the_first_to_break_off_goes_first(town: Town) -> None:
    ann, bob, cyd = (town.enter(name, "lobby") for name in ("ann", "bob", "cyd"))
    town.shell.break_off(ann)
    town.shell.tick(10)
    town.shell.break_off(bob)

    town.shell.tick(49.9)
    assert set(town.shell.hall.register.by_key) == {"ann", "bob", "cyd"}
    town.shell.tick(0.1)
    assert set(town.shell.hall.register.by_key) == {"bob", "cyd"}
    town.shell.tick(10)
    assert set(town.shell.hall.register.by_key) == {"cyd"}

    left = [each.left for each in cyd.told if isinstance(each, events.Presence) and each.left]
    assert [each[0].name for each in left] == ["ann", "bob"]


def test_a_shorter_linger_holds_for_those_who_linger_already(town: Town) -> None:
    ann, bob = (town.enter(name, "lobby") for name in ("ann", "bob"))
    town.shell.break_off(ann)
    hall = town.shell.hall
    hall.config = msgspec.structs.replace(hall.config, linger=5.0)
    town.shell.tick(1)
    town.shell.break_off(bob)

    town.shell.tick(4)
    assert set(hall.register.by_key) == {"bob"}
    town.shell.tick(1)
    assert not hall.register.by_key


def test_who_broke_off_as_the_hall_had_stood_still_lingers_no_longer_than_others(
    town: Town,
) -> None:
    ann, bob = (town.enter(name, "lobby") for name in ("ann", "bob"))
    town.shell.break_off(ann)
    town.shell.seconds += 3600
    town.shell.break_off(bob)
    town.shell.hall.put_off(3600)

    town.shell.tick(59.5)
    assert set(town.shell.hall.register.by_key) == {"ann", "bob"}
    town.shell.tick(0.5)
    assert not town.shell.hall.register.by_key


def test_who_comes_back_and_breaks_off_again_has_the_whole_time_again(town: Town) -> None:
    ann = town.enter("ann", "lobby")
    town.shell.break_off(ann)
    town.shell.tick(59)
    again = town.enter(resume=welcome(ann).resume)
    town.shell.break_off(again)

    town.shell.tick(59)

    assert "ann" in town.shell.hall.register.by_key


def test_a_connection_that_breaks_off_before_hello_is_nothing(town: Town) -> None:
    town.shell.break_off(town.shell.connect())

    assert town.shell.notes == []


def test_a_newcomer_in_a_busy_second_has_no_ghosts_among_the_members(town: Town) -> None:
    for number in range(limits.PRESENCE_BURST):
        town.enter(f"user-{number}", "lobby")
    ann, bob = town.enter("ann", "lobby"), town.enter("bob", "lobby")
    newcomer = town.enter("cyd", "lobby")

    town.leave(ann, "lobby")
    town.shell.ask(bob, commands.Name(id=town.id(), name="bobby"))
    town.shell.tick(limits.PRESENCE_GAP)

    (told,) = [each for each in newcomer.told if isinstance(each, events.Presence)]
    assert {each.name for each in told.left} == {"ann", "bob"}
    assert {each.name for each in told.joined} == {"bobby", "cyd"}


# -- restart --------------------------------------------------------------------------------------


def test_after_a_restart_all_linger_and_nobody_is_told_of_a_coming(town: Town) -> None:
    ann, bob = town.enter("ann", "lobby", "den"), town.enter("bob", "lobby")
    town.shell.ask(bob, commands.Away(id=town.id(), away=True))
    town.shell.restart()

    again = town.enter(resume=welcome(ann).resume)
    joined = town.join(again, "lobby")

    assert sorted(welcome(again).rooms) == ["den", "lobby"]
    assert isinstance(joined, replies.Joined)
    assert [(each.name, each.away) for each in joined.members] == [("ann", False), ("bob", True)]
    assert not any(isinstance(each, events.Presence) for each in again.told)


def test_who_does_not_come_back_after_a_restart_goes(town: Town) -> None:
    town.enter("ann", "lobby")
    town.shell.restart()

    town.shell.tick(60)

    assert (town.shell.hall.rooms, town.shell.sessions) == ({}, {})


def test_what_the_operator_is_told(town: Town) -> None:
    ann = town.enter("ann", "lobby")
    town.shell.ask(ann, commands.Name(id=town.id(), name="anna"))
    town.shell.break_off(ann)
    again = town.enter(resume=welcome(ann).resume)
    town.shell.ask(again, commands.Quit(id=town.id(), reason="tea"))

    told = [(note.what, note.name, note.room, note.text) for note in town.shell.notes]
    assert told == [
        ("came", "ann", None, None),
        ("joined", "ann", "lobby", None),
        ("renamed", "ann", None, "anna"),
        ("away", "anna", None, None),
        ("back", "anna", None, None),
        ("went", "anna", None, "tea"),
        ("left", "anna", "lobby", "tea"),
    ]
