"""`pychat keys`: what this terminal sends, asked key by key or shown as it comes."""

from pychat.tui.key_table import Asked, table, to_ask, told
from pychat.tui.keymap import Keymap, defaults
from pychat.tui.own_keys import keymap_of
from pychat.tui.settings.schema import Keys
from tests.support.terminal import OpenTerminal, Terminal

BACK = b"\x1b[?1049l"


def said(person: Terminal) -> list[str]:
    """What stands on the terminal after the end, by words."""
    after = person.painted.rpartition(BACK)[2].decode()
    return [" ".join(line.split()) for line in after.splitlines()]


def test_each_key_is_asked_for_and_the_table_says_what_came(terminal: OpenTerminal) -> None:
    person = terminal("keys")
    person.sees("1 of", "press Ctrl+Q (quit)")
    for number, sent in enumerate(["\x11", "\x10", "\x0b", "x", "\x1b0", "¡", " ", "\x1b[1;3D"], 2):
        person.type(sent)
        person.sees(f"{number} of")
    person.sees("press Ctrl+PgUp (previous room)")
    person.type("\x1b")

    assert person.end() == 0
    lines = said(person)
    assert any(line.endswith("Ctrl+Q quit arrives") for line in lines)
    assert "Ctrl+N join room came as x instead: Join room in the palette or /join ROOM" in lines
    assert "Alt+1 place 1 came as ¡ instead: Ctrl+K" in lines
    assert "Alt+9 place 9 nothing came instead: Ctrl+K" in lines
    assert "Alt+Left previous room arrives" in lines
    assert lines[-1] == "3 of 8 do not arrive here."


def test_freely_it_shows_what_is_pressed_until_ctrl_c_twice(terminal: OpenTerminal) -> None:
    person = terminal("keys", "--free")
    person.sees("Press any key")
    for sent, seen in (("\x1b[15~", "F5"), ("\t", "Tab"), ("\x11", "Ctrl+Q"), ("\x03", "Ctrl+C")):
        person.type(sent)
        person.sees(seen)
    person.type("\x03")

    assert person.end() == 0


def test_the_keys_of_config_toml_are_asked_for(terminal: OpenTerminal) -> None:
    first = terminal("config", "set", "keys.quit", "ctrl+t")
    assert first.end() == 0
    person = terminal("keys")
    person.sees("press Ctrl+T (quit)")
    person.type("\x1b")

    assert person.end() == 0
    assert said(person)[-1].endswith("No key was tried.")


def test_all_keys_that_may_not_arrive_are_asked_for() -> None:
    asked = to_ask(keymap_of(Keys()))

    keys = [each.key for each in asked]
    assert {"ctrl+k", "alt+enter", "shift+enter", "alt+1", "alt+9", "f8", "ctrl+pageup"} < set(keys)
    assert len(keys) == len(set(keys))
    assert not {"left", "escape", "alt+5"} & set(keys)


def test_where_all_arrive_it_says_so() -> None:
    [quit, *_] = to_ask(Keymap(defaults()))

    assert table(Keymap(defaults()), {quit: (quit.key,)}).splitlines() == [
        *("Ctrl+Q  quit  arrives", "", "All 1 arrive here.")
    ]


def test_a_key_of_which_another_arrives_is_to_be_replaced_by_that() -> None:
    keymap = Keymap(defaults())
    asked = [Asked("new-line", key, "new line") for key in ("ctrl+j", "alt+enter")]

    lines = table(keymap, {asked[0]: (), asked[1]: ("alt+enter",)}).splitlines()

    assert lines[0].endswith("nothing came  instead: Alt+Enter")


def test_a_key_that_nothing_else_does_may_be_bound_anew() -> None:
    asked = Asked("undo", "ctrl+z", "undo")
    keymap = Keymap({**defaults(), "undo": ("ctrl+z",)})

    assert (
        table(keymap, {asked: ()})
        .splitlines()[0]
        .endswith("instead: another key: pychat config set keys.undo KEY")
    )


def test_what_a_terminal_makes_of_a_key_is_harmless() -> None:
    assert told(("escape", "1")) == "Esc then 1"
    assert told(("right_to_left_override",)) == "Right_to_left_override"
    assert told(()) == "nothing"
