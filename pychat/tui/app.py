"""The terminal client: a way into a Hall, then the Hall. It ends with None, or with why it could
not begin."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import ClassVar

import msgspec
from textual.app import App
from textual.binding import BindingType
from textual.command import Provider
from textual.reactive import var
from textual.screen import Screen
from textual.worker import Worker

from pychat.client import (
    Address,
    Client,
    CommandError,
    ConnectionLost,
    Identity,
    UnknownKey,
    Unreachable,
    dial,
)
from pychat.protocol import names
from pychat.protocol.errors import Refused
from pychat.tui import background, naming, osc
from pychat.tui.bursts import teach_bursts
from pychat.tui.door import Dial, Door
from pychat.tui.glyphs import AsciiFilter, in_ascii
from pychat.tui.keymap import Keymap, defaults
from pychat.tui.keys import APP_KEYS, teach_alt_keys
from pychat.tui.screens.hall import HallScreen
from pychat.tui.settings.destination import Destination
from pychat.tui.settings.preferences import Key, Preferences
from pychat.tui.settings.schema import DEFAULTS, Settings
from pychat.tui.slash import Quit
from pychat.tui.soon import Soon
from pychat.tui.themes import readable, resolve_theme

AT_ONCE_SECONDS = 0.15
"""A Hall that lets one in within this is not waited for on a screen of its own, which costs as much
to paint as the Hall's."""


def _local_zone() -> tzinfo:
    return datetime.now(UTC).astimezone().tzinfo or UTC


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000


class Ground(Screen[None]):
    """Under all others. It has nothing to show: what was seen last stays until another comes."""

    def _compositor_refresh(self) -> None:
        if not self.is_active:
            super()._compositor_refresh()
            return
        # As if painted: else it would be tried again with each frame.
        self._dirty_widgets.clear()
        self._compositor._dirty_regions.clear()


