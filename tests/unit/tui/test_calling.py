"""The commands about what calls one, as they are written."""

import pytest

from pychat.tui.calling import FOCUS_MINUTES, LONGEST_FOCUS, Focus, Highlight, Notify, Quiet
from pychat.tui.slash import Mistake, parse


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/notify", Notify()),
        ("/notify ALL", Notify("all")),
        ("/notify none #ops", Notify("none", "ops")),
        ("/quiet", Quiet()),
        ("/quiet off", Quiet("")),
        ("/quiet 22:00-08:00", Quiet("22:00-08:00")),
        ("/quiet 9:05-17:00", Quiet("09:05-17:00")),
        ("/focus", Focus(FOCUS_MINUTES)),
        ("/focus 1m", Focus(1)),
        ("/focus 2h", Focus(120)),
        ("/focus 24h", Focus(LONGEST_FOCUS)),
        ("/focus off", Focus(0)),
        ("/highlight", Highlight()),
        ("/highlight on call", Highlight("on call")),
        ("/highlight -r on call", Highlight("on call", drop=True)),
    ],
)
def test_what_is_written_is_understood(typed: str, meant: object) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "/notify some",
        "/notify all not a room",
        "/quiet 24:00-08:00",
        "/quiet 22:60-08:00",
        "/quiet 22:00",
        "/quiet ٢٢:00-08:00",
        "/focus 0m",
        "/focus 1441m",
        "/focus 25h",
        "/focus soon",
        "/highlight -r",
    ],
)
def test_what_cannot_be_is_told_with_how_it_is_written(typed: str) -> None:
    meant = parse(typed)

    assert isinstance(meant, Mistake)
    assert f"write {typed.split()[0]}" in meant.text
