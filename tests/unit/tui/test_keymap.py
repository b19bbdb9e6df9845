"""Which key does what: presets, a person's own keys, and what is refused."""

import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator
from typing import get_args

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import pychat.tui
from pychat.tui.keymap import Keymap, defaults, label, titles
from pychat.tui.keys import HELP
from pychat.tui.own_keys import BadKeyError, keymap_of, parse_keys
from pychat.tui.palette import ENTRIES
from pychat.tui.presets import PRESETS
from pychat.tui.settings.schema import Keys, Preset


def own(**keys: str) -> Keymap:
    return keymap_of(Keys(bindings={name.replace("_", "-"): key for name, key in keys.items()}))


def bindings() -> Iterator[tuple[type[DOMNode], Binding]]:
    """All of pychat's own, with the class that has them."""
    for module in pkgutil.walk_packages(pychat.tui.__path__, "pychat.tui."):
        for _, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if each.__module__ == module.name and issubclass(each, DOMNode):
                for binding in vars(each).get("BINDINGS", ()):
                    assert isinstance(binding, Binding), (each, binding)
                    yield each, binding


def test_every_binding_has_an_id_of_its_own() -> None:
    found = list(bindings())

    assert len(found) > 60
    assert not [(cls, binding.key) for cls, binding in found if binding.id is None]
    counts = Counter(binding.id for _, binding in found)
    assert not [id for id, count in counts.items() if count > 1]


def test_what_can_be_bound_is_in_a_table() -> None:
    """The keys of a box, whose ids have a dot, are its own and stay."""
    ids = {binding.id for _, binding in bindings()}

    assert {id for id in ids if id and "." not in id} == set(defaults()) == set(titles())


def test_the_presets_are_those_of_the_schema() -> None:
    assert set(PRESETS) == set(get_args(Preset))


@pytest.mark.parametrize("preset", get_args(Preset))
def test_no_key_of_a_preset_does_two_things(preset: Preset) -> None:
    keymap = keymap_of(Keys(preset=preset))

    counts = Counter(key for keys in keymap.keys.values() for key in keys)
    assert not [key for key, count in counts.items() if count > 1]
    assert not keymap.problems


@pytest.mark.parametrize("preset", get_args(Preset))
def test_a_preset_knows_only_what_there_is_and_writes_keys_as_textual_does(preset: Preset) -> None:
    for name, keys in PRESETS[preset].items():
        assert name in defaults()
        assert ",".join(parse_keys(keys)) == keys


def test_textual_is_told_only_what_differs() -> None:
    assert keymap_of(Keys()).overrides == {}
    assert own(quit="ctrl+q").overrides == {}
    assert own(quit="ctrl+t", retry="none").overrides == {"quit": "ctrl+t", "retry": "unbound"}


def test_own_keys_are_before_those_of_the_preset() -> None:
    keymap = keymap_of(Keys(preset="irc", bindings={"palette": "ctrl+t"}))

    assert keymap.keys["palette"] == ("ctrl+t",)
    assert keymap.keys["settings"] == ("f3",)


def test_a_key_that_another_has_is_refused_with_both_names_and_the_rest_works() -> None:
    keymap = own(search_here="ctrl+k,f9", top="ctrl+k", bottom="f10")

    assert keymap.problems == (
        "keys.search-here: Ctrl+K is switch-room already; search-here does not get it.",
        "keys.top: Ctrl+K is switch-room already; top does not get it.",
    )
    assert keymap.keys["switch-room"] == ("ctrl+k",)
    assert keymap.keys["search-here"] == ("f9",)
    assert keymap.keys["top"] == ("ctrl+home",)
    assert keymap.keys["bottom"] == ("f10",)


def test_two_may_exchange_their_keys() -> None:
    keymap = own(switch_room="ctrl+n", join_room="ctrl+k")

    assert not keymap.problems
    assert (keymap.keys["switch-room"], keymap.keys["join-room"]) == (("ctrl+n",), ("ctrl+k",))


def test_of_two_that_want_the_same_key_the_first_gets_it() -> None:
    keymap = own(top="f9", bottom="f9")

    assert keymap.problems == ("keys.bottom: F9 is top already; bottom does not get it.",)
    assert (keymap.keys["top"], keymap.keys["bottom"]) == (("f9",), ("ctrl+end",))


def test_a_name_that_there_is_not_is_told_with_the_nearest() -> None:
    assert own(serch_here="f9").problems == (
        "keys.serch-here: nothing is called serch-here; there is search-here.",
    )


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("Ctrl+K", ("ctrl+k",)),
        (" alt + Left ", ("alt+left",)),
        ("PgUp,pgdn", ("pageup", "pagedown")),
        ("shift+ctrl+x", ("ctrl+shift+x",)),
        ("ctrl++", ("ctrl+plus",)),
        ("ctrl+_", ("ctrl+underscore",)),
        ("Alt+.", ("alt+full_stop",)),
        ("f9, F9", ("f9",)),
        ("option+esc", ("alt+escape",)),
        ("none", ()),
        ("", ()),
    ],
)
def test_keys_are_read_as_people_write_them(written: str, keys: tuple[str, ...]) -> None:
    assert parse_keys(written) == keys


@pytest.mark.parametrize("written", ["a", "A", "shift+a", "?", "space", "ö"])
def test_what_one_types_is_no_key_by_itself(written: str) -> None:
    with pytest.raises(BadKeyError):
        parse_keys(written)


@pytest.mark.parametrize("written", ["ctrl", "ctrl+", "strg+k", "f99", "ctrl-k", "ctrl+k;", "\x1b"])
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(BadKeyError, match="is no key; keys are written like ctrl"):
        parse_keys(written)


def test_keys_are_shown_as_they_are_on_a_keyboard() -> None:
    assert [label(key) for key in ("ctrl+k", "alt+pageup", "f5", "escape")] == [
        *("Ctrl+K", "Alt+PgUp", "F5", "Esc")
    ]


def test_help_and_palette_name_only_keys_that_there_are() -> None:
    keymap = Keymap(dict.fromkeys(defaults(), ("f1", "f2")))
    for text in (*(keys for keys, _ in HELP), *(entry.help for entry in ENTRIES)):
        assert "{" not in keymap.fill(text)
        assert "no key" not in keymap.fill(text)


def test_help_shows_the_keys_as_they_are() -> None:
    keymap = own(switch_room="f9", retry="none")

    assert keymap.fill("{switch-room}: {new-line+}; {retry}") == "F9: Ctrl+J, Alt+Enter; no key"
