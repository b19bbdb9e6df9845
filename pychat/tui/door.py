"""The way into a Hall: one dialled connection, kept while a person thinks of a name."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from pychat.client import (
    Address,
    Client,
    CommandError,
    ConnectionLost,
    Dialled,
    Identity,
    IdentityError,
    OutboxError,
    OutboxStore,
    Trust,
    Unreachable,
    known_password,
)
from pychat.protocol import names


class Dial(Protocol):
    async def __call__(self, address: Address, *, trust: Trust | None = None) -> Dialled: ...


AskPassword = Callable[[str], Awaitable[str | None]]
"""With why it is asked for; None gives up."""


class Door:
    def __init__(
        self,
        address: Address,
        dial: Dial,
        trust: Trust | None = None,
        identity: Identity | None = None,
    ) -> None:
        self.address = address
        self.identity = identity
        """By which names become one's own; without it one is a guest."""
        self.trust = trust or Trust()
        """What is known of the Hall besides what is remembered on this machine."""
        self.warning = ""
        """Why what waits to be sent is not kept on disk, if so: a sentence."""
        self.notice = ""
        """What else is to be known of that; a sentence, or empty."""
        self.unproved = ""
        """Why one is a guest though one has a key, if so; a sentence."""
        self.drafts: Path | None = None
        """Where what is written and not sent is kept, if it is."""
        self.history: Path | None = None
        """Where what was sent is kept, to be sent again."""
        self.hushed: Path | None = None
        """Where it is kept whom and what one does not want to hear."""
        self.password = known_password()
        """The Hall's, if it is known."""
        self.ask_password: AskPassword | None = None
        """Whom to ask for it, if anybody."""
        self._dial = dial
        self._dialled: Dialled | None = None

    async def knock(self) -> None:
        """Dial. Raises Unreachable."""
        await self.close()
        unlocking = asyncio.create_task(self._unlock())
        try:
            self._dialled = await self._dial(self.address, trust=self.trust)
        finally:
            await unlocking

    async def _unlock(self) -> None:
        """Have the key at hand, on a thread: a file is read for it, and a library loaded."""
        self.unproved = ""
        if self.identity is not None:
            try:
                await asyncio.to_thread(lambda identity: identity.key, self.identity)
            except IdentityError as error:
                self.unproved, self.identity = str(error), None

    async def enter(self, name: str) -> Client:
        """Be greeted under that name. Raises CommandError, Unreachable, ConnectionLost.

        May be called again after each of them.
        """
        while True:
            try:
                return await self._try(name)
            except CommandError as refusal:
                if refusal.code != "wrong-password" or self.ask_password is None:
                    raise
                password = await self.ask_password(refusal.text)
                if password is None:
                    raise
                self.password = password

    async def _try(self, name: str) -> Client:
        if self._dialled is not None:
            try:
                return await self._hello(self._dialled, name)
            except (ConnectionLost, Unreachable):
                # A Hall waits 10 s for a name, people take longer to think of one.
                pass
        await self.knock()
        assert self._dialled is not None
        return await self._hello(self._dialled, name)

    async def close(self) -> None:
        """Hang up, unless somebody has entered: then the Client is the one to close."""
        dialled, self._dialled = self._dialled, None
        if dialled is not None:
            await dialled.close()

    async def _hello(self, dialled: Dialled, name: str) -> Client:
        store = OutboxStore.of(self.address, name)
        self.warning, self.notice = "", self.unproved
        self.drafts, self.history, self.hushed = None, None, None
        try:
            client = await self._greet(dialled, name, store)
            self.drafts = store.path.with_suffix(".drafts")
            self.history = store.path.with_suffix(".history")
            self.hushed = store.path.with_suffix(".hushed")
            if store.is_second:
                self.notice = (
                    f"Another pychat on this machine has what waited for {name} here. If it has "
                    "just ended, start this one anew."
                )
        except OutboxError as error:
            self.warning = str(error)
            client = await self._greet(dialled, name, None)
        self._dialled = None
        if names.fold(client.mirror.name) != names.fold(name):
            # The place that a killed program left was under a name taken after its start. Where
            # that cannot be changed the header shows it.
            with contextlib.suppress(CommandError, ConnectionLost):
                await client.set_name(name)
        return client

    async def _greet(self, dialled: Dialled, name: str, store: OutboxStore | None) -> Client:
        return await dialled.hello(
            name,
            password=self.password,
            identity=self.identity,
            reconnect=True,
            outbox=store,
        )
