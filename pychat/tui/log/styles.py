"""What the style sheets say of a log: its own rules, and the colours that come of them and of the
theme."""

from rich.style import Style
from textual.widget import Widget

from pychat.tui.log.palette import Palette
from pychat.tui.settings.live import settings_of

RULES = """
    MessageLog {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
        & > .message-log--dim { color: $text-muted; }
        & > .message-log--link { text-style: underline; }
        & > .message-log--state { color: $text-muted; text-style: italic; }
        & > .message-log--unread { color: $text-warning; text-style: bold; }
        & > .message-log--chosen { background: $panel; }
        & > .message-log--code { background: $surface; color: $text; }
        & > .message-log--frame { background: $surface; color: $text-muted; }
    }
"""
PARTS = frozenset(
    f"message-log--{part}" for part in ("chosen", "code", "dim", "frame", "link", "state", "unread")
)


def palette_of(log: Widget) -> Palette:
    base = log.rich_style
    style = log.get_component_rich_style
    return Palette(
        text=base,
        dim=base + style("message-log--dim"),
        unread=base + style("message-log--unread"),
        state=base + style("message-log--state"),
        link=style("message-log--link", partial=True),
        selected=_selected(log),
        code=base + style("message-log--code"),
        frame=base + style("message-log--frame"),
        dark=log.app.current_theme.dark,
        safe_names=settings_of(log).look.names == "safe",
    )


def chosen_of(log: Widget) -> Style:
    """Of the message that something is to be done with."""
    return log.get_component_rich_style("message-log--chosen")


def _selected(log: Widget) -> Style:
    styles = log.screen.get_component_styles("screen--selection")
    background = log.background_colors[1] + styles.background
    # Most themes leave the text its colour; Textual says so by one that is transparent.
    color = styles.color.rich_color if styles.color.a == 1 else None
    return Style.from_color(color, background.rich_color)
