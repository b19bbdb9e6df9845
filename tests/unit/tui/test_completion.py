"""What the word at the cursor may become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.tui import slash
from pychat.tui.completion import (
    LONGEST,
    ROWS,
    Candidate,
    Token,
    cycle_at,
    inserted,
    is_complete,
    ranked,
    token_at,
)
from pychat.tui.emoji import named

TAKES = {"join": "room", "j": "room", "msg": "person", "theme": "theme"}


def at(before: str, after: str = "", *, first: bool = True) -> Token | None:
    return token_at(before, after, first=first, takes=TAKES)


def people(*names: str) -> list[Candidate]:
    return [Candidate(f"@{name} ", name, "", (name.casefold(),)) for name in names]


def rooms(*names: str) -> list[Candidate]:
    return [Candidate(f"#{name} ", f"#{name}", "", (name.casefold(),)) for name in names]


@pytest.mark.parametrize(
    ("before", "kind", "start", "text"),
    [
        ("/", "command", 0, ""),
        ("/jo", "command", 0, "jo"),
        ("/join ", "room", 6, ""),
        ("/join #de", "room", 6, "de"),
        ("/J de", "room", 3, "de"),
        ("/msg @ad", "person", 5, "ad"),
        ("/theme te", "theme", 7, "te"),
        ("@", "person", 0, ""),
        ("ask @ad", "person", 4, "ad"),
        ("(@zoë", "person", 1, "zoë"),
        ("@अमित", "person", 0, "अमित"),
        ("see #dev-2", "room", 4, "dev-2"),
        ("nice :ta", "emoji", 5, "ta"),
        (":+1:", "emoji", 0, "+1:"),
    ],
)
def test_a_token(before: str, kind: str, start: int, text: str) -> None:
    token = at(before)

    assert token is not None
    assert (token.kind, token.start, token.text) == (kind, start, text)


@pytest.mark.parametrize(
    "before",
    [
        *("", "jo", " /jo", "//", "//jo", "/join dev more", "/topic a", "ada@home", "C#", "x:ta"),
        *(":t", ": ta", "12:30", "http://a:80", "@ada ", "@a:"),
    ],
)
def test_no_token(before: str) -> None:
    assert at(before) is None


def test_a_command_begins_the_text_and_nothing_else_does() -> None:
    assert at("/jo", first=False) is None
    assert at("@ad", first=False) is not None


@pytest.mark.parametrize(("chars", "found"), [(-1, True), (0, True), (1, False)])
def test_a_long_line_costs_no_more_than_its_end(chars: int, found: bool) -> None:
    word = "@" + "a" * (LONGEST - 1 + chars)

    assert (at(f"{'x' * 8_000} {word}") is not None) is found
    assert at("x" * 8_000 + " @ad") == Token("person", 8_001, "ad")


def test_within_a_word_there_is_no_token() -> None:
    assert at("@ad", "a") is None
    assert at("@ad", " and more") is not None
    assert at("(@ad", ")") is not None


@given(st.text(alphabet="/@#: jonaé.-_(", max_size=12), st.text(max_size=3), st.booleans())
def test_a_token_ends_at_the_cursor_and_begins_with_its_sign(
    before: str, after: str, first: bool
) -> None:
    token = at(before, after, first=first)

    if token is not None:
        assert before[token.start :].lstrip("/@#:") == token.text.lstrip("/@#:")
        assert token.argument or before[token.start] in "/@#:"


def test_the_very_one_comes_first_then_by_beginning_then_by_letters() -> None:
    found = ranked(Token("person", 0, "ad"), people("brad", "madeleine", "adam", "Ad", "zoë"))

    assert [each.label for each in found] == ["Ad", "adam", "brad", "madeleine"]


def test_what_can_become_nothing_else_is_not_offered() -> None:
    assert ranked(Token("person", 0, "ada"), people("ada", "zoë")) == []
    assert ranked(Token("person", 0, "ada"), people("ada", "adam")) != []
    join = [Candidate("/join ", "/join ROOM", "", ("join",))]
    assert ranked(Token("command", 0, "join"), join) == join


def test_nothing_typed_offers_all_in_their_order() -> None:
    assert ranked(Token("person", 0, ""), people("zoë", "ada")) == people("zoë", "ada")


@pytest.mark.parametrize("count", [ROWS - 1, ROWS, ROWS + 1])
def test_at_most_eight_are_offered(count: int) -> None:
    many = people(*(f"a{number}" for number in range(count)))

    assert len(ranked(Token("person", 0, "a"), many)) == min(count, ROWS)
    assert len(ranked(Token("person", 0, ""), many)) == min(count, ROWS)


def test_enter_sends_what_is_complete() -> None:
    ada = people("ada", "adam")
    assert is_complete(Token("person", 0, "ADA"), ada)
    assert not is_complete(Token("person", 0, "ad"), ada)
    assert is_complete(Token("command", 0, "j"), [Candidate("/join ", "", "", ("join", "j"))])


def test_enter_sends_an_argument_that_may_be_left_out_or_be_new() -> None:
    assert is_complete(Token("room", 6, "de", argument=True), rooms("dev"))
    assert is_complete(Token("person", 5, "", argument=True), people("ada"))
    assert not is_complete(Token("person", 5, "ad", argument=True), people("ada"))
    assert is_complete(Token("person", 5, "aa", argument=True), people("ada"))
    assert not is_complete(Token("room", 0, "de"), rooms("dev"))


def test_enter_takes_an_emoji() -> None:
    tada = [Candidate("🎉", "", "", ("tada",))]
    assert not is_complete(Token("emoji", 0, "tada"), tada)
    assert ranked(Token("emoji", 0, "tada:"), tada) == tada
    assert ranked(Token("emoji", 0, "tad:"), tada) == []


@pytest.mark.parametrize(
    ("token", "candidate", "after", "text"),
    [
        (Token("person", 0, "a"), people("ada")[0], "", "@ada "),
        (Token("person", 0, "a"), people("ada")[0], " x", "@ada"),
        (Token("person", 5, "a", argument=True), people("ada")[0], "", "ada "),
        (Token("room", 6, "d", argument=True), rooms("dev")[0], "", "#dev"),
        (Token("room", 0, "d"), rooms("dev")[0], "", "#dev "),
    ],
)
def test_what_is_taken_fits_in_its_place(
    token: Token, candidate: Candidate, after: str, text: str
) -> None:
    assert inserted(token, candidate, after) == text


def test_tab_on_a_bare_word_goes_through_what_begins_with_it_and_back() -> None:
    cycle = cycle_at("ad", first=True, people=people("ada", "zoë", "adam"), rooms=[])

    assert cycle is not None
    assert [cycle.next() for _ in range(4)] == ["ada: ", "adam: ", "ad", "ada: "]


@pytest.mark.parametrize(
    ("before", "first", "text"),
    [
        ("ask ad", True, "ada "),
        ("ad", False, "ada "),
        ("@ad", True, "@ada "),
        ("#d", True, "#dev "),
    ],
)
def test_a_colon_follows_only_a_name_that_begins_the_text(
    before: str, first: bool, text: str
) -> None:
    cycle = cycle_at(before, first=first, people=people("ada"), rooms=rooms("dev"))

    assert cycle is not None
    assert cycle.next() == text


@pytest.mark.parametrize("before", ["", "hello ", "x", "#x", "@", "#"])
def test_tab_elsewhere_completes_nothing(before: str) -> None:
    assert cycle_at(before, first=True, people=people("ada"), rooms=rooms("dev")) is None


def test_every_emoji_has_names_of_its_own() -> None:
    table = list(named())
    names = [name for _, each in table for name in each]

    assert 300 <= len(table) <= 400
    assert len(names) == len(set(names))
    assert all(each for _, each in table)
    assert all(at(f":{name}:") or len(name) < 2 for name in names)


def test_commands_say_what_they_take() -> None:
    takes = slash.takes()

    assert takes["join"] == takes["j"] == takes["part"] == "room"
    assert "topic" not in takes
