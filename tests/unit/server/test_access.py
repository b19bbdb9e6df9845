"""Who is let into the Hall: the level of lock-down, and what the configuration asks for."""

import pytest

from pychat.protocol import commands, replies
from pychat.server import limits
from pychat.server.access import NO_NEWCOMERS, OPEN, OPERATORS, OWNED_NAMES, Access
from pychat.server.charter import grant
from tests.support.comers import Comers, key, refusal, welcome
from tests.support.hall_shell import FakePeer


def enters(peer: FakePeer) -> bool:
    return any(isinstance(each, replies.Welcome) for each in peer.told)


def turned_away(peer: FakePeer) -> tuple[str, str]:
    """The codes of the error and of the `bye` that follows."""
    assert peer.bye is not None
    assert not peer.bye.reconnect
    return refusal(peer), peer.bye.code


def lock(hall: Comers, level: int) -> None:
    fact = hall.shell.hall.gate.set_level(level)
    hall.shell.facts[fact.bucket, fact.key] = fact


def invite(hall: Comers, **terms: int) -> str:
    gate = hall.shell.hall.gate
    token, facts = gate.invite("ada", hall.shell.hall.clock.wall(), **terms)
    hall.shell.facts.update(((fact.bucket, fact.key), fact) for fact in facts)
    return token


def test_a_fresh_hall_lets_anybody_in() -> None:
    hall = Comers()

    assert enters(hall.come("ann"))
    assert enters(hall.come(None))
    assert enters(hall.come("bob", by=1, password="whatever", invite="whatever"))


# -- lock-down


def test_the_ladder_of_lock_down() -> None:
    hall = Comers()
    hall.come("own", by=1)
    boss = hall.come("boss", by=2)
    fact = grant("boss")
    hall.shell.facts[fact.bucket, fact.key] = fact
    hall.restart()
    guest = hall.come("guest")
    own = hall.come("own", by=1)
    let_in = {
        OPEN: {"new", "new with key", "guest", "owner", "owner anew", "operator"},
        NO_NEWCOMERS: {"guest", "owner", "owner anew", "operator"},
        OWNED_NAMES: {"owner", "owner anew", "operator"},
        OPERATORS: {"operator"},
    }
    for level, expected in let_in.items():
        lock(hall, level)
        hall.restart()
        found = set()
        for who, peer in {
            "new": hall.come(f"n{level}"),
            "new with key": hall.come(f"k{level}", by=10 + level),
            "guest": hall.come("guest", resume=welcome(guest).resume),
            "owner": hall.come("own", by=1, resume=welcome(own).resume),
            "owner anew": hall.come("own", by=1),
            "operator": hall.come("boss", by=2),
        }.items():
            if enters(peer):
                found.add(who)
            else:
                assert turned_away(peer) == ("not-allowed", "banned")
            if who == "guest" and enters(peer):
                guest = peer
            if who == "owner" and enters(peer):
                own = peer
        assert found == expected, level
    assert not boss.told[0].resumed


def test_who_is_in_the_hall_stays_when_it_is_locked() -> None:
    hall = Comers()
    guest = hall.come("guest", "lobby")

    lock(hall, OPERATORS)

    assert isinstance(hall.said(guest, "lobby", "still here"), replies.Sent)


# -- password, guests, lists


def test_a_hall_with_a_password() -> None:
    hall = Comers(Access(password="open sesame"))

    assert enters(hall.come("ann", by=1, password="open sesame"))
    for wrong in ({}, {"password": ""}, {"password": "open"}, {"password": "öpen sesame"}):
        assert turned_away(hall.come("bob", **wrong)) == ("wrong-password", "wrong-password")
    # An owner needs it as well: else a new one would keep nobody out.
    assert turned_away(hall.come("ann", by=1)) == ("wrong-password", "wrong-password")


def test_who_has_no_password_is_not_told_which_names_are_taken() -> None:
    hall = Comers(Access(password="open sesame"))
    hall.come("ann", by=1, password="open sesame")

    assert refusal(hall.come("ann")) == refusal(hall.come("free")) == "wrong-password"


def test_who_comes_back_by_a_token_needs_no_password() -> None:
    hall = Comers(Access(password="open sesame"))
    ann = hall.come("ann", password="open sesame")

    assert welcome(hall.come("ann", resume=welcome(ann).resume)).resumed


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_wrong_passwords_from_one_place_are_limited(extra: int) -> None:
    hall = Comers(Access(password="open sesame"))
    for _ in range(limits.PASSWORD_ATTEMPTS - 1 + extra):
        hall.come("ann", password="wrong", place="192.0.2.1")

    late = hall.come("ann", password="open sesame", place="192.0.2.1")

    assert enters(late) == (extra <= 0)
    if extra == 1:
        assert refusal(late) == "rate-limited"
        assert late.bye is not None
        assert late.bye.code == "wrong-password"
        hall.shell.tick(limits.ATTEMPTS_TIME)
        assert enters(hall.come("ann", password="open sesame", place="192.0.2.1"))
    assert enters(hall.come("bob", password="open sesame", place="192.0.2.2"))


