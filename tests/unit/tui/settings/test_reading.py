"""What config.toml says, and what is told of what it says wrongly."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.tui.settings import reading
from pychat.tui.settings.options import all_options
from pychat.tui.settings.reading import FILE_BYTES, PROBLEMS, PROFILES, load, understand
from pychat.tui.settings.schema import DEFAULTS, Composer, Look, Settings


def read(written: str) -> Settings:
    settings, problems = understand(written)
    assert not problems
    return settings


def problem(written: str) -> str:
    settings, problems = understand(written)
    assert settings == DEFAULTS
    [sentence] = problems
    return sentence


def test_a_file_that_is_not_there_means_the_defaults_and_no_word(tmp_path: Path) -> None:
    loaded = load(tmp_path / "config.toml")

    assert (loaded.settings, loaded.problems) == (DEFAULTS, ())


def test_a_missing_file_that_was_asked_for_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYCHAT_CONFIG", str(tmp_path / "other.toml"))

    [told] = load().problems
    assert told.startswith(f"{tmp_path / 'other.toml'}, named by PYCHAT_CONFIG, is not there yet")


def test_the_file_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text('[look]\nclock = "12h"')
    monkeypatch.setenv("PYCHAT_CONFIG", str(tmp_path / "mine.toml"))

    assert load().settings.look.clock == "12h"


def test_what_is_not_said_has_its_default() -> None:
    settings = read('[look]\ntheme = "nord"\n[composer]\npaste_lines = 9')

    assert settings.look == Look(theme="nord")
    assert settings.composer == Composer(paste_lines=9)


def test_every_default_is_valid() -> None:
    tree = msgspec.to_builtins(DEFAULTS)

    assert msgspec.convert(tree, Settings) == DEFAULTS


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("look.text_width", 30, 500),
        ("composer.paste_lines", 1, 200),
        ("composer.paste_chars", 80, 100_000),
    ],
)
def test_a_number_holds_up_to_its_bounds(key: str, low: int, high: int) -> None:
    section, name = key.split(".")
    for value in (low, low + 1, high - 1, high):
        settings = read(f"[{section}]\n{name} = {value}")
        assert all_options()[key].value_in(settings) == value
    for value in (low - 1, high + 1):
        told = problem(f"[{section}]\n{name} = {value}")
        assert f"{key} is {value}; it may be a whole number from {low:,} to {high:,}" in told


@pytest.mark.parametrize("count", [99, 100, 101])
def test_a_hundred_words_may_be_mentions(count: int) -> None:
    settings, problems = understand(f"[mentions]\nwords = {[f'w{each}' for each in range(count)]}")

    assert len(settings.mentions.words) == (count if count <= 100 else 0)
    assert len(problems) == (count > 100)


@pytest.mark.parametrize("chars", [1, 63, 64, 65, 0])
def test_a_word_has_from_1_to_64_characters(chars: int) -> None:
    settings, problems = understand(f'[mentions]\nwords = ["{"x" * chars}"]')

    assert bool(settings.mentions.words) == (1 <= chars <= 64)
    assert bool(problems) != (1 <= chars <= 64)


@pytest.mark.parametrize("hours", ["", "22:00-08:00", "00:00-23:59"])
def test_quiet_hours(hours: str) -> None:
    assert read(f'[notify]\nquiet = "{hours}"').notify.quiet == hours


@pytest.mark.parametrize("hours", ["24:00-08:00", "22:60-08:00", "22-8", "22:00-08:00\\n", "x"])
def test_quiet_hours_that_are_none(hours: str) -> None:
    assert "it may be like 22:00-08:00, or none" in problem(f'[notify]\nquiet = "{hours}"')


KEY = f"sha256:{'4f' * 32}"

BAD = [
    ("[look]\n\nclock = '13h'", 'line 3: look.clock is "13h"; it may be 24h or 12h. The default'),
    ("look.clock = 13", "line 1: look.clock is 13; it may be 24h or 12h."),
    ("[look]\njoins = 'yes'", 'line 2: look.joins is "yes"; it may be on or off (true or false'),
    ("[look]\ntext_width = true", "line 2: look.text_width is true; it may be a whole number"),
    ("[look]\ntext_width = 99.5", "line 2: look.text_width is 99.5; it may be a whole number"),
    ("[look]\nclok = '12h'", "line 2: there is no look.clok. Did you mean clock?"),
    ("[loook]\nclock = '12h'", "line 1: there is no loook. Did you mean look?"),
    ("look = 3", "line 1: look is 3; it is a section: write [look]"),
    ("profiles = 3", "line 1: profiles is 3; it is sections: write [profiles.NAME]"),
    ("[notify]\nchannels = ['horn']", "it may be a list of bell, osc or command, or none"),
    ("[notify]\nchannels = 'bell'", "it may be a list of bell, osc or command, or none"),
    ("[notify.rooms]\ndev = 'loud'", 'line 2: notify.rooms.dev is "loud"; it may be all, mentions'),
    ("[keys]\nquit = 3", 'line 2: keys.quit is 3; it is a key, as "ctrl+t", or a list of them'),
    ("[profiles.a]\nname = 'kim'", 'line 1: profile a needs a host, like host = "chat.lan"'),
    ("[profiles]\na = 3", 'line 2: profile a needs a host, like host = "chat.lan"'),
    ("[profiles.a]\nhost = 'a b'", "line 1: profile a: 'a b' is no address"),
    ("[profiles.a]\nhost = 3", "line 2: profiles.a.host is 3; it may be a text"),
    ("[profiles.a]\nhost = 'h'\nname = 'a b'", "line 1: profile a: a name has letters, digits"),
    ("[profiles.a]\nhost = 'h'\nrooms = ['a b']", "line 1: profile a: a room's name has letters"),
    ("[profiles.a]\nhost = 'h'\nfingerprint = '12'", "line 1: profile a: a fingerprint is sha256:"),
    (f"[profiles.a]\nhost = 'h'\ntls = 'off'\nfingerprint = '{KEY}'", "there is no key to look at"),
    ("[look", "config.toml is no TOML ("),
    ("a = " + "[" * 5_000, "config.toml is no TOML (brackets nested too deeply)"),
]


@pytest.mark.parametrize(("written", "told"), BAD)
def test_what_is_wrong_is_told_with_its_place_and_what_is_allowed(written: str, told: str) -> None:
    assert told in problem(written)


def test_one_bad_value_costs_no_other() -> None:
    settings, problems = understand("[look]\nclock = '12h'\njoins = 3\ntext_width = 80")

    assert settings.look == Look(clock="12h", text_width=80)
    assert len(problems) == 1


def test_a_bad_room_costs_no_other_room() -> None:
    settings, problems = understand("[notify.rooms]\ndev = 'all'\nops = 3")

    assert settings.notify.rooms == {"dev": "all"}
    assert len(problems) == 1


def test_the_level_of_a_room_is_found_by_any_spelling() -> None:
    notify = read("[notify]\nlevel = 'none'\n[notify.rooms]\nDev = 'all'").notify

    assert (notify.level_of("dev"), notify.level_of("ops")) == ("all", "none")


def test_a_profile_that_is_wrong_in_part_is_taken_without_it() -> None:
    settings, problems = understand("[profiles.a]\nhost = 'h'\nport = 0\nrooms = ['#dev']")

    assert settings.profiles["a"].port is None
    assert settings.profiles["a"].rooms == ("dev",)
    assert "line 3: profiles.a.port is 0; it may be a whole number from 1 to 65,535" in problems[0]


@pytest.mark.parametrize(
    "guard", ["fingerprint = 3", "fingerprint = '12'", "tls = 'requird'", "tls = true"]
)
def test_a_profile_whose_guard_is_not_understood_is_left_out(guard: str) -> None:
    """Its default would trust another Hall at first sight, or speak to it without encryption."""
    settings, problems = understand(f"[profiles.a]\nhost = 'h'\n{guard}\n[profiles.b]\nhost = 'h'")

    assert list(settings.profiles) == ["b"]
    assert any("left out" in problem for problem in problems)


@pytest.mark.parametrize("count", [PROFILES - 1, PROFILES, PROFILES + 1])
def test_a_hundred_profiles_are_taken(count: int) -> None:
    settings, problems = understand("\n".join(f"[profiles.p{n}]\nhost='h'" for n in range(count)))

    assert len(settings.profiles) == min(count, PROFILES)
    assert len(problems) == (count > PROFILES)


@pytest.mark.parametrize("count", [PROBLEMS - 1, PROBLEMS, PROBLEMS + 1])
def test_of_many_problems_the_first_are_told_and_their_number(count: int) -> None:
    _, problems = understand("\n".join(f"[unknown{n}]" for n in range(count)))

    assert len(problems) == count
    assert problems[-1].endswith("1 more options were not understood.") == (count > PROBLEMS)


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_a_file_may_have_256_kibibytes(tmp_path: Path, over: int) -> None:
    path = tmp_path / "config.toml"
    head = '[look]\nclock = "12h"\n#'
    path.write_text(head + "x" * (FILE_BYTES + over - len(head)))

    loaded = load(path)

    assert loaded.settings.look.clock == ("24h" if over > 0 else "12h")
    assert bool(loaded.problems) == (over > 0)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    [told] = load(tmp_path).problems

    assert told == f"{tmp_path} cannot be read (Is a directory): the defaults hold."


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")

    assert load(path).problems == ("config.toml is no TOML (no text in UTF-8): the defaults hold.",)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[look]\nclock = '12h'")

    assert load(path).settings.look.clock == "12h"


_words = st.sampled_from(
    [*reading.SECTIONS, "profiles", "theme", "rooms", "preset", "host", "quit", "channels", "x"]
)
_texts = st.sampled_from(["nord", "bell", "", "\x1b[31m", "a"])
_values = st.recursive(
    st.integers(-5, 999) | st.booleans() | _texts,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(_words, each, max_size=4),
    max_leaves=12,
)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\x1b", "\\u001b") + '"'
    return str(value).lower()


@given(st.dictionaries(_words, _values, max_size=6))
def test_whatever_stands_in_it_there_are_settings_and_sentences(tree: dict[str, object]) -> None:
    written = "\n".join(f"{key} = {_toml(value)}" for key, value in tree.items())

    settings, problems = understand(written)

    assert isinstance(settings, Settings)
    assert all(sentence.endswith((".", "?")) for sentence in problems)


@given(st.text())
def test_any_text_is_read_without_a_fault(written: str) -> None:
    assert isinstance(understand(written)[0], Settings)
