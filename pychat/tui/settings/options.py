"""The schema in words: every option with its type, bounds and help. The settings screen, `/set`,
`pychat config` and the documentation have it from here; what is only started does not load it.
"""

from difflib import get_close_matches
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from pychat.protocol.errors import PychatError
from pychat.tui.settings.reading import SECTIONS
from pychat.tui.settings.schema import DEFAULTS, Profile, Settings

Value = bool | int | str | tuple[str, ...]
Kind = Literal["switch", "choice", "number", "text", "words", "table", "key"]

_SHOWN_CHARS = 60
_DEFAULT = "default"
_ON = ("on", "true", "yes", "1")
_OFF = ("off", "false", "no", "0")
_NOTHING = ("", "none", "off", "-")
"""For an empty text or list."""


class OptionError(PychatError):
    """What was written is no value of the option; the text says what is."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    path: tuple[str, ...]
    kind: Kind
    type: Any
    default: Any
    help: str

    @property
    def key(self) -> str:
        """`look.theme`."""
        return ".".join(self.path)

    @property
    def choices(self) -> tuple[str, ...]:
        """Of those there are, in their order."""
        bare, _ = _bare(self.type)
        return tuple(get_args(bare)) if self.kind == "choice" else ()

    @property
    def allowed(self) -> str:
        return (
            "keys like ctrl+k, alt+left, f5, or none" if self.kind == "key" else allowed(self.type)
        )

    def value_in(self, settings: Settings) -> Any:
        section, name, *more = self.path
        if more:
            return settings.notify.level_of(more[0])
        if self.kind == "key":
            from pychat.tui.own_keys import keymap_of

            return keymap_of(settings.keys).keys[name]
        return getattr(getattr(settings, section), name)

    def parse(self, written: str, settings: Settings = DEFAULTS) -> Value | None:
        """The value as a person writes it; None is `default`, for all options. Raises OptionError.

        `settings` are those beside which it is to hold: a key may be taken.
        """
        written = written.strip()
        if written.lower() == _DEFAULT:
            return None
        if self.kind == "key":
            return _key(self.path[1], written, settings)
        if self.kind == "table":
            raise OptionError(f"{self.key} are several: write {self.key}.NAME")
        try:
            return cast(Value, msgspec.convert(self._read(written), self.type))
        except msgspec.ValidationError:
            close = get_close_matches(written[:_SHOWN_CHARS].lower(), self.choices, n=1)
            meant = f". Did you mean {close[0]}?" if close else ""
            raise OptionError(f"{self.key} may be {self.allowed}{meant}") from None

    def _read(self, written: str) -> object:
        low = written.lower()
        match self.kind:
            case "switch":
                return True if low in _ON else False if low in _OFF else written
            case "number":
                # Digits of other scripts are numbers for int(), too.
                return int(written) if written.isascii() and written.isdigit() else written
            case "words":
                words = [word.strip() for word in written.split(",")]
                return [] if low in _NOTHING else words
            case "choice":
                return low
            case _:
                return "" if low in _NOTHING else written


def _key(name: str, written: str, settings: Settings) -> str:
    from pychat.tui.own_keys import BadKeyError, check_keys

    try:
        return check_keys(name, written, settings.keys)
    except BadKeyError as error:
        raise OptionError(str(error)) from None


def find(key: str) -> Option | None:
    """Also of those that are not in every file: `keys.quit`, `notify.rooms.general`."""
    parts = tuple(key.split(".", 2))
    if parts[0] == "keys" and len(parts) == 2 and parts[1] != "preset":
        return next((each for each in key_options() if each.key == key), None)
    if parts[:2] == ("notify", "rooms") and len(parts) == 3 and parts[2]:
        level = all_options()["notify.level"]
        help = f"What calls you in #{parts[2]}."
        return msgspec.structs.replace(level, path=parts, help=help)
    return all_options().get(key)


def near(key: str) -> str:
    """A sentence about a key that there is not."""
    shown = key[:_SHOWN_CHARS]
    known = [*all_options(), *(option.key for option in key_options())]
    found = get_close_matches(shown, known, n=1, cutoff=0.5)
    hint = f"did you mean {found[0]}?" if found else "`pychat config show` lists what there is"
    return f"there is no setting {shown}: {hint}"


def key_options() -> list[Option]:
    """One for each thing that a key does."""
    from pychat.tui.keymap import defaults, titles

    names = titles()
    return [
        Option(
            path=("keys", name),
            kind="key",
            type=str,
            default=keys,
            help=f"{names[name].capitalize()}.",
        )
        for name, keys in defaults().items()
    ]


def all_options() -> dict[str, Option]:
    """Those that are there in every file, by key, in the order of the schema."""
    return {
        option.key: option
        for section, type_ in SECTIONS.items()
        for option in _options(section, type_)
        if (option.kind, section) != ("table", "keys")
    }


def profile_options() -> list[Option]:
    """Of [profiles.NAME]."""
    return list(_options("profiles.NAME", Profile))


def _options(section: str, type_: type[msgspec.Struct]) -> list[Option]:
    defaults = {field.name: field.default for field in msgspec.structs.fields(type_)}
    return [
        Option(
            path=(*section.split("."), name),
            kind=_kind(annotated),
            type=annotated,
            default={} if _kind(annotated) == "table" else defaults[name],
            help=_description(annotated),
        )
        for name, annotated in types_of(type_).items()
    ]


def types_of(type_: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(type_, include_extras=True)


def entry_of(annotated: Any) -> Any:
    """The type of a table's values; None if it is no table."""
    bare, _ = _bare(annotated)
    return get_args(bare)[1] if get_origin(bare) is dict else None


