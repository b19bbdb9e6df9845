"""pychat.toml, the environment and the command line as Settings. What is wrong in any of them is
told all at once, and then none of it holds: a Hall does not open with half of what was meant."""

import ipaddress
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from pychat.protocol import names
from pychat.protocol.errors import PychatError, Refused
from pychat.protocol.text import clean_line
from pychat.server.settings.schema import Option, Settings, Value, options

FILE_BYTES = 262_144
"""Of pychat.toml: the example with all its comments takes a twentieth of it."""

FAULTS = 20
"""Told at one time; of more, their number."""

PREFIX = "PYCHAT_"

_SHOWN_CHARS = 60


class ConfigError(PychatError):
    """The settings make no sense; `faults` has a sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        more = len(faults) - FAULTS
        self.faults = faults[:FAULTS] + ([f"and {more} more faults"] if more > 0 else [])
        super().__init__("\n".join(self.faults))


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where settings come from, the later ones before the earlier: to be read again and again."""

    file: Path | None = None
    environment: Mapping[str, str] = {}
    given: Mapping[str, object] = {}
    """On the command line, by key."""

    def read(self) -> Settings:
        """Raises ConfigError."""
        reading = _Reading()
        if self.file is not None:
            reading.take_file(self.file)
        reading.take_environment(self.environment)
        for key, value in self.given.items():
            reading.take(key, value, "the command line")
        return reading.settings()


