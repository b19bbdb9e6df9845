"""The colours of the themes, as far as text is to be read in them."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from pychat.tui.app import PychatApp
from pychat.tui.themes import CONTRAST, contrast, readable

GROUNDS = ("background", "surface", "panel")
READ = ("text-warning", "text-error", "text-success", "text-accent", "foreground-muted")


@pytest.fixture(scope="module")
def app() -> PychatApp:
    return PychatApp(None)


@pytest.mark.parametrize("theme", [name for name in BUILTIN_THEMES if "ansi" not in name])
def test_what_is_to_be_read_stands_out_in_every_theme(app: PychatApp, theme: str) -> None:
    app.theme = theme
    variables = app.get_css_variables()

    for ground in (Color.parse(variables[name]) for name in GROUNDS):
        for name in READ:
            assert contrast(ground + Color.parse(variables[name]), ground) >= CONTRAST, name


def test_the_terminals_own_colours_are_left_as_they_are(app: PychatApp) -> None:
    app.theme = "ansi-light"

    assert app.get_css_variables() == super(PychatApp, app).get_css_variables()


@pytest.mark.parametrize(("ground", "dark"), [("#000000", True), ("#ffffff", False)])
def test_a_colour_like_its_ground_is_made_readable(ground: str, dark: bool) -> None:
    variables = readable(dict.fromkeys((*GROUNDS, *READ), ground), dark=dark)

    assert contrast(Color.parse(variables["text-error"]), Color.parse(ground)) >= CONTRAST
