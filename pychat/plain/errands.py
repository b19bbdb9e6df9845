"""What a command makes the client do, and what is told of it.

Whatever the Hall refuses, and a connection that ends, is raised to the caller.
"""

from typing import TYPE_CHECKING

from pychat.client import CommandError, RoomView
from pychat.plain import typed
from pychat.plain.lines import label, listed_room, name, paragraphs, place
from pychat.protocol.replies import Message
from pychat.tui import message_commands as wanted
from pychat.tui import moderating, naming, ordering, slash, telling, wishes

if TYPE_CHECKING:
    from pychat.plain.talk import Talk

LISTED = 200
"""Rooms that `/list` tells; more are counted."""

FOUND = 20
"""Messages that `/search` tells; for older ones one searches for more words."""


class Errands:
    def __init__(self, talk: "Talk") -> None:
        self._talk = talk
        self.known_rooms: list[str] = []
        """Of the Hall, when they were last listed."""

    async def carry_out(self, command: slash.Command | typed.History) -> None:
        talk, client = self._talk, self._talk.client
        match command:
            case slash.Join():
                await talk.going.join(command.room)
            case slash.Leave():
                await self._leave(self._room(command.room))
            case slash.ListRooms():
                await self._list()
            case slash.Rename():
                await self._rename(command.name)
            case slash.Who():
                view = self._room(command.room)
                members = await client.members(view.name)
                talk.say(label(telling.who(view.name, members, view.count)))
            case slash.Topic():
                await self._topic(command.text)
            case slash.Search():
                await self._search(command)
            case typed.History():
                await self._history(command.count)
            case wishes.Message():
                await self._direct(command)
            case moderating.Order():
                here = client.mirror.room(talk.here or "")
                for line in await ordering.carry_out(client, here, command, talk.now()):
                    talk.say(label(line))
            case wishes.Whois():
                talk.say(talk.wording.person(await client.whois(command.name)))
            case _:
                self._at_once(command)

    def _at_once(self, command: slash.Command) -> None:
        """What needs no answer of the Hall."""
        talk = self._talk
        match command:
            case slash.Manual():
                talk.say(paragraphs(talk.client.mirror.manual))
            case slash.Help():
                self._help()
            case slash.Retry():
                talk.waiting.retry(everything=command.everything)
            case slash.Discard():
                talk.waiting.discard(everything=command.everything)
            case slash.Release():
                talk.waiting.release()
            case slash.Reconnect():
                self._reconnect()
            case wishes.Switch():
                self._switch(command.text.lstrip("#@"))
            case wanted.Reply() | wanted.Edit() | wanted.Delete() | wanted.React():
                self._about_a_message(command)
            case _:
                talk.refuse("that is for the full screen; /help lists what works here")

    def _about_a_message(
        self, command: wanted.Reply | wanted.Edit | wanted.Delete | wanted.React
    ) -> None:
        client, room = self._talk.client, self._room(None).name
        match command:
            case wanted.Reply():
                item = client.post(room, command.text, self._meant(command.target))
            case wanted.Edit():
                item = client.post_edit(room, self._mine(command.target), command.text)
            case wanted.Delete():
                item = client.post_delete(room, self._mine(command.target))
            case wanted.React():
                target, emojis = self._reactions(command)
                item = client.post_react(room, target, emojis)
        self._talk.waiting.posted(item)

    # Rooms

    async def _leave(self, view: RoomView) -> None:
        talk = self._talk
        if view.outgoing:
            waiting = telling.messages(len(view.outgoing))
            talk.refuse(f"for #{view.name} {waiting} waiting: /retry -a or /discard -a, then leave")
            return
        await talk.client.leave(view.name)
        talk.say(f"You have left {place(view)}.")
        if talk.here in (None, view.name):
            talk.going.open(None)

    async def _list(self) -> None:
        rooms = await self._talk.client.list_rooms()
        self.known_rooms = [room.name for room in rooms]
        if not rooms:
            self._talk.say("There is no room yet; /join NAME makes one.")
        for room in rooms[:LISTED]:
            view = self._talk.client.mirror.room(room.name)
            unread = view.unread if view is not None else 0
            self._talk.say(listed_room(room, mine=view is not None, unread=unread))
        if len(rooms) > LISTED:
            self._talk.say(f"And {len(rooms) - LISTED:,} more.")

    async def _direct(self, command: wishes.Message) -> None:
        talk = self._talk
        view = await talk.client.direct(command.name)
        if view.name != talk.here:
            talk.going.open(view.name)
        if command.text:
            talk.waiting.posted(talk.client.post(view.name, command.text))

    def _switch(self, text: str) -> None:
        mirror = self._talk.client.mirror
        others = [view for view in mirror.rooms.values() if view.name != self._talk.here]
        if text:
            called = {view.direct or view.name: view.name for view in mirror.rooms.values()}
            room = typed.room_like(text, called)
            problem = f"you are in no room like {text!r}; /join {text} takes you there"
        else:
            waiting = [view for view in others if view.mentions]
            waiting = waiting or [view for view in others if view.unread]
            room = waiting[0].name if waiting else None
            problem = "nothing is unread elsewhere; /switch TEXT goes to a room of yours"
        if room is None:
            self._talk.refuse(problem)
        else:
            self._talk.going.open(room)

    async def _topic(self, text: str | None) -> None:
        view = self._room(None)
        if text is not None:
            await self._talk.client.set_topic(view.name, text)
        elif view.topic:
            self._talk.say(f"The topic of {place(view)}: {label(view.topic)}")
        else:
            self._talk.say(f"{place(view)} has no topic; /topic TEXT sets one.")

    def _room(self, written: str | None) -> RoomView:
        """The room meant, or the open one."""
        room = written or self._talk.here
        if room is None:
            raise CommandError("not-in-room", "you are in no room here; /join ROOM first")
        view = self._talk.client.mirror.room(room)
        if view is None:
            raise CommandError(
                "not-in-room", f"you are not in #{room}; /join {room} takes you there"
            )
        return view

    # Messages

    async def _search(self, command: slash.Search) -> None:
        if not command.text:
            self._talk.refuse("/search needs more: write /search [-a] TEXT")
            return
        room = None if command.everywhere or self._talk.here is None else self._talk.here
        found = await self._talk.client.search(command.text, room=room, limit=FOUND)
        where = "in your rooms" if room is None else f"in #{room}"
        if not found.messages:
            more = "; /search -a TEXT looks in all your rooms" if room is not None else ""
            self._talk.say(label(f"Nothing found {where}{more}."))
            return
        least = "at least " if found.more else ""
        count = telling.messages(len(found.messages))
        self._talk.say(label(f"Found {where}, the newest last: {least}{count}."))
        for message in reversed(found.messages):
            day = self._talk.wording.day(message.time).isoformat()
            where = f"in #{name(message.room)}" if room is None else ""
            self._talk.say(f"{day} {self._talk.wording.said(message, where=where)}")

    async def _history(self, count: int) -> None:
        view = self._room(None)
        first = self._talk.going.first_told(view.name)
        page = await self._talk.client.history(view.name, before=first, limit=count)
        if page.messages:
            self._talk.going.older(view.name, page.messages)
        else:
            self._talk.say("There is nothing older.")

    def _meant(self, target: int | None) -> int:
        """The message meant, or the last one."""
        messages = self._room(None).messages
        last = next((each.seq for each in reversed(messages) if not each.deleted), None)
        found = last if target is None else target
        if found is None:
            raise CommandError("no-such-message", "nothing was said here yet")
        return found

    def _mine(self, target: int | None) -> int:
        """The message meant, or the last of mine."""
        if target is not None:
            return target
        mirror = self._talk.client.mirror
        for message in reversed(self._room(None).messages):
            if message.sender == mirror.name and not message.deleted:
                return message.seq
        raise CommandError("no-such-message", "nothing here is of you; write the ID")

    def _reactions(self, command: wanted.React) -> tuple[int, list[str]]:
        """The message meant, and all of my reactions to it with this one, or without it."""
        target = self._meant(command.target)
        mine = self._my_reactions(self._room(None).message(target))
        if command.emoji in mine:
            return target, [emoji for emoji in mine if emoji != command.emoji]
        return target, [*mine, command.emoji]

    def _my_reactions(self, message: Message | None) -> list[str]:
        me = self._talk.client.mirror.name
        reactions = (message.reactions if message is not None else None) or {}
        return [emoji for emoji, names in reactions.items() if me in names]

    # The Hall

    def _help(self) -> None:
        for spelling in typed.SPELLINGS.values():
            self._talk.say(f"{spelling.usage}: {spelling.help}")
        self._talk.say("//text: say a text that begins with a slash")

    async def _rename(self, name: str) -> None:
        client = self._talk.client
        if client.refusal is not None and client.refusal.code in naming.FAULTS:
            client.reconnect_now(name)
            return
        await client.set_name(name)
        self._talk.say(f"You are now called {label(client.mirror.name)}.")

    def _reconnect(self) -> None:
        if self._talk.client.state == "connected":
            self._talk.say("You are connected.")
        else:
            self._talk.client.reconnect_now()
