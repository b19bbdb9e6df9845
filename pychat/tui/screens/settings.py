"""Everything that can be set, from the schema: it holds and is in config.toml as soon as it is
changed. What cannot be written holds until the program ends, and that is told.
"""

from collections.abc import Iterator
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option as Row

from pychat.tui import render
from pychat.tui.keymap import label
from pychat.tui.screens.layers import Box
from pychat.tui.settings import options
from pychat.tui.settings.live import pychat_app, settings_of
from pychat.tui.settings.options import Option, OptionError
from pychat.tui.settings.schema import Settings
from pychat.tui.settings.writing import WritingError

_NAME_CELLS = 18
_KEYS = "Enter changes · ←→ steps · Del default · Esc back"
_EDIT_KEYS = "Enter takes it · Esc leaves it as it was"
_LISTED = 6
"""Choices; more are only stepped through."""
_TYPED = ("number", "text", "words", "key")
"""Kinds that are written into a line; the others have steps."""


class SettingsScreen(Box[None]):
    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", show=False, priority=True, id="settings.back"),
        Binding("f2", "dismiss", "close", show=False, id="settings.close"),
        Binding("right", "step(1)", "next value", show=False, id="settings.next-value"),
        Binding("left", "step(-1)", "previous value", show=False, id="settings.previous-value"),
        Binding("space", "change", "change", show=False, id="settings.change"),
        Binding("delete,backspace", "reset", "default", show=False, id="settings.default"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Option | str] = []
        """As they stand in the list; a text is a heading."""
        self._editing: Option | None = None

    def compose(self) -> ComposeResult:
        path = pychat_app(self).config_path
        where = "" if path is None else f" · {path}"
        with Vertical(id="settings"):
            title = Content.assemble(("Settings", "bold"), (render.label(where), "$text-muted"))
            yield Static(title, id="title")
            yield OptionList(id="options", markup=False)
            yield Static(id="about")
            yield Input(id="value", compact=True)
            yield Static(id="complaint")
            yield Static(_KEYS, id="keys")

    def on_mount(self) -> None:
        line = self.query_one(Input)
        line.cursor_blink = False
        line.display = False
        self._fill(settings_of(self))
        self.watch(self.app, "settings", self._changed, init=False)

    # The list

    def _fill(self, settings: Settings) -> None:
        self._rows = list(_rows(settings))
        listed = self.query_one("#options", OptionList)
        at = listed.highlighted
        listed.set_options(
            Row(_line(row, settings), disabled=isinstance(row, str)) for row in self._rows
        )
        listed.highlighted = 1 if at is None else min(at, len(self._rows) - 1)

    def _changed(self, old: Settings, new: Settings) -> None:
        if len(old.notify.rooms) != len(new.notify.rooms):
            self._fill(new)
            return
        listed = self.query_one("#options", OptionList)
        for index, row in enumerate(self._rows):
            listed.replace_option_prompt_at_index(index, _line(row, new))

    @property
    def _option(self) -> Option | None:
        at = self.query_one("#options", OptionList).highlighted
        row = None if at is None else self._rows[at]
        return row if isinstance(row, Option) else None

    @on(OptionList.OptionHighlighted)
    def _explain(self) -> None:
        option = self._option
        if option is not None:
            self._stop_editing()
            default = f"By default {_in_words(option, option.default)}."
            few = len(option.choices) <= _LISTED
            allowed = option.allowed if few else f"one of {len(option.choices)}"
            about = f"{option.help} {allowed[:1].upper()}{allowed[1:]}. {default}"
            self.query_one("#about", Static).update(Content(about))

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_change()

    # What is done with an option

    def action_change(self) -> None:
        option = self._option
        if option is None:
            return
        if option.kind in _TYPED:
            self._edit(option)
        else:
            self.action_step(1)

    def action_step(self, step: int) -> None:
        option = self._option
        if option is None or self._editing is not None:
            return
        now = option.value_in(settings_of(self))
        match option.kind:
            case "switch":
                self._set(option, not now)
            case "choice":
                at = option.choices.index(now)
                self._set(option, option.choices[(at + step) % len(option.choices)])
            case "number":
                self._take(option, str(now + step))
            case "table":
                self._complain(f"write /set {option.key}.NAME VALUE in the Hall")

    def action_reset(self) -> None:
        if self._option is not None and self._editing is None:
            self._set(self._option, None)

    def action_back(self) -> None:
        if self._editing is None:
            self.dismiss()
        else:
            self._stop_editing()

    def _edit(self, option: Option) -> None:
        self._editing = option
        line = self.query_one(Input)
        value = _in_words(option, option.value_in(settings_of(self)))
        with line.prevent(Input.Changed):
            line.value = "" if value == "none" else value
        line.display = True
        line.focus()
        self.query_one("#keys", Static).update(_EDIT_KEYS)

    def _stop_editing(self) -> None:
        self._editing = None
        self._complain("")
        self.query_one(Input).display = False
        self.query_one("#keys", Static).update(_KEYS)
        self.query_one("#options", OptionList).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._editing is not None:
            self._complain(_fault(self._editing, event.value, settings_of(self)))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        option = self._editing
        if option is not None and self._take(option, event.value):
            self._stop_editing()

    def _take(self, option: Option, written: str) -> bool:
        """Whether what was written is a value."""
        fault = _fault(option, written, settings_of(self))
        if fault:
            self._complain(fault)
            return False
        self._set(option, option.parse(written, settings_of(self)))
        return True

    def _set(self, option: Option, value: object) -> None:
        try:
            pychat_app(self).change_setting(option.path, value)
        except WritingError as error:
            self._complain(f"{option.key} holds until pychat ends: {error}")
        except msgspec.ValidationError as error:
            self._complain(f"{option.key}: {error}")
        else:
            self._complain("")

    def _complain(self, text: str) -> None:
        self.query_one("#complaint", Static).update(render.line(f"✗ {text}" if text else ""))


def _fault(option: Option, written: str, settings: Settings) -> str:
    try:
        option.parse(written, settings)
    except OptionError as error:
        return str(error)
    return ""


def _rows(settings: Settings) -> Iterator[Option | str]:
    section = ""
    for option in options.all_options().values():
        if option.path[0] != section:
            section = option.path[0]
            yield section.upper()
        yield option
        if option.kind == "table":
            single = (options.find(f"{option.key}.{name}") for name in settings.notify.rooms)
            yield from filter(None, single)
        if option.key == "keys.preset":
            yield from options.key_options()
    yield "PROFILES: sections of config.toml"
    for name, profile in settings.profiles.items():
        yield f"  {name}: {profile.host}"


def _line(row: Option | str, settings: Settings) -> Content:
    if isinstance(row, str):
        return Content.styled(render.label(row), "bold $text-muted")
    name = render.line(row.path[-1]).truncate(_NAME_CELLS, ellipsis=True)
    value = row.value_in(settings)
    changed = value != row.default
    shown = render.label(_in_words(row, value))
    if row.kind in ("choice", "switch"):
        shown = f"‹ {shown} ›"
    return Content.assemble(
        "  ",
        name,
        " " * (_NAME_CELLS + 1 - name.cell_length),
        (shown, "bold $text-accent" if changed else ""),
    )


def _in_words(option: Option, value: object) -> str:
    if option.kind == "key" and isinstance(value, tuple):
        return ", ".join(map(label, value)) or "none"
    return options.in_words(value)
