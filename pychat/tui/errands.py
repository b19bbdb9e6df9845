"""What a command makes the client do, and what the person is told of it.

Whatever the Hall refuses, and a connection that ends, is raised to the caller. The screens that an
errand shows are loaded when it does: the first one is to come soon.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from pychat.client import CommandError, ConnectionLost, RoomView
from pychat.protocol.replies import Message
from pychat.tui import (
    calling,
    jumping,
    message_commands,
    moderating,
    naming,
    slash,
    telling,
    wishes,
)
from pychat.tui.chrome import place_name

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

QUIT_SECONDS = 2.0
"""How long the Hall may take to answer a farewell."""

ARRIVAL_SECONDS = 1.0
"""What is on its way when one quits may take that long to arrive before one is asked."""


class Errands:
    def __init__(self, hall: "HallScreen") -> None:
        self._hall = hall

    async def carry_out(self, command: slash.Command) -> None:
        match command:
            case slash.Join():
                await self._join(command.room)
            case slash.Leave():
                await self._leave(self._room(command.room, "/leave ROOM"))
            case slash.ListRooms():
                await self._list(command.pattern)
            case slash.Rename():
                await self._hall.client.set_name(command.name)
                self._hall.tell(f"You are now called {self._hall.client.mirror.name}.")
            case slash.Who():
                await self._who(self._room(command.room, "/who ROOM"))
            case slash.Topic():
                await self._topic(command.text)
            case slash.Manual():
                await self._manual()
            case slash.Help():
                self._help(command.name)
            case slash.Search():
                self._search(command)
            case slash.Retry():
                self._hall.waiting.retry(everything=command.everything)
            case slash.Discard():
                self._hall.waiting.discard(everything=command.everything)
            case slash.Release():
                self._hall.waiting.release()
            case slash.Reconnect():
                self._reconnect()
            case slash.OpenSettings() | slash.Set() | slash.ChooseTheme():
                from pychat.tui import adjusting

                adjusting.carry_out(self._hall, command)
            case calling.Notify() | calling.Quiet() | calling.Focus() | calling.Highlight():
                from pychat.tui import adjusting

                adjusting.carry_out_calling(self._hall, command)
            case message_commands.Act():
                from pychat.tui import message_errands

                await message_errands.carry_out(self._hall, command)
            case moderating.Order():
                from pychat.tui import ordering

                hall = self._hall
                view = hall.client.mirror.room(hall.here or "")
                for line in await ordering.carry_out(hall.client, view, command, hall.now()):
                    hall.tell(line)
            case wishes.Wish():
                from pychat.tui import wishing

                await wishing.carry_out(self._hall, command)
            case slash.Quit():
                await self._quit(command.reason)
            case _:
                assert_never(command)

    async def _join(self, room: str) -> None:
        await self._hall.going.go_to(room)

    async def join_all(self, rooms: Sequence[str]) -> None:
        """Go into all that can be joined; the first is opened, unless the person was quicker."""
        for room in rooms:
            try:
                joined = await self._enter(room)
            except CommandError as error:
                self._hall.tell(f"{telling.room_title(room)} cannot be joined: {error.text}")
            except ConnectionLost:
                # Once there is one again, by hand.
                return
            else:
                if self._hall.here is None and room == rooms[0]:
                    self._hall.open(joined)

    async def _enter(self, room: str) -> str:
        """Its name, as the Hall writes it."""
        client = self._hall.client
        try:
            view = client.mirror.room(room)
            return view.name if view is not None else (await client.join(room)).room
        except CommandError as error:
            if error.code != "already-in-room":
                raise
            # Back in the place of a program that was killed: it is on its way.
            await client.ping()
            view = client.mirror.room(room)
            if view is None:
                raise
            return view.name

    async def _leave(self, view: RoomView | None) -> None:
        if view is None:
            return
        if view.outgoing:
            waiting = telling.messages(len(view.outgoing))
            self._hall.complain(
                f"for {place_name(view)} {waiting} waiting: /retry -a or /discard -a, then leave"
            )
            return
        await self._hall.client.leave(view.name)
        self._hall.message_log.forget(view.name)
        if self._hall.here in (None, view.name):
            self._hall.open(None)
        self._hall.tell(f"You have left {place_name(view)}.")

    async def _list(self, pattern: str) -> None:
        from pychat.tui.screens.pick import Choice, PickScreen

        rooms = await self._hall.client.list_rooms()
        choices = [
            Choice(room.name, f"#{room.name}", telling.people(room.members), room.topic)
            for room in rooms
        ]
        empty = "There is no room yet. Esc, then /join NAME makes one."
        picked = await self._hall.app.push_screen_wait(
            PickScreen("Rooms of the Hall", choices, empty=empty, typed=pattern)
        )
        if picked is not None and picked.room is not None:
            await self._join(picked.room)

    async def _who(self, view: RoomView | None) -> None:
        if view is None:
            return
        members = await self._hall.client.members(view.name)
        self._hall.tell(telling.who(view.name, members, view.count))

    async def _topic(self, text: str | None) -> None:
        view = self._room(None, "/join ROOM first")
        if view is None:
            return
        if text is not None:
            await self._hall.client.set_topic(view.name, text)
        elif view.topic:
            self._hall.tell(f"The topic of #{view.name}: {view.topic}")
        else:
            self._hall.tell(f"#{view.name} has no topic; /topic TEXT sets one.")

    async def _manual(self) -> None:
        from pychat.tui.screens.manual import ManualScreen

        await self._hall.app.push_screen(ManualScreen(self._hall.client.mirror.manual))

    def _help(self, name: str) -> None:
        from pychat.tui.screens.help import HelpScreen

        if name:
            self._hall.tell(slash.told(name))
            return
        self._hall.app.push_screen(HelpScreen())

    def _search(self, command: slash.Search) -> None:
        from pychat.tui.screens.search import SearchScreen

        hall = self._hall
        if isinstance(hall.app.screen, SearchScreen):
            return
        room = None if command.everywhere else hall.here
        hall.app.push_screen(
            SearchScreen(
                hall.client,
                self._go_to,
                here=hall.here,
                room=room,
                text=command.text,
                tz=hall.tz,
                now=hall.now,
            )
        )

    async def _go_to(self, message: Message) -> bool:
        """Open the room at a message. False if it is too far back in the log."""
        return await jumping.reach(self._hall, message.room, message.seq)

    def _reconnect(self) -> None:
        client = self._hall.client
        if client.state == "connected":
            self._hall.tell("You are connected.")
            return
        client.reconnect_now()
        if client.refusal is not None and client.refusal.code in naming.FAULTS:
            self._hall.news.ask_name()

    async def _quit(self, reason: str | None) -> None:
        hall = self._hall
        await self._let_arrive()
        why_not = self._why_stay()
        if why_not and not await self._wants_to_go(why_not):
            return
        with contextlib.suppress(TimeoutError, CommandError):
            async with asyncio.timeout(QUIT_SECONDS):
                await hall.client.quit(reason)
        hall.app.exit()

    async def _wants_to_go(self, why_not: str) -> bool | None:
        from pychat.tui.screens.confirm import ConfirmScreen

        screen = ConfirmScreen(f"{why_not} Enter stays, Q quits.", key="q")
        return await self._hall.app.push_screen_wait(screen)

    async def _let_arrive(self) -> None:
        client = self._hall.client
        changed = asyncio.Event()
        unsubscribe = client.subscribe(lambda _: changed.set())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ARRIVAL_SECONDS):
                    while any(item.state == "sending" for item in client.outbox):
                        changed.clear()
                        await changed.wait()
        finally:
            unsubscribe()

    def _why_stay(self) -> str:
        """What becomes of what is not sent, in sentences; empty if all is."""
        drafts = self._hall.speaking.would_be_lost()
        lost = f"What you wrote in {drafts} would be lost." if drafts else ""
        return " ".join(filter(None, (self._hall.waiting.at_the_end(), lost)))

    def _room(self, written: str | None, usage: str) -> RoomView | None:
        """The room meant, or the open one; None after saying that there is none."""
        hall = self._hall
        if written is None and hall.here is None:
            hall.complain(f"you are in no room here: write {usage}")
            return None
        room = written or hall.here or ""
        view = hall.client.mirror.room(room)
        if view is None:
            hall.complain(
                f"you are not in {telling.room_title(room)}; /join {room} takes you there"
            )
        return view
