"""People who come to a pure Hall with what proves who they are."""

from collections.abc import Iterable
from typing import Any

from pychat.protocol import commands, replies
from pychat.server.access import Access
from pychat.server.credentials import Credentials
from tests.support.hall_shell import FakePeer, HallShell
from tests.support.town import Town


def key(number: int) -> str:
    """A public key, as far as the Hall looks."""
    return f"{number:A>42}A"


class Comers(Town):
    """A Hall at whose door one says more than a name."""

    def __init__(self, access: Access | None = None) -> None:
        super().__init__()
        self.shell = HallShell(access=access)

    def come(
        self,
        name: str | None = None,
        *rooms: str,
        by: int | None = None,
        passphrase: bool = False,
        place: str = "",
        **fields: Any,
    ) -> FakePeer:
        """`by` is the number of a key that was proved, `passphrase` whether it was."""
        peer = self.shell.connect()
        peer.place = place
        peer.proved = Credentials(key=key(by) if by is not None else "", passphrase=passphrase)
        hello = commands.Hello(id=self.id(), protocol=[1], client="test", name=name, **fields)
        self.shell.send(peer, hello)
        for room in rooms:
            assert isinstance(self.join(peer, room), replies.Joined)
        return peer

    def members(self, peer: FakePeer, room: str = "lobby") -> list[tuple[str, bool, bool]]:
        """Names, and whether they are verified and away."""
        reply = self.ask(peer, commands.Members, room=room)
        return [(each.name, each.verified, each.away) for each in reply.members]

    def restart(self) -> None:
        self.shell.restart()


def welcome(peer: FakePeer) -> replies.Welcome:
    (found,) = [each for each in peer.told if isinstance(each, replies.Welcome)]
    return found


def refusal(peer: FakePeer) -> str:
    """The code of the last error."""
    errors = [each for each in peer.told if isinstance(each, replies.Error)]
    return errors[-1].code


def told(peer: FakePeer, kind: type[Any], since: int = 0) -> list[Any]:
    return [each for each in peer.told[since:] if isinstance(each, kind)]


def names(members: Iterable[tuple[str, bool, bool]]) -> list[str]:
    return [name for name, _, _ in members]
