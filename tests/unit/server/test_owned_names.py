"""A name belongs to whoever proved a key for it first, here or away."""

import random

import pytest

from pychat.protocol import commands, replies
from pychat.server import limits
from tests.support.comers import Comers, key, refusal, welcome


def test_who_takes_a_free_name_with_a_key_owns_it(hall: Comers) -> None:
    ann = hall.come("ann", "lobby", by=1)
    bob = hall.come("bob", "lobby")

    assert welcome(ann).verified
    assert not welcome(bob).verified
    assert hall.members(bob) == [("ann", True, False), ("bob", False, False)]
    assert hall.ask(bob, commands.Whois, name="ann").verified


@pytest.mark.parametrize("name", ["ann", "ANN", "a\u043fn", "\u0430nn"])
@pytest.mark.parametrize("by", [None, 2])
def test_it_stays_theirs_when_they_are_gone_and_so_does_what_looks_like_it(
    hall: Comers, name: str, by: int | None
) -> None:
    ann = hall.come("ann", by=1)
    hall.ask(ann, commands.Quit)
    looks_alike = name != "a\u043fn"

    other = hall.come(name, by=by)

    if looks_alike:
        assert refusal(other) == "name-taken"
        assert not other.gone
    else:
        assert welcome(other).name == name
    assert welcome(hall.come("Ann", by=1)).verified


def test_it_is_still_theirs_after_a_restart(hall: Comers) -> None:
    ann = hall.come("ann", "lobby", by=1)
    token = welcome(ann).resume
    hall.restart()

    assert refusal(hall.come("ann")) == "name-taken"
    back = hall.come("ann", by=1)
    assert welcome(back).verified
    resumed = hall.come("ann", resume=token)
    assert (welcome(resumed).resumed, welcome(resumed).verified) == (True, True)
    assert welcome(resumed).rooms == ["lobby"]


def test_a_name_that_a_guest_has_is_not_taken_from_them_by_a_key(hall: Comers) -> None:
    guest = hall.come("ann", "lobby")

    assert refusal(hall.come("ann", by=1)) == "name-taken"

    hall.shell.break_off(guest)
    assert refusal(hall.come("ann", by=1)) == "name-taken"
    hall.shell.tick(61)
    assert welcome(hall.come("ann", by=1)).verified


def test_a_guest_whose_session_comes_back_with_a_key_owns_the_name_from_then_on(
    hall: Comers,
) -> None:
    watcher = hall.come("bob", "lobby")
    guest = hall.come("ann", "den")
    hall.join(guest, "lobby")
    hall.shell.tick(5)

    back = hall.come("ann", by=1, resume=welcome(guest).resume)

    assert (welcome(back).resumed, welcome(back).verified) == (True, True)
    hall.shell.tick(5)
    assert hall.members(watcher)[0] == ("ann", True, False)
    assert hall.ask(back, commands.Members, room="lobby").members[0].verified
    # The room that the guest had made is the owner's.
    hall.join(back, "den")
    (member,) = hall.ask(back, commands.Members, room="den").members
    assert (member.name, member.role) == ("ann", "owner")
    hall.restart()
    assert refusal(hall.come("ann")) == "name-taken"


def test_a_key_says_nothing_for_another_name(hall: Comers) -> None:
    hall.come("ann", by=1)
    hall.come("bob", by=2)

    assert refusal(hall.come("bob", by=1)) == "name-taken"


def test_who_gives_a_key_and_no_name_is_a_guest(hall: Comers) -> None:
    new = hall.come(None, by=1)

    assert (welcome(new).name, welcome(new).verified) == ("new", False)
    assert not welcome(hall.come("new-7", by=1)).verified


def test_a_newcomer_without_a_name_is_never_given_one_that_looks_owned(hall: Comers) -> None:
    hall.come("neѡ", by=1)

    assert welcome(hall.come(None)).name in ("new", "new-2")


def test_a_new_name_becomes_theirs_by_the_key_that_they_came_with(hall: Comers) -> None:
    ann = hall.come("ann", "lobby", by=1)

    hall.ask(ann, commands.Name, name="zoe")

    assert hall.members(ann) == [("zoe", True, False)]
    hall.ask(ann, commands.Quit)
    assert refusal(hall.come("zoe", by=2)) == "name-taken"
    assert refusal(hall.come("ann", by=2)) == "name-taken"
    assert welcome(hall.come("zoe", by=1)).verified


def test_a_guest_may_not_take_an_owned_name_by_renaming(hall: Comers) -> None:
    hall.ask(hall.come("ann", by=1), commands.Quit)
    guest = hall.come("bob")

    assert hall.ask(guest, commands.Name, name="ann").code == "name-taken"
    assert hall.ask(guest, commands.Name, name="\u0430nn").code == "name-taken"


