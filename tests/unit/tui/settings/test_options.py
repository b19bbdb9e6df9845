"""The schema in words, as the settings screen, `/set` and the documentation have it."""

from pathlib import Path
from typing import get_args

import pytest
from textual.theme import BUILTIN_THEMES

from pychat.tui.settings import options
from pychat.tui.settings.options import Option, OptionError, all_options, find, in_words
from pychat.tui.settings.reading import understand
from pychat.tui.settings.schema import DEFAULTS, Theme
from pychat.tui.themes import resolve_theme
from tests.support.configuration import BEGIN, END, reference

OPTIONS = list(all_options().values())
DOCS = Path(__file__).parents[4] / "docs" / "configuration.md"


def named(key: str) -> Option:
    option = find(key)
    assert option is not None
    return option


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_every_option_has_a_sentence_a_default_and_a_rule(option: Option) -> None:
    assert option.help.endswith(".")
    assert option.allowed
    assert option.default == option.value_in(DEFAULTS)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_a_value_in_words_is_read_as_that_value(option: Option) -> None:
    if option.kind != "table" and option.key != "keys.preset":
        assert option.parse(in_words(option.default)) == option.default


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_default_is_the_default_of_every_option(option: Option) -> None:
    assert option.parse("default") is None


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("look.ascii", "On", True),
        ("look.ascii", "no", False),
        ("look.theme", "Nord", "nord"),
        ("look.text_width", " 80 ", 80),
        ("notify.channels", "bell, osc", ("bell", "osc")),
        ("notify.channels", "off", ()),
        ("notify.quiet", "off", ""),
        ("mentions.words", "release, on call", ("release", "on call")),
        ("notify.rooms.v1.2", "all", "all"),
        ("keys.quit", "Ctrl+T, f9", "ctrl+t,f9"),
        ("keys.quit", "none", "none"),
    ],
)
def test_values_are_read_as_people_write_them(key: str, written: str, value: object) -> None:
    assert named(key).parse(written) == value


@pytest.mark.parametrize(
    ("key", "written", "told"),
    [
        ("look.ascii", "maybe", "look.ascii may be on or off"),
        ("look.theme", "nrd", "Did you mean nord?"),
        ("look.text_width", "٨٠", "look.text_width may be a whole number from 30 to 500"),
        ("look.text_width", "-80", "look.text_width may be a whole number from 30 to 500"),
        ("look.text_width", "501", "look.text_width may be a whole number from 30 to 500"),
        ("notify.channels", "horn", "notify.channels may be a list of bell, osc or command"),
        ("notify.rooms", "all", "notify.rooms are several: write notify.rooms.NAME"),
        ("keys.quit", "ctrl+k", "Ctrl+K is switch-room already; give that another key first"),
        ("keys.quit", "q", "'q' is what one types; it needs ctrl or alt before it"),
    ],
)
def test_what_cannot_be_read_is_told(key: str, written: str, told: str) -> None:
    with pytest.raises(OptionError) as error:
        named(key).parse(written)
    assert told in str(error.value)


@pytest.mark.parametrize("key", ["", "look", "look.", "look.clok", "keys.a.b", "notify.rooms."])
def test_what_is_not_there_is_not_found(key: str) -> None:
    assert find(key) is None


def test_a_key_that_is_not_there_is_told_with_the_nearest() -> None:
    assert "did you mean look.clock?" in options.near("look.clok")
    assert "`pychat config show`" in options.near("!!!")


def test_the_themes_are_those_that_textual_has() -> None:
    assert set(get_args(Theme)) == {"auto", *BUILTIN_THEMES}


@pytest.mark.parametrize(
    ("background", "theme"),
    [
        (None, "textual-dark"),
        ((0, 0, 0), "textual-dark"),
        ((0, 43, 54), "textual-dark"),
        ((253, 246, 227), "textual-light"),
        ((255, 255, 255), "textual-light"),
    ],
)
def test_auto_is_as_dark_as_the_terminal(
    background: tuple[int, int, int] | None, theme: str
) -> None:
    assert resolve_theme("auto", background) == theme
    assert resolve_theme("nord", background) == "nord"


def test_the_documentation_has_every_option_and_key_as_they_are() -> None:
    """`python -m tests.support.configuration` writes it anew."""
    text = DOCS.read_text("utf-8")

    assert text[text.index(BEGIN) : text.index(END)] == reference()


def test_the_example_in_the_documentation_is_understood() -> None:
    example = DOCS.read_text("utf-8").split("```toml\n")[1].split("```")[0]

    assert understand(example)[1] == ()
