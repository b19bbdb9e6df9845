"""The Hall as its user knows it: my name, my rooms and what is in them, as plain data.

Pure: no loop, no clock, no I/O. Whatever a server sends, `apply` does not raise.
"""

from collections.abc import Sequence

from pychat.client import pace, presence, unread
from pychat.client.changes import Changes, Note
from pychat.client.mentions import Me
from pychat.client.room_view import (
    KEPT_BYTES,
    KEPT_MESSAGES,
    KEPT_OPEN,
    TYPING_SECONDS,
    TYPISTS,
    Load,
    RoomView,
)
from pychat.protocol import codec, commands, events, names, replies, state
from pychat.protocol.errors import Refused

Logged = events.LoggedEvent | events.Unknown


class Mirror:
    def __init__(self) -> None:
        self.name = ""
        """Mine; empty until `welcome`."""
        self.away = False
        self.role = "member"
        """In the Hall: `operator`, or `member`."""
        self.verified = False
        """Whether it was proved that the name with which I came is mine."""
        self.hall = ""
        self.manual = ""
        self.epoch = ""
        self.limits: replies.Limits | None = None
        self.rooms: dict[str, RoomView] = {}
        """Those that I am in, by name, in the order of joining."""
        self.open_room: str | None = None
        """The room that is being looked at, if any; to be set by whoever shows it. What was unread
        before stays so until `mark_read`."""
        self.watched = True
        """Whether the open room's newest line is in sight: what comes there is unread else."""
        self.outgoing: set[str] = set()
        """Nonces of mine that wait for their reply: what bears one is mine, whatever my name."""
        self.marks: dict[str, int] = {}
        """Up to where earlier programs had read, by the room's folded name."""
        self.ignored: frozenset[str] = frozenset()
        """Names, folded, of people whose words do not count as unread."""
        self.me = Me()
        self._load = Load()

    @property
    def own_names(self) -> frozenset[str]:
        """My name and those that I had in this session, folded: what was said under them is mine
        to change, unless another has taken the name since."""
        return frozenset(self.me.names)

    def highlight(self, words: tuple[str, ...]) -> None:
        """Words that count as my name from now on."""
        self.me = Me(self.me.names, words)

    def room(self, name: str) -> RoomView | None:
        """The room by its name, however that is written, or by `@` and the name of whom I share it
        with; None if I am not in it."""
        view = self.rooms.get(name)
        if view is None and self.rooms:
            key = names.fold(name)
            view = next(
                (room for room in self.rooms.values() if names.fold(room.name) == key), None
            )
            if view is None and name.startswith("@"):
                view = self.direct(name[1:])
        return view

    def direct(self, name: str) -> RoomView | None:
        """The room that I share with the one who is called that now, if I am in one."""
        key = names.fold(name)
        mine = [
            room
            for room in self.rooms.values()
            if room.direct is not None and names.fold(room.direct) == key
        ]
        # Somebody who had the name before may have left a room behind.
        return next(
            (room for room in mine if room.direct in room.members), mine[0] if mine else None
        )

    def mark_read(self, room: str) -> Changes:
        """Everything in the room has been seen."""
        changes = Changes()
        view = self.room(room)
        if view is not None:
            changes.rooms = bool(view.unread)
            view.last_read = view.head
            view.unread = view.mentions = 0
        return changes

    def forget(self, room: str) -> Changes:
        """I am not in that room any more."""
        changes = Changes()
        view = self.room(room)
        if view is not None:
            view.forget()
            del self.rooms[view.name]
            changes.rooms = True
        return changes

    def apply(
        self,
        message: codec.ServerMessage | events.Unknown,
        *,
        now: float,
        answering: commands.AnyCommand | None = None,
        delta: Sequence[Logged] = (),
        into: Changes | None = None,
    ) -> Changes:
        """Work in what a server sent, in the order of its sending.

        `answering` is the command that a reply belongs to, `delta` the decoded `events` of a
        `joined`. What changed is added to `into`, and that is returned.
        """
        changes = Changes() if into is None else into
        match message:
            case events.Logged() | events.Unknown():
                self.log(message, now, changes)
            case events.Passing():
                self._passing(message, now, changes)
            case replies.Joined() if isinstance(answering, commands.Join):
                self._joined(message, answering, delta, now, changes)
            case replies.History() if isinstance(answering, commands.History):
                self._page(message, answering, changes)
            case replies.Members():
                self._members(message, changes)
            case replies.Welcome():
                self._welcome(message, changes)
            case replies.Manual():
                self.manual = message.text
            case replies.Ok():
                self._done(answering, changes)
            case replies.Sent():
                self.outgoing.discard(message.nonce)
                pace.spoke(self, answering, now)
            case replies.Error():
                pace.refused(self, answering, message, now)
            case _:
                pass
        return changes

    def log(self, event: Logged, now: float, changes: Changes) -> None:
        """As `apply`, for an entry of a room's log."""
        view = self.room(event.room) if event.room is not None else None
        if view is None or event.seq is None:
            return
        had_gap = view.gap
        if not view.advance(event.seq, event.prev):
            return
        if view.gap and not had_gap:
            changes.gaps.add(view.name)
        match event:
            case events.Message():
                self._said(view, event, now, changes)
            case events.Topic():
                view.topic = event.text
                changes.rooms = True
                note = Note(kind="topic", name=event.sender, text=event.text)
                changes.note(view.name, note)
            case events.Edited() | events.Deleted() | events.Reacted():
                target = view.revise(event)
                if target is not None:
                    changes.replace(view.name, target)
            case events.Unknown():
                pass
        if self._load.bytes > KEPT_BYTES:
            self._shed(changes)

    def _shed(self, changes: Changes) -> None:
        while self._load.bytes > KEPT_BYTES:
            heaviest = max(self.rooms.values(), key=lambda view: view.bytes)
            heaviest.shed()
            changes.reload(heaviest.name)

    def _said(self, view: RoomView, event: events.Message, now: float, changes: Changes) -> None:
        message = state.message_of(event)
        if view.typing and view.typing.pop(event.sender, None) is not None:
            changes.typing.add(view.name)
        is_open = view.name == self.open_room
        if view.append(message, KEPT_OPEN if is_open else KEPT_MESSAGES):
            changes.reload(view.name)
        changes.append(view.name, message)
        if is_open and self.watched:
            view.last_read = event.seq
            return
        if event.seq > view.last_read and not self._is_mine(event):
            self.count_unread(view, message)
            changes.rooms = True

    def _is_mine(self, event: events.Message) -> bool:
        return event.sender == self.name or event.nonce in self.outgoing

    def count_unread(self, view: RoomView, message: replies.Message) -> None:
        """As a message of another's."""
        if self.ignored and names.fold(message.sender) in self.ignored:
            return
        view.unread += 1
        view.mentions += view.direct is not None or self.me.is_meant(message)

    def _passing(self, event: events.PassingEvent, now: float, changes: Changes) -> None:
        match event:
            case events.Presence():
                view = self.room(event.room)
                if view is not None and presence.sent_out(event, self.name) is not None:
                    self.forget(view.name)
                    changes.forget(view.name)
                elif view is not None:
                    self._presence(view, event, changes)
            case events.Settings():
                view = self.room(event.room)
                if view is not None and view.settings != event.settings:
                    view.settings = event.settings
                    changes.note(view.name, Note(kind="settings", name=""))
            case events.Typing():
                view = self.room(event.room)
                if view is not None and event.name != self.name:
                    self._typing(view, event.name, now, changes)
            case events.Read():
                view = self.room(event.room)
                if view is not None:
                    unread.read_elsewhere(self, view, event.seq, changes)
            case events.Notice():
                changes.notices.append(event.text)
            case events.Direct() | events.Ping():
                pass

    def _presence(self, view: RoomView, event: events.Presence, changes: Changes) -> None:
        for parting in event.left:
            # I am in a room from `joined` until my `leave` is answered, whatever comes late.
            if parting.name != self.name:
                presence.part(view, parting, changes)
        presence.change(view, event.changed, changes)
        for member in event.joined:
            presence.come(view, member, changes, me=member.name == self.name)
        self._recognise_myself(event, changes)
        self._name_direct(view, changes)

    def _recognise_myself(self, event: events.Presence, changes: Changes) -> None:
        """The answer to my `name` and the news of it come in either order.

        Who bears my name after the event is me; only if nobody does, who bore it before.
        """
        if any(member.name == self.name for member in event.joined):
            return  # the name was another's until then
        changed = event.changed
        mine = next((change for change in changed if change.member.name == self.name), None)
        if mine is None:
            mine = next((change for change in changed if change.name == self.name), None)
        if mine is not None:
            self._rename(mine.member.name, changes)
            self.away = mine.member.away

    def _rename(self, name: str, changes: Changes) -> None:
        changes.rooms |= name != self.name
        self.name = name
        self.me = self.me.now_called(name)

    def _name_direct(self, view: RoomView, changes: Changes) -> None:
        if not view.name.startswith("@"):
            return
        others = [name for name in view.members if name != self.name]
        # My own change of name may be on its way.
        others = [name for name in others if not self.me.is_called(name)] or others
        was = view.direct
        if others:
            view.direct = others[0]
        elif was is None:
            view.direct = self._partner(view.name)
        changes.rooms |= view.direct != was

    def _partner(self, room: str) -> str:
        """Who has left, as they were called when the room began."""
        pair = names.pair_of(room)
        return next((name for name in pair if not self.me.is_called(name)), pair[-1])

    def _typing(self, view: RoomView, name: str, now: float, changes: Changes) -> None:
        view.typing = {who: until for who, until in view.typing.items() if now < until}
        if name not in view.typing:
            if len(view.typing) >= TYPISTS:
                return
            changes.typing.add(view.name)
        view.typing[name] = now + TYPING_SECONDS

    def _joined(
        self,
        joined: replies.Joined,
        asked: commands.Join,
        delta: Sequence[Logged],
        now: float,
        changes: Changes,
    ) -> None:
        view = self.room(joined.room)
        if view is None:
            view = self.rooms[joined.room] = RoomView(joined.room, self._load)
            fresh = True
        else:
            fresh = False
        view.topic = joined.topic
        view.settings = joined.settings or replies.RoomSettings()
        view.members = {}
        view.learn_members(joined.members, joined.count)
        view.typing = {}
        self._name_direct(view, changes)
        changes.rooms = True
        changes.members.add(view.name)
        if asked.after is not None and not fresh:
            missed = Note(kind="fetched", name="", count=joined.missed, after=asked.after)
            changes.note(view.name, missed)
        if joined.recovered:
            self._catch_up(view, joined, asked.after or 0, fresh=fresh, changes=changes)
            for event in delta:
                self.log(event, now, changes)
            if view.head < joined.seq:
                view.head = joined.seq
                view.gap = True
                changes.gaps.add(view.name)
        else:
            before = unread.read_before(self, joined, asked, fresh=fresh)
            unread.begin_anew(self, view, joined, before, fresh=fresh)
            changes.reload(view.name)
        if joined.read is not None:
            unread.read_elsewhere(self, view, joined.read, changes)
        if self._load.bytes > KEPT_BYTES:
            self._shed(changes)

    def _catch_up(
        self, view: RoomView, joined: replies.Joined, after: int, *, fresh: bool, changes: Changes
    ) -> None:
        if fresh:
            view.last_read = after
        if fresh or after > view.head:
            view.load_after(after, more=joined.more)
            changes.reload(view.name)

    def _page(self, page: replies.History, asked: commands.History, changes: Changes) -> None:
        view = self.room(page.room)
        if view is None:
            return
        older = view.merge(page, asked)
        if older:
            changes.prepend(view.name, older)

    def _members(self, page: replies.Members, changes: Changes) -> None:
        view = self.room(page.room)
        if view is not None:
            view.learn_members(page.members, page.count)
            self._name_direct(view, changes)
            changes.members.add(view.name)

    def _welcome(self, welcome: replies.Welcome, changes: Changes) -> None:
        if not welcome.resumed:
            self.me = Me((), self.me.words)
        self._rename(welcome.name, changes)
        if self.epoch and welcome.epoch != self.epoch:
            # Positions in the log that was there before say nothing about this one.
            for view in self.rooms.values():
                view.head = view.last_read = view.unread = view.mentions = 0
        self.role = welcome.role
        self.verified = welcome.verified
        self.hall = welcome.hall
        self.manual = welcome.manual
        self.epoch = welcome.epoch
        self.limits = welcome.limits

    def _done(self, command: commands.AnyCommand | None, changes: Changes) -> None:
        match command:
            case commands.Leave():
                changes.rooms |= self.forget(command.room).rooms
            case commands.Name():
                try:
                    self._rename(names.check_name(command.name), changes)
                except Refused:
                    # A newer server's rule: its `presence` tells the exact form.
                    self._rename(command.name, changes)
            case commands.Away():
                self.away = command.away
            case _:
                pass
