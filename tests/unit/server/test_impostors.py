"""Who has proved one name tries to have another's by it, in every way that there is."""

import pytest

from pychat.protocol import commands, replies
from tests.support.comers import Comers, refusal, welcome
from tests.support.hall_shell import FakePeer

SPELLINGS = ["bob", "BOB", "b\u043eb", "\uff42ob"]
"""Also with a letter that only looks like it, and a wide one."""


@pytest.fixture
def hall() -> Comers:
    """Ann and Bob own their names; Bob is away."""
    hall = Comers()
    hall.shell.break_off(hall.come("bob", "lobby", by=2))
    return hall


@pytest.fixture
def ann(hall: Comers) -> FakePeer:
    return hall.come("ann", "lobby", by=1)


@pytest.mark.parametrize("name", SPELLINGS)
def test_by_coming_with_the_proof_of_ones_own(hall: Comers, name: str) -> None:
    for key in (1, None):
        assert refusal(hall.come(name, by=key)) == "name-taken"


@pytest.mark.parametrize("name", SPELLINGS)
def test_by_changing_the_name_once_inside(hall: Comers, ann: FakePeer, name: str) -> None:
    told = hall.ask(ann, commands.Name, name=name)

    assert isinstance(told, replies.Error)
    assert told.code == "name-taken"
    assert ("ann", True, False) in hall.members(ann)


@pytest.mark.parametrize("name", SPELLINGS)
def test_by_the_token_of_ones_own_session(hall: Comers, ann: FakePeer, name: str) -> None:
    hall.shell.break_off(ann)

    again = hall.come(name, by=1, resume=welcome(ann).resume)

    assert (welcome(again).name, welcome(again).resumed) == ("ann", True)


def test_by_a_token_of_theirs_that_was_used(hall: Comers) -> None:
    bob = hall.come("bob", by=2)
    token = welcome(bob).resume
    hall.shell.break_off(bob)
    hall.come(by=2, resume=token)

    assert refusal(hall.come("bob", by=1, resume=token)) == "name-taken"


def test_by_adding_ones_key_to_a_name_that_is_not_ones_own(hall: Comers, ann: FakePeer) -> None:
    """A key is added to the name under which one is here; there is no other to give."""
    assert "name" not in commands.AddKey.__struct_fields__
    guest = hall.come("zoe")

    for command, fields in (
        (commands.AddKey, {"key": "A" * 43}),
        (commands.RevokeKey, {"key": "A" * 43}),
        (commands.Passphrase, {"text": "correct horse"}),
        (commands.Keys, {}),
    ):
        told = hall.ask(guest, command, **fields)

        assert isinstance(told, replies.Error)
        assert told.code == "not-allowed", command