class _Reading:
    def __init__(self) -> None:
        self._values: dict[str, Value] = {}
        self._places: dict[str, str] = {}
        """Where each was taken from."""
        self._faults: list[str] = []

    def take_file(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                written = file.read(FILE_BYTES + 1)
            if len(written) > FILE_BYTES:
                raise ValueError(f"it is larger than {FILE_BYTES:,} bytes")
            text = written.decode("utf-8-sig")
            table = tomllib.loads(text)
        except OSError as fault:
            self._faults.append(f"{path} cannot be read: {fault.strerror or fault}")
        except (ValueError, RecursionError) as fault:
            why = "brackets nested too deeply" if isinstance(fault, RecursionError) else fault
            why = "no text in UTF-8" if isinstance(fault, UnicodeDecodeError) else why
            self._faults.append(clean_line(f"{path} is no TOML that can be used: {why}"))
        else:
            self._take_table(path.name, table, text.splitlines())

    def _take_table(self, name: str, table: dict[str, Any], lines: list[str]) -> None:
        sections = dict.fromkeys(option.section for option in options().values())
        for section, fields in table.items():
            where = _place(name, lines, (section,))
            if section not in sections:
                self._unknown(where, f"[{section}]", section, list(sections))
            elif not isinstance(fields, dict):
                self._faults.append(f"{where}: {section} is a section; write [{section}]")
            else:
                for field, value in fields.items():
                    self.take(f"{section}.{field}", value, _place(name, lines, (section, field)))

    def take_environment(self, environment: Mapping[str, str]) -> None:
        """What begins as a section does is meant for the Hall; other programs of pychat have
        variables of their own."""
        known = {_variable(key): option for key, option in options().items()}
        beginnings = tuple({f"{PREFIX}{option.section}_".upper() for option in known.values()})
        for variable, text in environment.items():
            if not variable.startswith(beginnings):
                continue
            if variable not in known:
                self._unknown("the environment", variable, variable, list(known))
                continue
            option = known[variable]
            self.take(option.key, _understood(option, text), variable)

    def take(self, key: str, value: object, place: str) -> None:
        option = options().get(key)
        if option is None:
            section = key.partition(".")[0]
            near = [each for each in options() if each.startswith(f"{section}.")]
            self._unknown(place, key, key, near)
            return
        try:
            self._values[key] = msgspec.convert(value, option.type)
            self._places[key] = place
        except msgspec.ValidationError:
            shown = "not shown" if option.secret else _shown(value)
            self._faults.append(f"{place}: {key} is {shown}; it may be {option.allowed}")

    def _unknown(self, place: str, shown: str, name: str, known: list[str]) -> None:
        near = get_close_matches(name[:_SHOWN_CHARS], known, n=1, cutoff=0.6)
        there = ", ".join(each.rpartition(".")[2] for each in known)
        hint = f"did you mean {near[0]}?" if near else f"there are {there}"
        self._faults.append(f"{place}: there is no {clean_line(shown)[:_SHOWN_CHARS]}; {hint}")

    def settings(self) -> Settings:
        table: dict[str, dict[str, Value]] = {}
        for key, value in self._values.items():
            section, _, field = key.partition(".")
            table.setdefault(section, {})[field] = value
        settings = msgspec.convert(table, Settings)
        for keys, fault in _contradictions(settings):
            places = dict.fromkeys(self._places.get(key, "a default") for key in keys)
            self._faults.append(f"{' and '.join(places)}: {fault}")
        if self._faults:
            raise ConfigError(self._faults)
        return settings


def _contradictions(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with values that each may be, and whose they are."""
    from pychat.server.listener import HostError, check_host

    try:
        check_host(settings.listen.host)
    except HostError as fault:
        yield ("listen.host",), f"listen.host: {fault}"
    due = settings.deadlines
    if due.dead <= due.silence:
        yield (
            ("deadlines.silence", "deadlines.dead"),
            f"deadlines.dead is {due.dead:g} and deadlines.silence {due.silence:g}: dead must be "
            "the larger, or nobody could answer a ping in time",
        )
    if bool(settings.listen.certificate) != bool(settings.listen.key):
        text = "listen.certificate and listen.key are two files that belong together; give both"
        yield ("listen.certificate", "listen.key"), text
    if settings.listen.certificate and settings.listen.tls == "off":
        text = "listen.tls is off, and there is listen.certificate; take one of them away"
        yield ("listen.tls", "listen.certificate"), text
    for key in ("allowed_names", "operators"):
        for name in getattr(settings.access, key):
            try:
                names.check_name(name)
            except Refused as fault:
                yield (f"access.{key}",), f"access.{key}: {fault}"
    for server in settings.cluster.servers:
        if not re.fullmatch(r"(nats|tls)://[^\s/]+", server):
            text = "is no address of a NATS server, such as nats://10.0.0.1:4222"
            yield ("cluster.servers",), f"cluster.servers: {_shown(server)} {text}"
    for monitor in settings.cluster.monitors:
        if not re.fullmatch(r"https?://[^\s@]+", monitor):
            text = "is no address where a NATS server is monitored, such as http://10.0.0.1:8222"
            yield ("cluster.monitors",), f"cluster.monitors: {_shown(monitor)} {text}"
    if settings.metrics.listen:
        try:
            check_host(parse_listen(settings.metrics.listen)[0])
        except (HostError, ValueError) as fault:
            yield ("metrics.listen",), f"metrics.listen: {fault}"


def parse_listen(text: str) -> tuple[str, int]:
    """`HOST:PORT`, with brackets around an IPv6 address. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65_535:
        raise ValueError(f"{_shown(text)} is no HOST:PORT, such as 127.0.0.1:9222")
    if host.startswith("["):
        try:
            host = str(ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]")))
        except ValueError:
            raise ValueError(f"{_shown(text)} has no IPv6 address in its brackets") from None
    return host, int(port)


def _variable(key: str) -> str:
    return PREFIX + key.replace(".", "_").upper()


def _understood(option: Option, text: str) -> object:
    """As it would be in TOML, if it can be; a text needs no quotes, a list no brackets."""
    if option.kind is str:
        return text
    if option.kind is tuple and not text.startswith("["):
        return [each.strip() for each in text.split(",") if each.strip()]
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
    except tomllib.TOMLDecodeError:
        return text


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = clean_line({"True": "true", "False": "false"}.get(text, text))
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


def _place(name: str, lines: list[str], path: tuple[str, ...]) -> str:
    """With the line, where it stands there in the usual way of writing."""
    section: tuple[str, ...] = ()
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[([\w.\-]+)\]\s*(#|\Z)", line):
            section = tuple(header[1].split("."))
            if section == path:
                return f"{name}, line {number}"
        elif (assigned := re.match(r"\s*([\w.\-]+)\s*=", line)) and (
            (*section, *assigned[1].split(".")) == path
        ):
            return f"{name}, line {number}"
    return name
