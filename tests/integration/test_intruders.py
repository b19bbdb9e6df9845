"""Who guesses from ever new addresses, and who says things in the name of others."""

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


async def test_the_addresses_of_one_network_have_the_guesses_of_one_at_a_passphrase(
    hall: RunningHall,
) -> None:
    told = [
        await guess(hall, f"2001:db8:0:1::{number:x}", passphrase="wrong horse")
        for number in range(limits.ATTEMPTS + 1)
    ]

    assert told == ["wrong-password"] * limits.ATTEMPTS + ["rate-limited"]
    assert await guess(hall, "2001:db8:0:2::1", passphrase="wrong horse") == "wrong-password"


async def test_the_addresses_of_one_network_have_the_guesses_of_one_at_the_halls_password() -> None:
    async with running_hall(access=Access(password="open sesame")) as hall:
        told = [
            await guess(hall, f"2001:db8:0:1::{number:x}", password="wrong")
            for number in range(limits.PASSWORD_ATTEMPTS + 1)
        ]

        assert told == ["wrong-password"] * limits.PASSWORD_ATTEMPTS + ["rate-limited"]
        assert await guess(hall, "2001:db8:0:2::1", password="wrong") == "wrong-password"


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
