"""What of the Hall's screen is about places: which one is open, and the ways to others."""

from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on, work
from textual.screen import Screen

from pychat.client import CommandError, ConnectionLost, RoomView
from pychat.tui import chrome, people, wishes
from pychat.tui.aliases import Aliases
from pychat.tui.door import Door
from pychat.tui.going import Going
from pychat.tui.hushed import Hushed
from pychat.tui.keymap import live_keymap
from pychat.tui.log import MessageLog
from pychat.tui.messages import (
    LeaveWanted,
    MemberChosen,
    MemberWanted,
    MentionWanted,
    PlaceChosen,
)
from pychat.tui.panes import Pane

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

_HALL_KEYS = "/join ROOM · /list · /help"
_ROOM_KEYS = "{send} send · {new-line} new line"


class GoingScreen(Screen[None]):
    def begin_going(self, door: Door) -> None:
        """Once, before anything is composed."""
        hall = self._place
        self.hushed = Hushed(door.hushed, now=hall.now)
        self.aliases = Aliases()
        people.ignore_all(hall)
        self.going = Going(hall, clock=hall.clock)

    def open(self, room: str | None) -> None:
        """Look at a room that I am in, or at the Hall."""
        self._place.speaking.keep_draft()
        self.enter(room)

    def enter(self, room: str | None) -> None:
        """As `open`, where there is no draft to keep."""
        hall = self._place
        mirror = hall.client.mirror
        view = mirror.room(room) if room is not None else None
        self.going.entered(view, was=mirror.open_room)
        mirror.open_room = view.name if view is not None else None
        hall.switcher.current = "board" if view is None else "log"
        if view is None:
            hall.greet()
        else:
            self._show_log(view)
            hall.sight.entered()
            hall.speaking.take_up_meant(view)
        hall.complain("")
        hall.writing.take_up(
            hall.speaking.drafts.of(mirror.open_room),
            title=chrome.place_title(mirror),
            hint=live_keymap(self).fill(_HALL_KEYS if view is None else _ROOM_KEYS),
        )
        hall.acting.entered()
        hall.around.close_overlays()
        hall.around.arrange()
        hall.composer.focus()
        hall.touch()

    def show_anew(self) -> None:
        """The open room, since what is shown of it is another thing now."""
        view = self._place.client.mirror.rooms.get(self._place.here or "")
        if view is not None:
            self.going.is_cleared = False
            self._show_log(view)
        self._place.touch()

    def _show_log(self, view: RoomView) -> None:
        hall = self._place
        hall.message_log.show(
            people.veiled(view.messages, self.hushed),
            key=view.name,
            more_before=view.more_before,
            unread_after=view.last_read if view.unread else None,
            rules=hall.news.rules(view.name),
        )
        hall.waiting.show(view.name)

    @on(MessageLog.NearTop)
    def _fetch_older(self) -> None:
        here = self._place.here
        if here is not None and not self.going.is_cleared:
            self._older(here)

    @work(group="older", exclusive=True)
    async def _older(self, room: str) -> None:
        hall = self._place
        try:
            found = await hall.client.fetch_older(room)
        except (CommandError, ConnectionLost) as error:
            hall.complain(f"older messages cannot be had: {error}")
            found = False
        view = hall.client.mirror.room(room)
        if not found and view is not None and room == hall.here:
            hall.message_log.prepend([], view.more_before)

    # What is chosen in the panes

    @on(PlaceChosen)
    def _go(self, event: PlaceChosen) -> None:
        self.open(event.room)

    @on(LeaveWanted)
    def _leave(self, event: LeaveWanted) -> None:
        from pychat.tui import boxes

        boxes.ask_to_leave(self._place, event.room)

    @on(MemberChosen)
    def _write_to(self, event: MemberChosen) -> None:
        self._place.perform(wishes.Message(event.name))

    @on(MentionWanted)
    def _mention(self, event: MentionWanted) -> None:
        composer = self._place.composer
        composer.insert(f"@{event.name} ")
        composer.focus()

    @on(MemberWanted)
    def _find_member(self) -> None:
        from pychat.tui import boxes

        self._place.start(partial(boxes.find_member, self._place), "members")

    # Keys

    def action_place(self, number: int) -> None:
        self.going.by_number(number)

    def action_step(self, step: int) -> None:
        self.going.step(step)

    def action_next_unread(self) -> None:
        self.going.next_waiting()

    def action_last_place(self) -> None:
        self.going.last()

    def action_first_unread(self) -> None:
        self._place.start(self._first_unread, "older")

    async def _first_unread(self) -> None:
        try:
            await self.going.to_first_unread()
        except (CommandError, ConnectionLost) as error:
            self._place.complain(f"older messages cannot be had: {error}")

    def action_mention(self, by: int) -> None:
        self.going.to_mention(by)

    def action_mute(self) -> None:
        here = self._place.here or ""
        muted = self.hushed.mutes(here)
        self._place.perform(wishes.Unmute() if muted else wishes.Mute())

    def action_switch_room(self) -> None:
        from pychat.tui import boxes

        boxes.switch_room(self._place)

    def action_ask_room(self) -> None:
        from pychat.tui import boxes

        boxes.ask_room(self._place)

    def action_ask_name(self) -> None:
        from pychat.tui import boxes

        boxes.ask_name(self._place)

    def action_ask_person(self) -> None:
        from pychat.tui import boxes

        boxes.ask_person(self._place)

    def action_ask_topic(self) -> None:
        from pychat.tui import boxes

        boxes.ask_topic(self._place)

    def action_jump(self) -> None:
        from pychat.tui.screens.jump import JumpScreen

        hall = self._place
        hall.app.push_screen(JumpScreen(hall), hall.focus_pane)

    def action_editor(self) -> None:
        self._place.perform(wishes.Editor())

    def action_redraw(self) -> None:
        self.app.refresh(layout=True)

    def action_pane(self, pane: Pane) -> None:
        hall = self._place
        hall.around.toggle(pane)
        widget = hall.rooms if pane == "rooms" else hall.members
        # Over the log it is there to be chosen from; beside it, to be looked at.
        over = self.has_class("-narrow")
        (widget if over and widget.display else hall.composer).focus()
        hall.touch()

    def focus_pane(self, pane: str | None) -> None:
        """By its id; what is hidden is shown."""
        if pane is None:
            return
        if pane in ("rooms", "members") and not self.query_one(f"#{pane}").display:
            self._place.around.toggle(cast(Pane, pane))
        self.query_one(f"#{pane}").focus()

    def action_scroll(self, how: str) -> None:
        hall = self._place
        upwards = how in ("page_up", "scroll_home")
        if upwards and self.going.is_cleared:
            self.show_anew()
        elif hall.here is None:
            how = {"page_up": "scroll_up", "page_down": "scroll_down"}.get(how, how)
            getattr(hall.board, f"action_{how}")()
        else:
            getattr(hall.message_log, f"action_{how}")()

    @property
    def _place(self) -> "HallScreen":
        return cast("HallScreen", self)
