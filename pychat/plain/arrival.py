"""The way into the Hall, in lines: whether its key is trusted, and which name one has there."""

import msgspec

from pychat.client import Client, CommandError, ConnectionLost, UnknownKey, Unreachable
from pychat.plain.desk import Desk
from pychat.plain.ending import Ending
from pychat.plain.lines import label
from pychat.protocol import fingerprint, names
from pychat.protocol.errors import Refused
from pychat.tui import naming
from pychat.tui.door import Door
from pychat.tui.left import left_for
from pychat.tui.slash import Mistake

NAMESAKES = 20
"""Names that are tried where nobody can be asked for one."""

_TRUSTS = "yes"
"""Whole, as with OpenSSH: a key that somebody leans on must not do."""


class Arrival:
    def __init__(self, door: Door, name: str | None) -> None:
        """Without a name the person is asked for one, or has that of the login."""
        self._door = door
        self._name = name
        self._doubt: UnknownKey | None = None
        """The key of a Hall that is seen for the first time, until it is trusted."""

    async def knock(self, *, asks: bool) -> Ending | None:
        """`asks` is whether a person is there, whom `enter` asks about an unknown key."""
        try:
            await self._door.knock()
        except UnknownKey as doubt:
            if not asks:
                return self._kept_out(doubt)
            self._doubt = doubt
        except Unreachable as fault:
            return self._kept_out(fault)
        return None

    async def enter(self, desk: Desk) -> Client | Ending:
        try:
            if self._doubt is not None and not await self._trusts(desk, self._doubt):
                return Ending("left")
            if desk.asks:
                return await self._ask(desk)
            return await self._try(self._name or naming.login_name() or "new")
        except (CommandError, Refused, Unreachable, ConnectionLost) as fault:
            return self._kept_out(fault)

    # The key

    async def _trusts(self, desk: Desk, doubt: UnknownKey) -> bool:
        """Whether it is the Hall that is meant; then it is dialled by that key alone."""
        desk.say(label(f"The Hall at {self._door.address} is not known here. Its key is"))
        desk.say(" ".join(fingerprint.grouped(doubt.key)))
        desk.say(
            "Compare it with the key that `pychat serve` has printed there. If it is another, "
            "somebody is in between, and would read all that is said."
        )
        desk.say(f"Is it the same? {_TRUSTS} trusts it from now on, anything else leaves.")
        desk.prompt(f"Trust ({_TRUSTS}/no): ")
        answer = await desk.line()
        if not isinstance(answer, str) or answer.strip().lower() != _TRUSTS:
            desk.say("Not trusted: nothing was sent there.")
            return False
        self._door.trust = msgspec.structs.replace(self._door.trust, key=doubt.key)
        await self._door.knock()
        return True

    # The name

    async def _try(self, name: str) -> Client:
        """Under this name exactly if it was asked for, else under the next that is free."""
        tried: set[str] = set()
        while True:
            try:
                return await self._door.enter(names.check_name(name))
            except CommandError as error:
                if self._name is not None or error.code != "name-taken" or len(tried) >= NAMESAKES:
                    raise
            tried.add(name)
            name = naming.variation(name, tried)

    async def _ask(self, desk: Desk) -> Client | Ending:
        name, tried = self._name, set[str]()
        proposal = naming.login_name()
        while True:
            if name is None:
                name = await self._answer(desk, proposal)
                if name is None:
                    return Ending("left")
            try:
                return await self._door.enter(names.check_name(name))
            except Refused as error:
                desk.say(label(f"Not this name: {error.text}."))
            except CommandError as error:
                if error.code not in naming.FAULTS:
                    raise
                tried.add(name)
                proposal = naming.variation(name, tried)
                desk.say(label(f"Not this name: {error.text}."))
            name = None

    async def _answer(self, desk: Desk, proposal: str) -> str | None:
        """None where there is no more input."""
        enter = f" Enter takes {proposal}." if proposal else ""
        desk.say(f"What should people call you?{enter}")
        desk.prompt("Name: ")
        while (line := await desk.line()) is not None:
            name = (line.text if isinstance(line, Mistake) else line).strip() or proposal
            if name:
                return name
        return None

    def _kept_out(self, fault: Exception) -> Ending:
        sentences = "\n".join(filter(None, (str(fault), left_for(self._door.address))))
        return Ending("kept out", sentences)
