"""What owners and operators do: `client.moderation`. Each returns when it is on the Hall's disk.

`room` None means the whole Hall, which is for its operators. All raise CommandError: `not-allowed`
for want of a right, `no-such-name`, `no-such-room`.
"""

from typing import TYPE_CHECKING, Literal

from pychat.protocol import commands, replies

if TYPE_CHECKING:
    from pychat.client.session import Session


class Moderation:
    def __init__(self, session: "Session") -> None:
        self._session = session

    async def kick(self, room: str | None, name: str, reason: str | None = None) -> None:
        """Out of the room; they may come back."""
        await self._do(commands.Kick(id=self._id(), room=room, name=name, reason=reason))

    async def ban(
        self,
        room: str | None,
        name: str,
        *,
        seconds: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Out, and not in again: whoever it is, the name, and guests from where they came from.
        Without `seconds` for good."""
        await self._do(
            commands.Ban(id=self._id(), room=room, name=name, seconds=seconds, reason=reason)
        )

    async def mute(
        self,
        room: str | None,
        name: str,
        *,
        seconds: int | None = None,
        reason: str | None = None,
    ) -> None:
        """They may read and not write."""
        await self._do(
            commands.Mute(id=self._id(), room=room, name=name, seconds=seconds, reason=reason)
        )

    async def unban(self, room: str | None, name: str) -> None:
        await self._do(commands.Unban(id=self._id(), room=room, name=name))

    async def unmute(self, room: str | None, name: str) -> None:
        await self._do(commands.Unmute(id=self._id(), room=room, name=name))

    async def bans(self, room: str | None = None) -> replies.Bans:
        """Who is banned and muted."""
        command = commands.Bans(id=self._id(), room=room)
        return await self._session.request(command, replies.Bans)

    async def appoint(
        self, room: str, name: str, role: Literal["owner", "operator", "member"]
    ) -> None:
        await self._do(commands.Role(id=self._id(), room=room, name=name, role=role))

    async def invite(self, room: str, name: str) -> None:
        """Whoever is called that now may come in once, also where the room is locked."""
        await self._do(commands.Invite(id=self._id(), room=room, name=name))

    async def change(
        self,
        room: str,
        *,
        kind: Literal["public", "unlisted", "locked"] | None = None,
        slow: int | None = None,
        topic: Literal["member", "operator"] | None = None,
        history: bool | None = None,
    ) -> None:
        """The room's settings; those that are None stay. `slow` is in seconds, 0 ends it."""
        await self._do(
            commands.Settings(
                id=self._id(), room=room, kind=kind, slow=slow, topic=topic, history=history
            )
        )

    async def _do(self, command: commands.AnyCommand) -> None:
        await self._session.request(command, replies.Ok)

    def _id(self) -> int:
        return self._session.connection.next_id()
