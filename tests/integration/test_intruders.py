"""Who guesses from ever new addresses, and who says things in the name of others."""

from collections.abc import AsyncIterator

import pytest

from pychat.server import limits
from pychat.server.access import Access
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Wire


async def guess(hall: RunningHall, address: str, **fields: object) -> str:
    """The code of what is said to a `hello` with a wrong guess in it, as if it came from there:
    this machine has not so many addresses."""
    known = set(hall.server.connections)
    wire = await Wire.connect(hall.port)
    # An answer tells that the server has the connection.
    await wire.ask("challenge")
    (connection,) = set(hall.server.connections) - known
    own, connection.address = connection.address, address
    told = await wire.ask("hello", protocol=[1], client="wire", name="ann", **fields)
    connection.address = own
    wire.abort()
    return str(told["code"])


@pytest.fixture
async def guarded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningHall]:
    """A Hall with a password, in which nobody has another guess before the test is over."""
    monkeypatch.setattr(limits, "ATTEMPTS_TIME", 3_600.0)
    monkeypatch.setattr(limits, "PASSWORD_ATTEMPTS", 3)
    async with running_hall(access=Access(password="open sesame")) as hall:
        yield hall


@pytest.mark.parametrize("way", ["passphrase", "password"])
async def test_the_addresses_of_one_network_have_the_guesses_of_one(
    guarded: RunningHall, way: str
) -> None:
    told = [
        await guess(guarded, f"2001:db8:0:1::{number:x}", **{way: "wrong horse"})
        for number in range(4)
    ]

    assert told == ["wrong-password"] * 3 + ["rate-limited"]
    assert await guess(guarded, "2001:db8:0:2::1", **{way: "wrong horse"}) == "wrong-password"


FORGED = {"sender": "bob", "seq": 99, "prev": 7, "time": 1, "verified": True, "edited": 1}
"""What the server alone says of an event."""


async def test_what_only_the_server_says_of_an_event_is_not_believed_of_a_client(
    hall: RunningHall,
) -> None:
    ann, bob = [await Wire.member(hall.port, name, "tea") for name in ("ann", "bob")]

    sent = await ann.ask("send", room="tea", text="it is me", nonce="n", **FORGED)
    edited = await ann.ask("edit", room="tea", target=sent["seq"], text="x", nonce="e", **FORGED)
    await ann.ask("topic", room="tea", text="tea", nonce="t", **FORGED)

    assert edited["seq"] == sent["seq"] + 1
    for kind in ("message", "edited", "topic"):
        event = await bob.event(kind)
        assert event["sender"] == "ann"
        assert event["seq"] < FORGED["seq"]
        assert event["time"] >= sent["time"]
    (message,) = (await bob.ask("history", room="tea"))["messages"]
    assert (message["sender"], message["seq"]) == ("ann", sent["seq"])