class PychatApp(App[str | None]):
    TITLE = "pychat"
    # Read here already: a style sheet that comes later makes Textual parse all of them again.
    CSS_PATH = "screens/hall.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*APP_KEYS]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = set()
    """None everywhere: the Hall's screen has its own."""

    settings: var[Settings] = var(DEFAULTS, init=False)
    """What holds now; `watch` it to follow. Changed by `change_setting` alone."""

    def __init__(
        self,
        where: Destination | Address | None,
        *,
        name: str | None = None,
        dial: Dial = dial,
        identity: Identity | None = None,
        login: str | None = None,
        now: Callable[[], int] = _wall_clock,
        clock: Callable[[], float] = time.monotonic,
        tz: tzinfo | None = None,
        settled: Callable[[], object] = lambda: None,
        preferences: Preferences | None = None,
    ) -> None:
        """Without a place or a `name` the person is asked, with `login` as the proposal. Without an
        `identity` they are a guest.

        `now` gives milliseconds since the epoch, `clock` seconds that never go back; `settled` is
        called once when the Hall's screen is up.
        """
        super().__init__()
        teach_alt_keys()
        teach_bursts()
        # Before bursts: what an answer leaves may be one.
        background.teach_answers()
        self._background = background.told_by(os.environ)
        self._asked_background = False
        self._ascii = AsciiFilter(enabled=False)
        self._filters.append(self._ascii)
        self.animation_level = "none"
        self.keymap = Keymap(defaults())
        """Which key does what now."""
        self._preferences = preferences or Preferences()
        if isinstance(where, Destination):
            self._preferences.use_profile(where.profile)
        self.set_reactive(PychatApp.settings, self._preferences.settings)
        self._apply(DEFAULTS, self.settings)
        if isinstance(where, Address):
            where = Destination(address=where, name=name)
        self._where = where
        self._dial = dial
        self._identity = identity
        self._door: Door | None = None
        self._login = naming.login_name() if login is None else login
        self._now = now
        self._clock = clock
        self._tz = tz or _local_zone()
        self._settled = settled
        self._arriving: Worker[None] | None = None
        self._waiting = Soon(self)
        self._connecting: Screen[None] | None = None
        self._title_shown = ""

    def get_default_screen(self) -> Screen[None]:
        return Ground()

    def on_mount(self) -> None:
        self.tell_terminal(osc.PUSH_TITLE)
        self.show_title(self.TITLE)
        self._ask_background()
        self._arriving = self.run_worker(self._arrive)

    @property
    def address(self) -> Address | None:
        """Of the Hall; None while it is not known where to go."""
        return self._where.address if self._where is not None else None

    @property
    def config_path(self) -> Path | None:
        """Where changes are written; None if nowhere."""
        return self._preferences.path

    @property
    def problems(self) -> tuple[str, ...]:
        """What of config.toml was not understood, in sentences."""
        return (*self._preferences.problems, *self.keymap.problems)

    def change_setting(self, key: Key, value: object) -> None:
        """It holds at once, and is written into config.toml; None brings the default back.

        Raises WritingError where it holds, and cannot be written; also for what runs a program,
        from a browser: whoever has the page's address is not the person whose file it is.
        """
        if self.is_web and key == ("notify", "command"):
            from pychat.tui.settings.writing import WritingError

            raise WritingError("notify.command cannot be set from a browser")
        try:
            self._preferences.change(key, value)
        finally:
            self.settings = self._preferences.settings

    def get_css_variables(self) -> dict[str, str]:
        return readable(super().get_css_variables(), dark=self.current_theme.dark)

    def watch_settings(self, old: Settings, new: Settings) -> None:
        self._apply(old, new)
        self._ask_background()

    def _ask_background(self) -> None:
        # Nobody waits for the answer: it may never come, and is followed whenever it does.
        wanted = self.settings.look.theme == "auto"
        if wanted and not self._asked_background and background.may_ask(os.environ):
            self._asked_background = True
            self.tell_terminal(background.QUESTION)

    def on_background_told(self, event: background.BackgroundTold) -> None:
        if self._asked_background:
            self._background = event.colour
            self._apply(self.settings, self.settings)

    def _apply(self, old: Settings, new: Settings) -> None:
        theme = resolve_theme(new.look.theme, self._background)
        if theme != self.theme:
            self.theme = theme
        if new.look.ascii != self._ascii.enabled:
            self._ascii.enabled = new.look.ascii
            if self.is_running:
                # What is painted and kept by each widget is painted anew.
                self.refresh_css(animate=False)
        if new.keys != old.keys:
            from pychat.tui.own_keys import keymap_of

            self.keymap = keymap_of(new.keys)
            self.set_keymap(self.keymap.overrides)

    def tell_terminal(self, sequence: str) -> None:
        """Write what is not painted: a bell, a notification, the title."""
        if sequence and self._driver is not None:
            self._driver.write(sequence)

    def show_title(self, text: str) -> None:
        """Of the terminal's window; it has its own back in the end."""
        text = in_ascii(text) if self.settings.look.ascii else text
        if text != self._title_shown:
            self._title_shown = text
            self.tell_terminal(osc.title(text))

    async def on_unmount(self) -> None:
        self._waiting.cancel()
        self.tell_terminal(osc.POP_TITLE)
        if self._door is not None:
            await self._door.close()

    def on_app_focus(self) -> None:
        self.call_later(self._focus_screen)

    def _focus_screen(self) -> None:
        """A screen that came while nobody looked, as in a browser the first does, has no focus."""
        screen = self.screen
        if screen.focused is None:
            chosen = screen.query(screen.AUTO_FOCUS or self.AUTO_FOCUS or "*")
            screen.set_focus(next((widget for widget in chosen if widget.focusable), None))

    async def action_quit(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, HallScreen):
                screen.perform(Quit())
                return
        self._cancel()

    def action_command_palette(self) -> None:
        # Elsewhere there is nothing to choose from.
        if isinstance(self.screen, HallScreen):
            super().action_command_palette()

    async def _arrive(self) -> None:
        self._where = self._where or await self._ask_where()
        if self._where is None:
            self.exit()
            return
        trust = self._where.trust
        door = self._door = Door(self._where.address, self._dial, trust, self._identity)
        door.ask_password = self._ask_password
        self._waiting.call(partial(self._tell_of_waiting, str(door.address)), AT_ONCE_SECONDS)
        try:
            known = await self._knock(door)
            client = await self._enter(door, self._where.name) if known else None
        except (Unreachable, ConnectionLost) as error:
            self.exit(str(error))
            return
        except CommandError as error:
            self.exit(error.text)
            return
        finally:
            self._waiting.cancel()
        if client is None:
            self.exit()
            return
        hall = HallScreen(client, door, tz=self._tz, now=self._now, clock=self._clock)
        if self.screen is self._connecting:
            await self.switch_screen(hall)
        else:
            await self.push_screen(hall)
        hall.call_after_refresh(self._settled)
        if self._where.rooms:
            hall.start(partial(hall.errands.join_all, self._where.rooms), "joining")

    async def _ask_where(self) -> Destination | None:
        from pychat.tui.screens.where import WhereScreen
        from pychat.tui.visited import visited

        where = await self.push_screen_wait(WhereScreen(self.settings, visited()))
        if where is not None:
            self._preferences.use_profile(where.profile)
            self.settings = self._preferences.settings
        return where

    def _tell_of_waiting(self, address: str) -> None:
        if len(self.screen_stack) == 1:
            from pychat.tui.screens.connecting import ConnectingScreen

            self._connecting = ConnectingScreen(address, clock=self._clock, cancel=self._cancel)
            self.push_screen(self._connecting)

    async def _knock(self, door: Door) -> bool:
        """Whether it is a Hall that the person trusts."""
        try:
            await door.knock()
        except UnknownKey as doubt:
            from pychat.tui.screens.fingerprint import FingerprintScreen

            if not await self.push_screen_wait(FingerprintScreen(str(door.address), doubt.key)):
                return False
            door.trust = msgspec.structs.replace(door.trust, key=doubt.key)
            await door.knock()
        return True

    async def _enter(self, door: Door, name: str | None) -> Client | None:
        """Under the name that was given, or one that the person chooses; None if they do not."""
        fault: Refused | CommandError | None = None
        if name is not None:
            try:
                return await door.enter(names.check_name(name))
            except Refused as error:
                fault = error
            except CommandError as error:
                if error.code not in naming.FAULTS:
                    raise
                fault = error
        return await self._ask_name(door, name, fault)

    async def _ask_name(
        self, door: Door, name: str | None, fault: Refused | CommandError | None
    ) -> Client | None:
        """`fault` says why the name that was given is not to be had."""
        from pychat.tui.screens import questions
        from pychat.tui.screens.ask import AskScreen

        proposal = self._login if name is None else name
        complaint = "" if fault is None else fault.text
        if isinstance(fault, CommandError):
            complaint = questions.taken_advice(proposal, fault, set())
        question = questions.first_name(door.enter, proposal, complaint)
        return await self.push_screen_wait(AskScreen(question))

    async def _ask_password(self, why: str) -> str | None:
        from pychat.tui.screens import questions
        from pychat.tui.screens.ask import AskScreen

        return await self.push_screen_wait(AskScreen(questions.password(why)))

    def _cancel(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
        self.exit()
