"""One place does not take all connections, nor all the time; a class behind one router gets in."""

from collections.abc import Iterator
from itertools import count

import pytest

from pychat.server import limits
from pychat.server.addresses import Addresses

NOW = 1_000.0


@pytest.fixture
def addresses() -> Addresses:
    return Addresses()


def elsewhere() -> Iterator[str]:
    return (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count())


def fill(addresses: Addresses, address: str, number: int) -> None:
    for _ in range(number):
        assert addresses.add(address, NOW) is None


def refusal(addresses: Addresses, address: str) -> str:
    excess = addresses.add(address, NOW)
    return "" if excess is None else excess.text


def come_and_go(addresses: Addresses, address: str, now: float = NOW) -> float | None:
    """The seconds to wait, where one comes too often from there."""
    excess = addresses.add(address, now)
    addresses.take_away(address)
    return None if excess is None else excess.wait


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7", "fe80::7%eth0"]
)
def test_one_address_has_so_many_and_no_more(addresses: Addresses, address: str) -> None:
    fill(addresses, address, limits.CONNECTIONS_PER_ADDRESS)

    assert refusal(addresses, address) == "your address has 64 connections; close one"
    assert refusal(addresses, "192.0.2.8") == ""
    addresses.take_away(address)
    assert refusal(addresses, address)
    addresses.take_away(address)
    addresses.take_away(address)
    assert not refusal(addresses, address)


def test_the_same_address_in_both_families_is_one(addresses: Addresses) -> None:
    fill(addresses, "192.0.2.7", limits.CONNECTIONS_PER_ADDRESS)

    assert refusal(addresses, "::ffff:192.0.2.7")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_has_as_many_as_it_likes(addresses: Addresses, address: str) -> None:
    fill(addresses, address, 2 * limits.CONNECTIONS_PER_NETWORK)


def test_who_has_a_network_of_ipv6_does_not_have_all(addresses: Addresses) -> None:
    for number in range(limits.CONNECTIONS_PER_NETWORK):
        assert not refusal(addresses, f"2001:db8:0:1::{number:x}")

    told = refusal(addresses, "2001:db8:0:1:ffff::")
    assert told == "your network has 1024 connections; close one"
    assert not refusal(addresses, "2001:db8:0:2::1")


def test_there_are_so_many_in_all(addresses: Addresses) -> None:
    places = elsewhere()
    for _ in range(limits.CONNECTIONS):
        assert not refusal(addresses, next(places))

    assert "10000 connections; try again later" in refusal(addresses, next(places))
    assert refusal(addresses, "")
    addresses.take_away("")
    addresses.take_away("10.0.0.0")
    addresses.take_away("10.0.0.1")
    assert not refusal(addresses, next(places))


def test_who_went_leaves_no_trace(addresses: Addresses) -> None:
    for address in ("192.0.2.7", "2001:db8::7", "", "fe80::7%eth0"):
        addresses.add(address, NOW)
        addresses.take_away(address)

    assert not addresses._from


# -- how often ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7"])
def test_one_address_comes_so_often_and_no_more(addresses: Addresses, address: str) -> None:
    gap = limits.CONNECTS_TIME / limits.CONNECTS_PER_ADDRESS
    waits = [come_and_go(addresses, address) for _ in range(limits.CONNECTS_PER_ADDRESS)]
    assert set(waits) == {None}

    assert come_and_go(addresses, address) == pytest.approx(gap)
    assert come_and_go(addresses, address) == pytest.approx(gap), "refusals are not counted"
    assert come_and_go(addresses, "192.0.2.8") is None
    assert come_and_go(addresses, address, NOW + gap * 0.9) is not None
    assert come_and_go(addresses, address, NOW + gap) is None
    assert come_and_go(addresses, address, NOW + gap) is not None


def test_who_comes_too_often_is_told_for_how_long(addresses: Addresses) -> None:
    for _ in range(limits.CONNECTS_PER_ADDRESS):
        come_and_go(addresses, "192.0.2.7")

    assert refusal(addresses, "192.0.2.7") == "your address connects too often; come back in 0.2 s"


def test_a_network_of_ipv6_comes_so_often_whatever_its_addresses(addresses: Addresses) -> None:
    for number in range(limits.CONNECTS_PER_NETWORK - 1):
        assert come_and_go(addresses, f"2001:db8:0:1::{number:x}") is None

    assert come_and_go(addresses, "2001:db8:0:1:a::") is None
    assert "your network connects too often" in refusal(addresses, "2001:db8:0:1:b::")
    assert come_and_go(addresses, "2001:db8:0:2::1") is None


def test_those_of_this_machine_come_as_often_as_they_like(addresses: Addresses) -> None:
    for _ in range(2 * limits.CONNECTS_PER_NETWORK):
        assert come_and_go(addresses, "127.0.0.1") is None
