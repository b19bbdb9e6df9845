"""One place does not take all connections; a class behind one router gets in."""

from collections.abc import Iterator
from itertools import count

import pytest

from pychat.server import limits
from pychat.server.addresses import Addresses


@pytest.fixture
def addresses() -> Addresses:
    return Addresses()


def elsewhere() -> Iterator[str]:
    return (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count())


def fill(addresses: Addresses, address: str, number: int) -> None:
    for _ in range(number):
        assert addresses.add(address) is None


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7", "fe80::7%eth0"]
)
def test_one_address_has_so_many_and_no_more(addresses: Addresses, address: str) -> None:
    fill(addresses, address, limits.CONNECTIONS_PER_ADDRESS)

    refusal = addresses.add(address)

    assert refusal == "your address has 64 connections; close one"
    assert addresses.add("192.0.2.8") is None
    addresses.take_away(address)
    assert addresses.add(address) is not None
    addresses.take_away(address)
    addresses.take_away(address)
    assert addresses.add(address) is None


def test_the_same_address_in_both_families_is_one(addresses: Addresses) -> None:
    fill(addresses, "192.0.2.7", limits.CONNECTIONS_PER_ADDRESS)

    assert addresses.add("::ffff:192.0.2.7") is not None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_has_as_many_as_it_likes(addresses: Addresses, address: str) -> None:
    fill(addresses, address, 2 * limits.CONNECTIONS_PER_NETWORK)


def test_who_has_a_network_of_ipv6_does_not_have_all(addresses: Addresses) -> None:
    for number in range(limits.CONNECTIONS_PER_NETWORK):
        assert addresses.add(f"2001:db8:0:1::{number:x}") is None

    assert addresses.add("2001:db8:0:1:ffff::") == "your network has 1024 connections; close one"
    assert addresses.add("2001:db8:0:2::1") is None


def test_there_are_so_many_in_all(addresses: Addresses) -> None:
    places = elsewhere()
    for _ in range(limits.CONNECTIONS):
        assert addresses.add(next(places)) is None

    assert "10000 connections; try again later" in (addresses.add(next(places)) or "")
    assert addresses.add("") is not None
    addresses.take_away("")
    addresses.take_away("10.0.0.0")
    addresses.take_away("10.0.0.1")
    assert addresses.add(next(places)) is None


def test_who_went_leaves_no_trace(addresses: Addresses) -> None:
    for address in ("192.0.2.7", "2001:db8::7", "", "fe80::7%eth0"):
        addresses.add(address)
        addresses.take_away(address)

    assert not addresses._from
