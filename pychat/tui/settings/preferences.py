"""The settings of a running program: as read, with those of its profile, and as changed."""

from pathlib import Path
from typing import Any

import msgspec

from pychat.tui.settings.reading import Loaded
from pychat.tui.settings.schema import DEFAULTS, Profile, Settings

Key = tuple[str, ...]
"""("look", "theme"); ("notify", "rooms", "general"); ("keys", "switch-room")."""


class Preferences:
    def __init__(
        self,
        settings: Settings = DEFAULTS,
        *,
        path: Path | None = None,
        problems: tuple[str, ...] = (),
    ) -> None:
        """Without a path changes end with the program."""
        self.path = path
        self.problems = problems
        """What of the file was not understood, in sentences."""
        self._written = settings
        self._profile: str | None = None

    @classmethod
    def of(cls, loaded: Loaded) -> "Preferences":
        return cls(loaded.settings, path=loaded.path, problems=loaded.problems)

    @property
    def settings(self) -> Settings:
        """What holds: those of the profile before the others."""
        profile = self.profile
        if profile is None or profile.theme is None:
            return self._written
        look = msgspec.structs.replace(self._written.look, theme=profile.theme)
        return msgspec.structs.replace(self._written, look=look)

    @property
    def profile(self) -> Profile | None:
        return self._written.profiles.get(self._profile or "")

    def use_profile(self, name: str) -> None:
        self._profile = name

    def change(self, key: Key, value: Any) -> None:
        """It holds from now on; None brings the default back. Raises msgspec.ValidationError if it
        cannot be, and WritingError if it holds for this program alone."""
        key = self._place_of(key)
        self._written = changed(self._written, key, value)
        if self.path is None:
            return
        from pychat.tui.settings.writing import write

        write(self.path, key, list(value) if isinstance(value, tuple) else value)

    def _place_of(self, key: Key) -> Key:
        """Where what holds is written."""
        profile = self.profile
        if key == ("look", "theme") and profile is not None and profile.theme is not None:
            return ("profiles", self._profile or "", "theme")
        return key


def changed(settings: Settings, key: Key, value: Any) -> Settings:
    """With another value; with the default if it is None. Raises msgspec.ValidationError."""
    tree = msgspec.to_builtins(settings)
    *sections, name = key
    if sections == ["keys"] and name != "preset":
        sections.append("bindings")
    table = tree
    for section in sections:
        table = table.setdefault(section, {})
    table.pop(name, None)
    if value is not None:
        table[name] = value
    return msgspec.convert(tree, Settings)