def in_words(value: Any) -> str:
    """A value as `parse` reads it."""
    match value:
        case bool():
            return "on" if value else "off"
        case tuple() | list():
            return ", ".join(value) or "none"
        case dict():
            return ", ".join(f"{name} {each}" for name, each in value.items()) or "none"
        case "" | None:
            return "none"
        case _:
            return str(value)


def allowed(annotated: Any) -> str:
    """What a value may be, as the end of a sentence."""
    bare, meta = _bare(annotated)
    if get_origin(bare) is Literal:
        return _either([str(each) for each in get_args(bare)])
    if bare is bool:
        return "on or off (true or false in the file)"
    if bare is int:
        return f"a whole number from {meta.ge:,} to {meta.le:,}"
    if get_origin(bare) is tuple:
        return _allowed_list(get_args(bare)[0], meta.max_length)
    if get_origin(bare) is dict:
        return f"a table: each of its values is {allowed(get_args(bare)[1])}"
    if meta.examples:
        return f"like {meta.examples[0]}, or none"
    most = f" of at most {meta.max_length} characters" if meta.max_length else ""
    return f"a text{most}"


def _allowed_list(each: Any, most: int | None) -> str:
    bare, meta = _bare(each)
    if get_origin(bare) is Literal:
        return f"a list of {_either(list(get_args(bare)))}, or none"
    size = f" of at most {meta.max_length} characters each" if meta.max_length else ""
    return f"a list of at most {most} texts{size}, or none"


def _either(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _kind(annotated: Any) -> Kind:
    bare, _ = _bare(annotated)
    if get_origin(bare) is Literal:
        return "choice"
    if get_origin(bare) is tuple:
        return "words"
    if get_origin(bare) is dict:
        return "table"
    return "switch" if bare is bool else "number" if bare is int else "text"


def _description(annotated: Any) -> str:
    return _bare(annotated)[1].description or ""


def _bare(annotated: Any) -> tuple[Any, Meta]:
    """Without what is said about it. `X | None` is an X that may be left out."""
    meta = Meta()
    while True:
        if get_origin(annotated) in (Union, UnionType):
            annotated = next(each for each in get_args(annotated) if each is not type(None))
        elif hasattr(annotated, "__metadata__"):
            found = annotated.__metadata__[0]
            meta, annotated = found if meta == Meta() else meta, annotated.__origin__
        else:
            return annotated, meta