def test_back_to_a_name_of_their_own_they_are_verified_again(hall: Comers) -> None:
    ann = hall.come("ann", "lobby", by=1)
    for _ in range(limits.NAMES_PER_KEY):
        assert isinstance(hall.ask(ann, commands.Name, name=f"ann-{_}"), replies.Ok)
    assert hall.members(ann) == [(f"ann-{limits.NAMES_PER_KEY - 1}", False, False)]

    hall.ask(ann, commands.Name, name="ann")

    assert hall.members(ann) == [("ann", True, False)]


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_key_has_so_many_names_and_then_guests(hall: Comers, extra: int) -> None:
    for number in range(limits.NAMES_PER_KEY - 1 + extra):
        assert welcome(hall.come(f"ann-{number}", by=1)).verified == (number < limits.NAMES_PER_KEY)

    assert welcome(hall.come("last", by=1)).verified == (extra <= 0)


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_hall_has_so_many_owned_names(
    hall: Comers, extra: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OWNED_NAMES", 5)
    for number in range(5 + extra - 1):
        hall.come(f"u{number}", by=number)

    assert welcome(hall.come("last", by=99)).verified == (extra <= 0)


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_from_one_place_so_many_names_are_taken_within_an_hour(
    hall: Comers, extra: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLAIMS_PER_PLACE", 4)
    hall = Comers()
    for number in range(4 + extra - 1):
        hall.come(f"u{number}", by=number, place="192.0.2.1")

    assert welcome(hall.come("last", by=99, place="192.0.2.1")).verified == (extra <= 0)
    assert welcome(hall.come("other", by=98, place="192.0.2.2")).verified
    assert welcome(hall.come("mine", by=97)).verified
    hall.shell.tick(limits.CLAIMS_TIME)
    assert welcome(hall.come("later", by=96, place="192.0.2.1")).verified


def test_a_name_that_somebody_here_went_by_is_nobodys_until_they_are_gone(hall: Comers) -> None:
    guest = hall.come("ann", "lobby")
    seq = hall.said(guest, "lobby", "mine").seq
    hall.ask(guest, commands.Name, name="bob")
    hall.shell.tick(1)

    taker = hall.come("ann", "lobby", by=1)

    assert not welcome(taker).verified
    edit = hall.ask(taker, commands.Edit, room="lobby", target=seq, text="ha", nonce="e")
    assert edit.code == "not-allowed"
    hall.ask(taker, commands.Quit)
    hall.ask(guest, commands.Quit)
    assert welcome(hall.come("ann", by=1)).verified


def test_what_an_owner_said_is_theirs_in_the_next_session_and_the_next_after_that(
    hall: Comers,
) -> None:
    ann = hall.come("ann", "lobby", by=1)
    hall.come("bob", "lobby")
    seq = hall.said(ann, "lobby", "mine").seq
    hall.ask(ann, commands.Quit)

    again = hall.come("ann", "lobby", by=1)

    edited = hall.ask(again, commands.Edit, room="lobby", target=seq, text="yes", nonce="e")
    assert isinstance(edited, replies.Sent)


def test_a_session_from_before_a_restart_does_not_keep_a_name_that_is_anothers(
    hall: Comers,
) -> None:
    guest = hall.come("ann", "lobby")
    token = welcome(guest).resume
    other = Comers()
    other.come("\u0430nn", by=1)
    hall.shell.facts = other.shell.facts
    hall.restart()

    assert not hall.shell.hall.register.by_key
    back = hall.come("ann", resume=token)
    assert refusal(back) == "name-taken"


def test_a_session_whose_key_was_revoked_meanwhile_is_no_owners_any_more(
    hall: Comers,
) -> None:
    ann = hall.come("ann", by=1)
    hall.ask(ann, commands.AddKey, key=key(2))
    second = hall.come("ann", "lobby", by=2)
    session = next(each for each in hall.shell.sessions.values() if each.proof == key(2))

    hall.ask(ann, commands.RevokeKey, key=key(2))

    assert second.bye is not None
    assert second.bye.code == "kicked"
    assert session.id not in hall.shell.sessions
    # As if the server had ended before it had forgotten the session.
    hall.shell.sessions[session.id] = session
    hall.restart()
    assert refusal(hall.come("ann", resume=welcome(second).resume)) == "name-taken"


def test_the_owner_wins_and_the_impostor_never_does_however_they_race() -> None:
    dice = random.Random(6)
    for _ in range(1_000):
        hall = Comers()
        owner = hall.come("ann", "lobby", by=1)
        token = welcome(owner).resume
        moves = ["impostor"] * 3 + ["owner"]
        moves += dice.sample(["break", "quit", "linger", "restart", "impostor", "owner"], 4)
        dice.shuffle(moves)
        for move in moves:
            if move == "break" and not owner.gone:
                hall.shell.break_off(owner)
            elif move == "quit" and not owner.gone:
                hall.ask(owner, commands.Quit)
            elif move == "linger":
                hall.shell.tick(dice.choice([1, 61]))
            elif move == "restart":
                hall.restart()
            elif move == "owner":
                owner = hall.come("ann", by=1, resume=dice.choice([None, token]))
                assert welcome(owner).verified
                token = welcome(owner).resume
            else:
                name = dice.choice(["ann", "ANN", "\u0430nn"])
                impostor = hall.come(name, by=dice.choice([None, 2]))
                assert refusal(impostor) == "name-taken", moves
