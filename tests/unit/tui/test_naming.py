import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.protocol import names
from pychat.tui.naming import made_valid, variation


@pytest.mark.parametrize(
    ("login", "name"),
    [
        ("kim", "kim"),
        ("kim smith", "kim-smith"),
        ("_apt", "apt"),
        ("DOMAIN\\kim", "DOMAIN-kim"),
        ("ｋｉｍ", "kim"),
        ("x" * 50, "x" * 32),
        ("zoë", "zoë"),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_a_login_becomes_a_name(login: str, name: str) -> None:
    assert made_valid(login) == name


@given(st.text(max_size=80))
def test_what_is_made_of_a_login_is_a_name_or_nothing(login: str) -> None:
    name = made_valid(login)

    assert not name or names.check_name(name) == name


def test_variations_count_upwards_past_those_that_were_tried() -> None:
    assert variation("kim", {"kim"}) == "kim2"
    assert variation("kim", {"kim", "kim2"}) == "kim3"
    assert variation("kim2", {"kim2"}) == "kim3"
    assert variation("2", {"2"}) == "22"


@given(st.from_regex(r"\A[a-z0-9][a-z0-9]{0,31}\Z"))
def test_a_variation_is_a_name_and_another_one(name: str) -> None:
    proposal = variation(name, {name})

    assert names.check_name(proposal) == proposal
    assert names.fold(proposal) != names.fold(name)
