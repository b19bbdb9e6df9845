"""What is known of a message: who said it when, who reacted how, and its number for commands."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from pychat.protocol.replies import Message
from pychat.tui import render, telling
from pychat.tui.clock import Hours
from pychat.tui.log.days import Calendar
from pychat.tui.screens.layers import Box

REACTIONS = 30
"""Told; more are counted."""


class AboutScreen(Box[None]):
    CSS_PATH = "message.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,i", "dismiss", "close", show=False, id="about.close")
    ]

    def __init__(self, message: Message, zone: tzinfo, hours: Hours) -> None:
        super().__init__()
        self._message = message
        self._zone = zone
        self._hours: Hours = hours

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="about"):
            yield Static(f"Message {self._message.seq}", id="title")
            lines = [render.line(line) for line in about(self._message, self._zone, self._hours)]
            yield Static(Content("\n").join(lines))
            yield Static("Esc closes", id="keys")


def about(message: Message, zone: tzinfo, hours: Hours = "24h") -> Sequence[str]:
    calendar = Calendar(zone)

    def when(time: int) -> str:
        day = datetime.fromordinal(calendar.day(time))
        return f"{day:%Y-%m-%d} {calendar.clock(time, hours)}"

    lines = [f"said by {message.sender} in #{message.room}", f"on {when(message.time)}"]
    if message.edited is not None:
        lines.append(f"edited on {when(message.edited)}")
    if message.reply_to is not None:
        lines.append(f"answers message {message.reply_to}")
    if message.mentions:
        lines.append(f"names {telling.listed(message.mentions)}")
    reactions = list((message.reactions or {}).items())
    lines += [f"{emoji} by {telling.listed(who)}" for emoji, who in reactions[:REACTIONS]]
    if len(reactions) > REACTIONS:
        lines.append(f"and {len(reactions) - REACTIONS} more reactions")
    return lines
