"""One call that is to be made soon. It is made, however late.

A one-shot timer of Textual 8.2's ends without a call if its process was stopped, or had to wait for
a processor, for longer than its interval just when it began: what it was to do is never done.
"""

import asyncio
from collections.abc import Callable

from textual.message_pump import MessagePump


class Soon:
    """Its owner cancels it when that ends."""

    def __init__(self, owner: MessagePump) -> None:
        self._owner = owner
        self._due: asyncio.TimerHandle | None = None

    @property
    def is_due(self) -> bool:
        return self._due is not None

    def call(self, what: Callable[[], object], seconds: float) -> None:
        """Instead of what was to be called before."""
        self.cancel()
        self._due = asyncio.get_running_loop().call_later(seconds, self._call, what)

    def cancel(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _call(self, what: Callable[[], object]) -> None:
        self._due = None
        try:
            what()
        except Exception as error:  # noqa: BLE001 - the loop would only log it
            self._owner.app._handle_exception(error)
