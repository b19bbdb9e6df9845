"""Which key does what now, for Textual and for whoever tells people which key to press.

Textual's keymap is given only what differs from the defaults, for it goes through all of it at each
key. How the keys of a person's own come in is the subject of `own_keys`.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from pychat.tui.keys import APP_KEYS, COMPOSER_KEYS, HALL_KEYS, NO_KEY

if TYPE_CHECKING:
    from textual.dom import DOMNode

_SHOWN = {"pageup": "PgUp", "pagedown": "PgDn", "escape": "Esc", "delete": "Del"}
_PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)(\+?)\}")


class Keymap(msgspec.Struct, frozen=True):
    keys: Mapping[str, tuple[str, ...]]
    """All that can be bound, by what it does."""
    problems: tuple[str, ...] = ()
    """What of a person's own was refused, in sentences."""

    @property
    def overrides(self) -> dict[str, str]:
        """What differs from the defaults, as Textual takes it."""
        default = defaults()
        return {
            name: ",".join(keys) or NO_KEY
            for name, keys in self.keys.items()
            if keys != default[name]
        }

    def label(self, name: str) -> str:
        """The key to press, for people; empty if there is none."""
        return "".join(label(key) for key in self.keys.get(name, ())[:1])

    def way(self, name: str, command: str) -> str:
        """As `label`; without a key the command to write."""
        return self.label(name) or command

    def fill(self, text: str) -> str:
        """With its key in the place of each `{switch-room}`; `{new-line+}` is two of them."""

        def shown(found: re.Match[str]) -> str:
            keys = self.keys.get(found[1], ())[: 2 if found[2] else 1]
            return ", ".join(map(label, keys)) or "no key"

        return _PLACEHOLDER.sub(shown, text)


@cache
def defaults() -> Mapping[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for binding in (*APP_KEYS, *HALL_KEYS, *COMPOSER_KEYS):
        assert binding.id is not None
        keys[binding.id] = split_keys(binding.key)
    return keys


def titles() -> dict[str, str]:
    """What each of them does, in a few words."""
    return {
        binding.id or "": binding.description for binding in (*APP_KEYS, *HALL_KEYS, *COMPOSER_KEYS)
    }


def label(key: str) -> str:
    """`ctrl+k` as `Ctrl+K`."""
    return "+".join(_SHOWN.get(part, part[:1].upper() + part[1:]) for part in key.split("+"))


def live_keymap(node: "DOMNode") -> Keymap:
    """The defaults in an app that has none."""
    live = getattr(node.app, "keymap", None)
    return live if isinstance(live, Keymap) else Keymap(defaults())


def split_keys(keys: str) -> tuple[str, ...]:
    return tuple(key for key in keys.split(",") if key and key != NO_KEY)
