"""config.toml as Settings. Whatever is wrong in it costs that one option, which has its default
then, and is told in a sentence: nothing here raises.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pychat.client.address import AddressError, parse_address
from pychat.protocol import fingerprint, names
from pychat.protocol.errors import Refused
from pychat.protocol.fingerprint import FingerprintError
from pychat.tui.settings.schema import (
    DEFAULTS,
    Composer,
    Keys,
    Look,
    Mentions,
    Notify,
    Profile,
    Settings,
)

FILE_BYTES = 262_144
"""Of config.toml; a hundred profiles with their rooms take a tenth of it."""

PROFILES = 100

PROBLEMS = 20
"""Told of one file; of more, their number."""

_GUARDS = ("fingerprint", "tls")
"""Of a profile. Where one of them is not understood the profile is left out: its default might lead
to another Hall than the one that was meant."""

_SHOWN_CHARS = 60
_PATH_VARIABLE = "PYCHAT_CONFIG"

SECTIONS: dict[str, type[msgspec.Struct]] = {
    "look": Look,
    "notify": Notify,
    "keys": Keys,
    "composer": Composer,
    "mentions": Mentions,
}
"""By their names in the file; `profiles` is another thing."""


class Loaded(msgspec.Struct, frozen=True):
    settings: Settings
    path: Path
    problems: tuple[str, ...] = ()
    """What was not understood, in sentences."""


def config_path() -> Path:
    """Where config.toml is, or would be."""
    named = os.environ.get(_PATH_VARIABLE)
    if named:
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_config_path("pychat") / "config.toml"


def load(path: Path | None = None) -> Loaded:
    path = path or config_path()
    try:
        with path.open("rb") as file:
            written = file.read(FILE_BYTES + 1)
    except FileNotFoundError:
        told = (f"{path}, named by {_PATH_VARIABLE}, is not there yet: the defaults hold.",)
        return Loaded(DEFAULTS, path, told if os.environ.get(_PATH_VARIABLE) else ())
    except OSError as error:
        why = error.strerror or error
        return Loaded(DEFAULTS, path, (f"{path} cannot be read ({why}): the defaults hold.",))
    if len(written) > FILE_BYTES:
        told = (f"{path} is larger than {FILE_BYTES:,} bytes: the defaults hold.",)
        return Loaded(DEFAULTS, path, told)
    reading = _Reading(path.name)
    settings = reading.read(written)
    return Loaded(settings, path, reading.told())


def understand(written: str, name: str = "config.toml") -> tuple[Settings, tuple[str, ...]]:
    """The same of a text that is not in a file yet."""
    reading = _Reading(name)
    return reading.read(written.encode()), reading.told()


class _Reading:
    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: list[str] = []
        self._problems: list[str] = []

    def told(self) -> tuple[str, ...]:
        more = len(self._problems) - PROBLEMS
        rest = [f"{self._name}: {more} more options were not understood."] if more > 0 else []
        return (*self._problems[:PROBLEMS], *rest)

    def read(self, written: bytes) -> Settings:
        import tomllib

        try:
            text = written.decode("utf-8-sig")
            table = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            why = f"{error}" if isinstance(error, tomllib.TOMLDecodeError) else "no text in UTF-8"
            why = "brackets nested too deeply" if isinstance(error, RecursionError) else why
            self._problems.append(f"{self._name} is no TOML ({why}): the defaults hold.")
            return DEFAULTS
        self._lines = text.splitlines()
        # The keys of one's own stand beside `preset`.
        if isinstance(keys := table.get("keys"), dict):
            table["keys"] = self._keys(keys)
        sections = {name: self._section(name, type_, table) for name, type_ in SECTIONS.items()}
        profiles = dict(self._profiles(table.pop("profiles", {})))
        for name in table.keys() - SECTIONS.keys():
            self._unknown((), name, [*SECTIONS, "profiles"])
        return msgspec.convert({**sections, "profiles": profiles}, Settings)

    def _section(self, name: str, type_: type[msgspec.Struct], table: Mapping[str, Any]) -> Any:
        written = table.get(name, {})
        if not isinstance(written, dict):
            self._refuse((name,), written, f"it is a section: write [{name}]")
            return type_()
        return self._struct((name,), type_, written)

    def _struct(self, path: tuple[str, ...], type_: Any, written: dict[str, Any]) -> Any:
        """With the default of each option whose value is not understood. Raises ValidationError
        where one that has none is missing."""
        for unknown in written.keys() - set(type_.__struct_fields__):
            self._unknown(path, unknown, type_.__struct_fields__)
        try:
            return msgspec.convert(written, type_)
        except msgspec.ValidationError:
            pass
        from pychat.tui.settings.options import types_of

        good = {}
        for field, annotated in types_of(type_).items():
            if field in written:
                value = self._value((*path, field), annotated, written[field])
                if value is not msgspec.UNSET:
                    good[field] = value
        return msgspec.convert(good, type_)

    def _value(self, path: tuple[str, ...], annotated: Any, value: Any) -> Any:
        """UNSET if it is not what the option takes; of a table, what of it is."""
        from pychat.tui.settings import options

        try:
            return msgspec.to_builtins(msgspec.convert(value, annotated))
        except msgspec.ValidationError:
            pass
        entry = options.entry_of(annotated)
        if entry is None or not isinstance(value, dict):
            self._refuse(path, value, f"it may be {options.allowed(annotated)}")
            return msgspec.UNSET
        taken = ((name, self._value((*path, name), entry, each)) for name, each in value.items())
        return {name: each for name, each in taken if each is not msgspec.UNSET}

    def _keys(self, written: dict[str, Any]) -> dict[str, Any]:
        own = {name: value for name, value in written.items() if name != "preset"}
        bindings = {}
        for name, value in own.items():
            keys = value if isinstance(value, list) else [value]
            if all(isinstance(key, str) for key in keys):
                bindings[name] = ",".join(keys)
            else:
                self._refuse(("keys", name), value, 'it is a key, as "ctrl+t", or a list of them')
        preset = {"preset": written["preset"]} if "preset" in written else {}
        return {**preset, "bindings": bindings}

    def _profiles(self, written: Any) -> Iterator[tuple[str, Profile]]:
        if not isinstance(written, dict):
            self._refuse(("profiles",), written, "it is sections: write [profiles.NAME]")
            return
        for name, fields in list(written.items())[:PROFILES]:
            path = ("profiles", name)
            if not isinstance(fields, dict) or "host" not in fields:
                where = f"{self._at(path)}: profile {name[:_SHOWN_CHARS]}"
                self._problems.append(f'{where} needs a host, like host = "chat.lan".')
                continue
            try:
                profile = self._struct(path, Profile, fields)
            except msgspec.ValidationError:
                # Without its host, of which has been told.
                continue
            if any(fields.get(guard, taken) != taken for guard, taken in _guards(profile)):
                self._problems.append(f"{self._at(path)}: profile {name} is left out for that.")
                continue
            try:
                yield name, _checked(profile)
            except (AddressError, FingerprintError, Refused) as error:
                self._problems.append(f"{self._at(path)}: profile {name}: {error}. It is left out.")
        if len(written) > PROFILES:
            self._problems.append(f"{self._name}: of profiles only the first {PROFILES} are taken.")

    def _refuse(self, path: tuple[str, ...], value: Any, rule: str) -> None:
        shown = "a table" if isinstance(value, dict) else _shown(value)
        self._problems.append(
            f"{self._at(path)}: {'.'.join(path)} is {shown}; {rule}. The default holds."
        )

    def _unknown(self, path: tuple[str, ...], name: str, known: Any) -> None:
        from difflib import get_close_matches

        near = get_close_matches(name[:_SHOWN_CHARS], list(known), n=1, cutoff=0.6)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
        shown = ".".join((*path, name))[:_SHOWN_CHARS]
        self._problems.append(f"{self._at((*path, name))}: there is no {shown}. {hint}")

    def _at(self, path: tuple[str, ...]) -> str:
        line = _line_of(self._lines, path)
        return f"{self._name}, line {line}" if line else self._name


def _guards(profile: Profile) -> Iterator[tuple[str, object]]:
    return ((guard, getattr(profile, guard)) for guard in _GUARDS)


def _checked(profile: Profile) -> Profile:
    """As it is used. Raises AddressError, FingerprintError, Refused."""
    parse_address(profile.host)
    if profile.fingerprint is not None:
        fingerprint.parse(profile.fingerprint)
        if profile.tls == "off":
            raise FingerprintError('with tls = "off" there is no key to look at; take one out')
    return msgspec.structs.replace(
        profile,
        name=names.check_name(profile.name) if profile.name else None,
        rooms=tuple(names.check_room(room.removeprefix("#")) for room in profile.rooms),
    )


def _shown(value: Any) -> str:
    # As it is written in TOML, as far as that can be.
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = {"True": "true", "False": "false"}.get(text, text)
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


def _line_of(lines: list[str], path: tuple[str, ...]) -> int | None:
    """Where it stands in the usual way of writing; None if it is written in another."""
    section: tuple[str, ...] = ()
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]\s*(#|\Z)", line):
            section = _key_parts(header[1])
            if section == path:
                return number
        elif (assigned := re.match(r"\s*([\w\-.\"' ]+?)\s*=", line)) and (
            (*section, *_key_parts(assigned[1])) == path
        ):
            return number
    return None


def _key_parts(written: str) -> tuple[str, ...]:
    parts = re.findall(r"\"([^\"]*)\"|'([^']*)'|([^.\s\"']+)", written)
    return tuple("".join(part) for part in parts)
