"""What the composer's text is to become where that is no message of its own: an answer, or another
text for a message that was sent. By place; pure.
"""

from collections.abc import Mapping

import msgspec

from pychat.protocol.replies import Message
from pychat.tui.drafts import Meant, Place


class Answer(msgspec.Struct, frozen=True):
    to: Message


class Change(msgspec.Struct, frozen=True):
    of: Message
    source: str
    """As the composer was given it."""
    before: str
    """What was being written; it comes back afterwards."""
    under: Answer | None = None
    """What that was to become."""


Intent = Answer | Change


class Intents:
    def __init__(self) -> None:
        self._intents: dict[Place, Intent] = {}

    def of(self, place: Place) -> Intent | None:
        return self._intents.get(place)

    def set(self, place: Place, intent: Intent | None) -> None:
        if intent is None:
            self._intents.pop(place, None)
        else:
            self._intents[place] = intent

    def answers(self, place: Place) -> int | None:
        """The `seq` of what a message from there answers."""
        intent = self._intents.get(place)
        return intent.to.seq if isinstance(intent, Answer) else None

    def meant(self, drafts: Mapping[Place, str], epoch: str) -> dict[Place, Meant]:
        """What the drafts are to become, for the next program."""
        meant: dict[Place, Meant] = {}
        for place, intent in self._intents.items():
            if isinstance(intent, Answer):
                meant[place] = Meant(epoch, intent.to.seq)
            else:
                text = drafts.get(place, "")
                meant[place] = Meant(epoch, intent.of.seq, True, text, intent.before)
        return meant

    def on_disk(self, drafts: Mapping[Place, str]) -> dict[Place, str]:
        """The drafts with what was being written before a change began: it is nowhere else."""
        texts = dict(drafts)
        for place, intent in self._intents.items():
            if isinstance(intent, Change):
                changed = texts.get(place, "")
                parts = [intent.before, changed if changed != intent.source else ""]
                texts[place] = "\n".join(filter(None, parts))
        return {place: text for place, text in texts.items() if text}
