import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.client import Address, AddressError, parse_address
from pychat.protocol.limits import DEFAULT_PORT


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("chat.lan", "chat.lan", DEFAULT_PORT),
        ("chat.lan:4000", "chat.lan", 4000),
        ("  localhost:1 ", "localhost", 1),
        ("127.0.0.1:65535", "127.0.0.1", 65535),
        ("::1", "::1", DEFAULT_PORT),
        ("[::1]", "::1", DEFAULT_PORT),
        ("[2001:DB8::0]:4000", "2001:db8::", 4000),
        ("fe80::1%eth0", "fe80::1%eth0", DEFAULT_PORT),
        ("bücher.example", "bücher.example", DEFAULT_PORT),
    ],
)
def test_an_address_is_read_as_people_write_it(text: str, host: str, port: int) -> None:
    assert parse_address(text) == Address(host, port)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "an address is missing"),
        ("   ", "an address is missing"),
        (":4000", "has no host"),
        ("chat.lan:", "has no valid port: it is a number from 1 to 65535"),
        ("chat.lan:0", "has no valid port"),
        ("chat.lan:65536", "has no valid port"),
        ("chat.lan:+80", "has no valid port"),
        ("chat.lan:８０", "has no valid port"),
        ("chat.lan:4000:5", "not an IPv6 address"),
        ("[::1", "write an IPv6 one like"),
        ("[::1]4000", "write an IPv6 one like"),
        ("[chat.lan]:4000", "not an IPv6 address"),
        ("http://chat.lan", "has no valid port"),
        ("ann@chat.lan", "only a host and a port"),
        ("chat .lan", "only a host and a port"),
        ("chat\x1b[2J.lan", "only a host and a port"),
        ("chat..lan", "check its dots"),
        ("a" * 254, "at most 253 characters, this one has 254"),
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(AddressError, match=why.replace("[", r"\[")):
        parse_address(text)


def test_an_ipv6_address_is_shown_in_brackets() -> None:
    assert str(Address("::1", 4000)) == "[::1]:4000"
    assert str(Address("chat.lan", 4000)) == "chat.lan:4000"


address_like = st.text(st.sampled_from("ab1:.[]%/-é\x00 ")) | st.text()


@given(address_like)
def test_any_text_is_an_address_or_refused_and_what_is_shown_reads_back(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError as error:
        shown = str(error)
    else:
        shown = str(address)
        assert 1 <= address.port <= 65_535
        assert parse_address(shown) == address

    assert shown.isprintable()


@given(st.ip_addresses(), st.integers(1, 65_535))
def test_every_ip_address_and_port_reads_back(ip: object, port: int) -> None:
    address = Address(str(ip), port)

    assert parse_address(str(address)) == address
