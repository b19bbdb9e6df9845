"""What leads to one's name: `client.keys`. All raise CommandError: `not-allowed` for a guest."""

from typing import TYPE_CHECKING

from pychat.protocol import commands, replies

if TYPE_CHECKING:
    from pychat.client.session import Session


class Keys:
    def __init__(self, session: "Session") -> None:
        self._session = session

    async def list(self) -> replies.Keys:
        """Each key with its label and times, and whether there is a passphrase."""
        return await self._session.request(commands.Keys(id=self._id()), replies.Keys)

    async def add(self, key: str, label: str = "") -> None:
        """Whoever has that key is let in by this name from now on. `too-many` are refused."""
        await self._do(commands.AddKey(id=self._id(), key=key, label=label))

    async def revoke(self, key: str) -> None:
        """It leads here no more, and who came by it has to go; but for this connection."""
        await self._do(commands.RevokeKey(id=self._id(), key=key))

    async def set_passphrase(self, text: str | None) -> None:
        """Another way in; None takes it away. A short one is `bad-text`."""
        await self._do(commands.Passphrase(id=self._id(), text=text))

    async def _do(self, command: commands.AnyCommand) -> None:
        await self._session.request(command, replies.Ok)

    def _id(self) -> int:
        return self._session.connection.next_id()