def test_a_hall_without_guests() -> None:
    hall = Comers(Access(guests=False))

    assert turned_away(hall.come("ann")) == ("not-allowed", "banned")
    assert turned_away(hall.come(None, by=1)) == ("not-allowed", "banned")
    assert welcome(hall.come("ann", by=1)).verified
    assert turned_away(hall.come("ann")) == ("not-allowed", "banned")


def test_a_hall_with_a_list() -> None:
    access = Access(allowed_names=frozenset({"ann"}), allowed_keys=frozenset({key(2)}))
    hall = Comers(access)

    assert enters(hall.come("Ann", by=1))
    assert enters(hall.come("anybody", by=2))
    assert turned_away(hall.come("bob", by=3)) == ("not-allowed", "banned")
    assert turned_away(hall.come(None)) == ("not-allowed", "banned")


# -- invitations


def test_an_invitation_is_used_once_and_its_owner_needs_none_again() -> None:
    hall = Comers(Access(invite_only=True, password="open sesame"))
    token = invite(hall)

    assert turned_away(hall.come("ann", by=1, password="open sesame"))[0] == "not-allowed"
    assert enters(hall.come("ann", by=1, invite=token))
    assert not enters(hall.come("bob", by=2, invite=token))
    hall.restart()
    assert not enters(hall.come("bob", by=2, invite=token))
    assert enters(hall.come("ann", by=1))


def test_an_invitation_for_several_and_for_a_time() -> None:
    hall = Comers(Access(invite_only=True))
    token = invite(hall, uses=2, seconds=10)
    late = invite(hall, uses=2, seconds=10)

    assert enters(hall.come("ann", invite=token))
    hall.restart()
    assert enters(hall.come("bob", invite=token))
    assert not enters(hall.come("cyd", invite=token))
    hall.shell.tick(9.999)
    assert enters(hall.come("dan", invite=late))
    hall.shell.tick(0.001)
    assert not enters(hall.come("eve", invite=late))


def test_an_invitation_that_is_not_needed_is_not_used_up() -> None:
    hall = Comers()
    token = invite(hall)

    assert enters(hall.come("ann", invite=token))

    assert hall.shell.hall.gate.holds(token, 0)


def test_who_is_refused_for_another_reason_keeps_the_invitation() -> None:
    hall = Comers(Access(invite_only=True))
    token = invite(hall)
    assert enters(hall.come("ann", by=1, invite=invite(hall)))

    assert refusal(hall.come("ann", invite=token)) == "name-taken"
    assert enters(hall.come("bob", invite=token))


def test_an_invitation_does_not_open_a_hall_that_is_locked() -> None:
    hall = Comers(Access(invite_only=True))
    token = invite(hall)
    lock(hall, NO_NEWCOMERS)

    assert turned_away(hall.come("ann", by=1, invite=token)) == ("not-allowed", "banned")
    assert hall.shell.hall.gate.holds(token, 0)


def test_an_invitation_is_kept_in_a_way_in_which_nobody_can_use_it() -> None:
    hall = Comers(Access(invite_only=True))
    token = invite(hall)

    assert all(token not in str(fact) for fact in hall.shell.facts.values())
    (kept,) = [fact.key for fact in hall.shell.facts.values() if fact.bucket == "token"]
    assert not enters(hall.come("ann", invite=kept))


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_there_are_so_many_invitations(extra: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INVITES", 4)
    hall = Comers()
    invite(hall, seconds=1)
    hall.shell.tick(2)  # and so that one is over, and does not count
    for _ in range(4 - 1 + extra):
        invite(hall)

    if extra == 1:
        with pytest.raises(Exception, match="not used up"):
            invite(hall)
    else:
        assert invite(hall)


# -- names of operators


def test_the_name_of_an_operator_is_made_theirs_at_the_machine_or_by_an_invitation() -> None:
    for way in ({"place": ""}, {"place": "192.0.2.1", "invite": "yes"}):
        hall = Comers()
        fact = grant("boss")
        hall.shell.facts[fact.bucket, fact.key] = fact
        hall.restart()
        token = invite(hall)

        assert refusal(hall.come("boss", by=2, place="192.0.2.9")) == "name-taken"
        assert refusal(hall.come("Boss", place="192.0.2.9")) == "name-taken"
        given = {"invite": token} if "invite" in way else {}
        boss = hall.come("boss", by=1, place=way["place"], **given)

        assert welcome(boss).role == "operator"
        assert hall.ask(boss, commands.Whois, name="boss").role == "operator"
        again = hall.come("boss", by=1, place="192.0.2.3")
        assert welcome(again).role == "operator"
