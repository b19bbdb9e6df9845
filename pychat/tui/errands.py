"""What a command makes the client do, and what the person is told of it.

Whatever the Hall refuses, and a connection that ends, is raised to the caller.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING, assert_never

from pychat.client import CommandError, ConnectionLost, RoomView, Unreachable
from pychat.tui import slash, telling
from pychat.tui.door import Door
from pychat.tui.screens.confirm import ConfirmScreen
from pychat.tui.screens.pick import Choice, PickScreen

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

QUIT_SECONDS = 2.0
"""How long the Hall may take to answer a farewell."""


class Errands:
    def __init__(self, hall: "HallScreen", door: Door) -> None:
        self.dialling = False
        """Whether the Hall is being dialled again."""
        self._hall = hall
        self._door = door

    async def carry_out(self, command: slash.Command) -> None:
        match command:
            case slash.Join():
                await self._join(command.room)
            case slash.Leave():
                await self._leave(self._room(command.room, "/leave ROOM"))
            case slash.ListRooms():
                await self._list()
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
                self._help()
            case slash.Retry():
                self._hall.speaking.retry()
            case slash.Reconnect():
                await self._reconnect()
            case slash.Quit():
                await self._quit(command.reason)
            case _:
                assert_never(command)

    async def _join(self, room: str) -> None:
        client = self._hall.client
        view = client.mirror.room(room)
        self._hall.open(view.name if view is not None else (await client.join(room)).room)

    async def _leave(self, view: RoomView | None) -> None:
        if view is None:
            return
        await self._hall.client.leave(view.name)
        self._hall.message_log.forget(view.name)
        if self._hall.here in (None, view.name):
            self._hall.open(None)
        self._hall.tell(f"You have left #{view.name}.")

    async def _list(self) -> None:
        rooms = await self._hall.client.list_rooms()
        choices = [
            Choice(room.name, f"#{room.name}", telling.people(room.members), room.topic)
            for room in rooms
        ]
        empty = "There is no room yet. Esc, then /join NAME makes one."
        picked = await self._hall.app.push_screen_wait(
            PickScreen("Rooms of the Hall", choices, empty=empty)
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
        # Here, since the Markdown parser takes 30 ms to load.
        from pychat.tui.screens.manual import ManualScreen

        await self._hall.app.push_screen(ManualScreen(self._hall.client.mirror.manual))

    def _help(self) -> None:
        from pychat.tui.screens.help import HelpScreen

        self._hall.app.push_screen(HelpScreen())

    async def _reconnect(self) -> None:
        hall = self._hall
        if hall.client.state == "connected":
            hall.tell("You are connected.")
            return
        if self.dialling:
            return
        self.dialling = True
        hall.touch()
        try:
            await self._door.knock()
            client = await self._door.enter(hall.client.mirror.name)
        except (Unreachable, ConnectionLost) as error:
            hall.complain(str(error))
        except CommandError as error:
            # A Hall keeps the place of a broken connection for a while, and the name with it.
            kept = "It may be your own place that is kept: F5 again in a minute."
            taken = error.code == "name-taken"
            hall.complain(telling.sentences(error.text, kept) if taken else error.text)
        else:
            await hall.adopt(client)
        finally:
            self.dialling = False
            hall.touch()

    async def _quit(self, reason: str | None) -> None:
        hall = self._hall
        waiting = hall.speaking.would_be_lost()
        if waiting and not await hall.app.push_screen_wait(
            ConfirmScreen(f"{waiting} would be lost. Enter stays, Q quits.")
        ):
            return
        with contextlib.suppress(TimeoutError, CommandError):
            async with asyncio.timeout(QUIT_SECONDS):
                await hall.client.quit(reason)
        hall.app.exit()

    def _room(self, written: str | None, usage: str) -> RoomView | None:
        """The room meant, or the open one; None after saying that there is none."""
        hall = self._hall
        if written is None and hall.here is None:
            hall.complain(f"you are in no room here: write {usage}")
            return None
        room = written or hall.here or ""
        view = hall.client.mirror.room(room)
        if view is None:
            hall.complain(f"you are not in #{room}; /join {room} takes you there")
        return view
