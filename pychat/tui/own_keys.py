"""Keys of a person's own over those of a preset, over the defaults.

Every key of the Hall does one thing; what would give it a second is refused and told.
"""

from textual.keys import Keys as TextualKeys
from textual.keys import _character_to_key

from pychat.tui.keymap import Keymap, defaults, label, split_keys
from pychat.tui.presets import PRESETS
from pychat.tui.settings.schema import Keys

_NONE = "none"
_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_ALIASES = {
    "control": "ctrl",
    "option": "alt",
    "meta": "alt",
    "cmd": "super",
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "del": "delete",
    "ins": "insert",
    "bksp": "backspace",
}
_NAMES = {each.value for each in TextualKeys if "+" not in each.value and "<" not in each.value}
_PRINTABLE = {_character_to_key(each) for each in " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}
_SHOWN_CHARS = 40


class BadKeyError(ValueError):
    """What was written is no key that can be bound; the text says why."""


def keymap_of(wanted: Keys) -> Keymap:
    """What is not refused of it works."""
    base = _base(wanted)
    own: dict[str, tuple[str, ...]] = {}
    problems = []
    for name, written in wanted.bindings.items():
        try:
            own[_known(name)] = parse_keys(written)
        except BadKeyError as error:
            problems.append(f"keys.{name}: {error}.")
    # What has been given new keys does not hold on to its old ones.
    owners = {key: name for name, keys in base.items() if name not in own for key in keys}
    keys = dict(base)
    for name, bound in own.items():
        problems += [
            f"keys.{name}: {_taken(key, owners[key])}; {name} does not get it."
            for key in bound
            if key in owners
        ]
        free = tuple(key for key in bound if key not in owners)
        if bound and not free:
            free = tuple(key for key in base[name] if key not in owners)
        keys[name] = free
        owners |= dict.fromkeys(free, name)
    return Keymap(keys, tuple(problems))


def check_keys(name: str, written: str, wanted: Keys) -> str:
    """The keys in Textual's spelling. Raises BadKeyError also where another has one of them."""
    keys = parse_keys(written)
    for other, bound in keymap_of(wanted).keys.items():
        for key in bound:
            if key in keys and other != name:
                raise BadKeyError(f"{_taken(key, other)}; give that another key first")
    return ",".join(keys) or _NONE


def parse_keys(written: str) -> tuple[str, ...]:
    """Keys as a person writes them, between commas; `none` for no key. Raises BadKeyError."""
    if written.strip().lower() in ("", _NONE):
        return ()
    return tuple(dict.fromkeys(_parse(key) for key in written.split(",")))


def _base(wanted: Keys) -> dict[str, tuple[str, ...]]:
    preset = {name: split_keys(keys) for name, keys in PRESETS[wanted.preset].items()}
    return {**defaults(), **preset}


def _taken(key: str, owner: str) -> str:
    return f"{label(key)} is {owner} already"


def _known(name: str) -> str:
    if name in defaults():
        return name
    from difflib import get_close_matches

    near = get_close_matches(name[:_SHOWN_CHARS], defaults(), n=1, cutoff=0.6)
    hint = f"there is {near[0]}" if near else "`pychat config show` lists what there is"
    raise BadKeyError(f"nothing is called {name[:_SHOWN_CHARS]}; {hint}")


def _parse(written: str) -> str:
    """In Textual's spelling."""
    text = written.strip()
    parts = [part.strip().lower() for part in text.split("+")]
    if text == "+" or text.endswith("++"):
        parts = [*parts[:-2], "plus"]
    *modifiers, key = [_ALIASES.get(part, part) for part in parts]
    if len(key) == 1:
        key = _character_to_key(key)
    shown = repr(text[:_SHOWN_CHARS])
    if any(each not in _MODIFIERS for each in modifiers) or not _is_key(key):
        raise BadKeyError(f"{shown} is no key; keys are written like ctrl+k, alt+left, f5")
    if set(modifiers) <= {"shift"} and (len(key) == 1 or key in _PRINTABLE):
        raise BadKeyError(f"{shown} is what one types; it needs ctrl or alt before it")
    return "+".join((*(each for each in _MODIFIERS if each in modifiers), key))


def _is_key(key: str) -> bool:
    return (len(key) == 1 and key.isalnum()) or key in _NAMES or key in _PRINTABLE
