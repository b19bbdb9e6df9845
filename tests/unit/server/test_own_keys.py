"""The keys and the passphrase of a name: its owners' business, and kept."""

import msgspec
import pytest

from pychat.protocol import commands, replies
from pychat.protocol import limits as wire
from pychat.server import limits
from pychat.server.credentials import Credentials
from pychat.server.owners import Owner
from tests.support.comers import Comers, key, refusal, welcome
from tests.support.hall_shell import FakePeer


@pytest.fixture
def ann(hall: Comers) -> FakePeer:
    return hall.come("ann", by=1)


def kept(hall: Comers, name: str = "ann") -> Owner:
    body = hall.shell.facts["owner", name].body
    assert body is not None
    return msgspec.json.decode(body, type=Owner)


def set_passphrase(hall: Comers, peer: FakePeer, stored: str) -> object:
    """As the shell does, which has made it out."""
    peer.proved = Credentials(stored=stored)
    return hall.ask(peer, commands.Passphrase, text="a passphrase" if stored else None)


def test_an_owner_sees_their_keys_and_when_they_were_used(hall: Comers, ann: FakePeer) -> None:
    hall.ask(ann, commands.AddKey, key=key(2), label="phone")

    reply = hall.ask(ann, commands.Keys)

    assert isinstance(reply, replies.Keys)
    found = [(each.key, each.label, each.added, each.used) for each in reply.keys]
    assert found == [(key(1), "", 1_000_000, 1_000_000), (key(2), "phone", 1_000_000, 0)]
    assert not reply.passphrase


def test_each_of_the_keys_is_a_way_in_and_is_kept(hall: Comers, ann: FakePeer) -> None:
    hall.ask(ann, commands.AddKey, key=key(2), label="pho\u200bne")
    hall.restart()

    assert welcome(hall.come("ann", by=2)).verified
    assert welcome(hall.come("ann", by=1)).verified
    assert [each.label for each in kept(hall).keys] == ["", "phone"]


def test_when_a_key_was_used_is_kept_to_the_day(hall: Comers, ann: FakePeer) -> None:
    hall.shell.seconds += 86_399
    hall.come("ann", by=1)
    assert kept(hall).keys[0].used == 1_000_000

    hall.shell.seconds += 1
    hall.come("ann", by=1)
    assert kept(hall).keys[0].used == 1_000_000 + 86_400_000


def test_a_revoked_key_is_none_and_who_is_here_by_it_has_to_go(hall: Comers, ann: FakePeer) -> None:
    hall.ask(ann, commands.AddKey, key=key(2))
    phone = hall.come("ann", "lobby", by=2)
    lost = hall.come("ann", "lobby", by=2)
    hall.shell.break_off(lost)

    assert isinstance(hall.ask(ann, commands.RevokeKey, key=key(2)), replies.Ok)

    assert phone.bye is not None
    assert (phone.bye.code, phone.bye.reconnect) == ("kicked", False)
    assert len(hall.shell.sessions) == 1
    assert refusal(hall.come("ann", by=2)) == "name-taken"
    assert welcome(hall.come("ann", by=1)).verified


def test_who_revokes_the_key_that_they_came_by_stays(hall: Comers, ann: FakePeer) -> None:
    hall.ask(ann, commands.AddKey, key=key(2))

    assert isinstance(hall.ask(ann, commands.RevokeKey, key=key(1)), replies.Ok)

    assert ann.bye is None
    assert refusal(hall.come("ann", by=1)) == "name-taken"


def test_the_last_way_in_is_not_taken_away(hall: Comers, ann: FakePeer) -> None:
    assert hall.ask(ann, commands.RevokeKey, key=key(1)).code == "not-allowed"
    assert isinstance(set_passphrase(hall, ann, "stored"), replies.Ok)
    assert isinstance(hall.ask(ann, commands.RevokeKey, key=key(1)), replies.Ok)
    assert hall.ask(ann, commands.Keys).passphrase
    assert set_passphrase(hall, ann, "").code == "not-allowed"
    assert kept(hall).passphrase == "stored"
    assert kept(hall).keys == []


def test_a_passphrase_is_a_way_in(hall: Comers, ann: FakePeer) -> None:
    set_passphrase(hall, ann, "stored")

    other = hall.come("Ann", by=7, passphrase=True)

    assert welcome(other).verified
    assert isinstance(hall.ask(other, commands.AddKey, key=key(7)), replies.Ok)
    assert welcome(hall.come("ann", by=7)).verified


def test_no_key_is_added_twice_and_none_that_is_no_key(hall: Comers, ann: FakePeer) -> None:
    assert hall.ask(ann, commands.AddKey, key=key(1)).code == "not-allowed"
    for bad in ("", "A" * 42, "A" * 42 + "B", "A" * 42 + "=", "ä" * 43):
        assert hall.ask(ann, commands.AddKey, key=bad).code == "bad-request"
    assert hall.ask(ann, commands.RevokeKey, key=key(9)).code == "not-allowed"


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_name_has_so_many_keys(hall: Comers, ann: FakePeer, extra: int) -> None:
    for number in range(2, limits.KEYS_PER_NAME + extra):
        hall.ask(ann, commands.AddKey, key=key(number))

    reply = hall.ask(ann, commands.AddKey, key=key(99))

    assert getattr(reply, "code", "ok") == ("ok" if extra <= 0 else "too-many")


def test_a_key_cannot_be_given_more_names_than_it_may_have(hall: Comers, ann: FakePeer) -> None:
    for number in range(limits.NAMES_PER_KEY):
        hall.come(f"u{number}", by=2)

    assert hall.ask(ann, commands.AddKey, key=key(2)).code == "too-many"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (commands.Keys, {}),
        (commands.AddKey, {"key": key(2)}),
        (commands.RevokeKey, {"key": key(1)}),
        (commands.Passphrase, {"text": "long enough"}),
    ],
)
def test_guests_own_nothing(
    hall: Comers, kind: type[commands.Command], fields: dict[str, str]
) -> None:
    assert hall.ask(hall.come("bob"), kind, **fields).code == "not-allowed"


def test_a_label_is_as_long_as_its_limit_and_no_longer() -> None:
    fields = {"type": "addkey", "id": 1, "key": key(1)}
    for length in (wire.LABEL_CHARS - 1, wire.LABEL_CHARS):
        msgspec.convert(fields | {"label": "x" * length}, commands.AddKey)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields | {"label": "x" * (wire.LABEL_CHARS + 1)}, commands.AddKey)
