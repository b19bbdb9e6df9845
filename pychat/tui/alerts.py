"""Calls the person who does not look: by bell, by a notification of the terminal, by a command."""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from pychat.client import Changes
from pychat.protocol import names
from pychat.protocol.replies import Message
from pychat.tui import notifying, osc
from pychat.tui.notifying import Attention, Call, Said
from pychat.tui.settings.live import pychat_app, settings_of
from pychat.tui.soon import Soon

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

COMMAND_SECONDS = 10.0
"""After which the command of a notification is ended."""


class Alerts:
    def __init__(
        self,
        hall: "HallScreen",
        *,
        tz: tzinfo,
        now: Callable[[], int],
        clock: Callable[[], float],
    ) -> None:
        self._hall = hall
        self._tz = tz
        self._now = now
        self._clock = clock
        self._spacing = notifying.Spacing()
        self._pausing = Soon(hall)
        self._resting_until = float("-inf")
        self._running = False
        """Whether a command does: one at a time, those that come meanwhile do without."""
        self._told_of_command = False
        self._heard = notifying.Heard()
        self._dialect = osc.dialect_of(os.environ)
        self._wrapper = osc.wrapper_of(os.environ)

    def rest(self, seconds: float) -> None:
        """Nothing calls for that long; 0 ends it."""
        self._resting_until = self._clock() + seconds

    def attention(self) -> Attention:
        moment = datetime.fromtimestamp(self._now() / 1000, self._tz)
        return Attention(
            focused=self._hall.app.app_focus,
            open_room=self._hall.here,
            minute=moment.hour * 60 + moment.minute,
            resting=self._clock() < self._resting_until,
        )

    def hush(self) -> str:
        """Why nothing calls from the open room now; empty if something may."""
        attention, settings = self.attention(), settings_of(self._hall)
        if attention.resting:
            return "focus"
        if notifying.is_hushed(attention, settings):
            return "quiet hours"
        here = self._hall.here
        if here is None:
            return ""
        silent = settings.notify.level_of(here) == "none" or self._hall.hushed.mutes(here)
        return "muted" if silent else ""

    def end(self) -> None:
        self._pausing.cancel()

    def arrived(self, changes: Changes) -> None:
        if not changes.appended and not changes.reset:
            return
        mirror = self._hall.client.mirror
        attention, settings, now = self.attention(), settings_of(self._hall), self._clock()
        for room, messages in self._heard.fresh(changes, mirror.rooms).items():
            if attention.sees(room):
                continue
            for message in messages:
                said = self._said(room, message)
                if notifying.calls(said, attention, settings) and self._spacing.offer(said, now):
                    self._call(notifying.call_for(said, hide_body=settings.notify.hide_body))
        self._wait()

    def _said(self, room: str, message: Message) -> Said:
        mirror = self._hall.client.mirror
        view = mirror.room(room)
        return Said(
            room=room,
            sender=message.sender,
            text=message.text,
            mine=names.fold(message.sender) == names.fold(mirror.name),
            names_me=mirror.me.is_meant(message),
            direct=view is not None and view.direct is not None,
            muted=self._hall.hushed.mutes(room),
            ignored=self._hall.hushed.ignores(message.sender),
        )

    def _wait(self) -> None:
        due = self._spacing.next_due()
        if due is not None and not self._pausing.is_due:
            self._pausing.call(self._pause_ended, max(0.01, due - self._clock()))

    def _pause_ended(self) -> None:
        attention, settings = self.attention(), settings_of(self._hall)
        for said, count in self._spacing.due(self._clock()):
            # The person may have come to look meanwhile.
            if not notifying.calls(said, attention, settings):
                continue
            if count > 1:
                self._call(notifying.call_for_several(said, count))
            else:
                self._call(notifying.call_for(said, hide_body=settings.notify.hide_body))
        self._wait()

    def _call(self, call: Call) -> None:
        notify = settings_of(self._hall).notify
        write = pychat_app(self._hall).tell_terminal
        if "bell" in notify.channels:
            write(osc.BELL)
        if "osc" in notify.channels:
            write(osc.notification(call.title, call.body, self._dialect, self._wrapper))
        # In a browser it would run as the person who serves the page, for whoever set it there.
        may_run = not self._running and not self._hall.app.is_web
        if "command" in notify.channels and notify.command and may_run:
            self._running = True
            self._hall.start(partial(self._run, (*notify.command, *arguments(call))), "calling")

    async def _run(self, command: tuple[str, ...]) -> None:
        quiet = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=quiet, stdout=quiet, stderr=quiet
            )
        except (OSError, ValueError) as error:
            self._tell(f"{command[0]} cannot be run: {getattr(error, 'strerror', '') or error}")
            self._running = False
            return
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                await process.wait()
        except TimeoutError:
            self._tell(f"{command[0]} took longer than {COMMAND_SECONDS:.0f} s and was ended")
        finally:
            self._running = False
            if process.returncode is None:
                process.kill()

    def _tell(self, what: str) -> None:
        if not self._told_of_command:
            self._told_of_command = True
            self._hall.tell(f"notify.command: {what}.")


def arguments(call: Call) -> tuple[str, str]:
    """What comes after a command's own. None of them is taken for an option of it."""
    return _argument(call.title), _argument(call.body)


def _argument(text: str) -> str:
    text = osc.plain(text)
    return f" {text}" if text.startswith("-") else text
