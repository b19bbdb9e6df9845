"""pychat.toml, the environment and the command line: what they mean, and all that is wrong."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.server.settings import reading
from pychat.server.settings.reading import ConfigError, Source, parse_listen
from pychat.server.settings.schema import Option, Settings, options


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pychat.toml"


def faults(source: Source) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        source.read()
    return refused.value.faults


def test_without_anything_the_defaults_hold() -> None:
    assert Source().read() == Settings()


def test_the_environment_comes_before_the_file_and_the_command_line_before_both(
    file: Path,
) -> None:
    file.write_text('[limits]\nusers = 1\nrooms = 1\n[hall]\nname = "file"\n')
    environment = {"PYCHAT_LIMITS_ROOMS": "2", "PYCHAT_HALL_NAME": "not = quoted"}

    read = Source(file=file, environment=environment, given={"hall.name": "given"}).read()

    assert (read.limits.users, read.limits.rooms, read.hall.name) == (1, 2, "given")
    assert Source(environment=environment).read().hall.name == "not = quoted"


def test_all_that_is_wrong_is_told_at_once_with_its_place(file: Path) -> None:
    file.write_text(
        "top = 1\n[limits]\nuserz = 3\nusers = 0\n[listne]\nport = 3\n[listen]\nport = true\n"
        'host = "1.2.3"\nkey = "key.pem"\n[deadlines]\ndead = 5\nsilence=10\n[flood]\nrate = nan\n'
    )

    told = faults(Source(file=file, environment={"PYCHAT_LIMITS_ROOM": "3"}))

    assert told == [
        "pychat.toml, line 1: there is no [top]; there are "
        + ", ".join(dict.fromkeys(option.section for option in options().values())),
        "pychat.toml, line 3: there is no limits.userz; did you mean limits.users?",
        "pychat.toml, line 4: limits.users is 0; it may be a whole number from 1 to 1,000,000",
        "pychat.toml, line 5: there is no [listne]; did you mean listen?",
        "pychat.toml, line 8: listen.port is true; it may be a whole number from 0 to 65,535",
        "pychat.toml, line 15: flood.rate is nan; it may be a number of commands a second from "
        "0.01 to 10,000",
        "the environment: there is no PYCHAT_LIMITS_ROOM; did you mean PYCHAT_LIMITS_ROOMS?",
        "pychat.toml, line 9: listen.host: '1.2.3' is not an IPv4 address: it has four numbers up "
        "to 255",
        "pychat.toml, line 13 and pychat.toml, line 12: deadlines.dead is 5 and deadlines.silence "
        "10: dead must be the larger, or nobody could answer a ping in time",
        "a default and pychat.toml, line 10: listen.certificate and listen.key are two files that "
        "belong together; give both",
    ]


NUMBERS = [option for option in options().values() if option.kind in (int, float)]


@pytest.mark.parametrize("option", NUMBERS, ids=lambda option: option.key)
def test_each_number_is_taken_up_to_its_bounds_and_no_further(option: Option) -> None:
    least, most = option.bounds
    step = 1 if option.kind is int else 0.001

    for value in (least, most):
        assert "it may be" not in complaints(option.key, option.kind(value))
    for value in (least - step, most + step):
        assert f"it may be {option.allowed}" in complaints(option.key, value)


def complaints(key: str, value: object) -> str:
    try:
        Source(given={key: value}).read()
    except ConfigError as refused:
        return str(refused)
    return ""


def test_what_is_no_toml_or_not_there_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(Source(file=file)) == [f"{file} cannot be read: No such file or directory"]
    for written in (b"[limits", b"\xff", b"a = " + b"[" * 5_000):
        file.write_bytes(written)
        assert faults(Source(file=file))[0].startswith(f"{file} is no TOML that can be used: ")

    monkeypatch.setattr(reading, "FILE_BYTES", 20)
    file.write_text("#" * 20)
    assert Source(file=file).read() == Settings()
    file.write_text("#" * 21)
    assert faults(Source(file=file)) == [
        f"{file} is no TOML that can be used: it is larger than 20 bytes"
    ]


def test_of_many_faults_their_number_is_told(file: Path) -> None:
    file.write_text("[limits]\n" + "\n".join(f"x{number} = 1" for number in range(25)))

    told = faults(Source(file=file))

    assert len(told) == reading.FAULTS + 1
    assert told[-1] == "and 5 more faults"


def test_a_secret_is_never_shown() -> None:
    told = faults(Source(environment={"PYCHAT_ACCESS_PASSWORD": "hunter2" * 40}))

    assert told == [
        "PYCHAT_ACCESS_PASSWORD: access.password is not shown; it may be a text of at most 256 "
        "characters"
    ]


def test_a_list_needs_no_brackets_in_the_environment() -> None:
    def operators(text: str) -> tuple[str, ...]:
        return Source(environment={"PYCHAT_ACCESS_OPERATORS": text}).read().access.operators

    assert operators("ada, bo") == operators('["ada", "bo"]') == ("ada", "bo")
    assert operators("") == ()
    assert "access.operators" in faults(Source(given={"access.operators": ["a b"]}))[0]


def test_what_other_programs_read_from_the_environment_is_no_setting() -> None:
    other = {"PYCHAT_CONFIG": "x", "PYCHAT_TRACEBACK": "1", "LIMITS_USERS": "no"}

    assert Source(environment=other).read() == Settings()


def test_a_fault_does_nothing_to_a_terminal(file: Path) -> None:
    file.write_text('[hall]\nname = "\\u001b[2J"\n"\\u001b]0;x" = 1\n"a\\nb" = 2\nport = "\\u009b"')

    assert "".join(faults(Source(file=file))).isprintable()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:9222", ("127.0.0.1", 9222)),
        ("[::1]:0", ("::1", 0)),
        ("metrics.lan:65535", ("metrics.lan", 65535)),
    ],
)
def test_a_place_to_listen_is_a_host_and_a_port(text: str, place: tuple[str, int]) -> None:
    assert parse_listen(text) == place


@pytest.mark.parametrize("text", ["9222", ":9222", "a:", "a:65536", "a:-1", "[::1", "[x]:1", "a:٣"])
def test_what_is_no_place_to_listen_is_refused(text: str) -> None:
    assert "metrics.listen" in faults(Source(given={"metrics.listen": text}))[0]


_KEYS = st.sampled_from(sorted(options())) | st.text()
_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)


@given(st.dictionaries(_KEYS, _VALUES | st.lists(_VALUES, max_size=2), max_size=4))
def test_whatever_is_given_makes_settings_or_is_told(table: dict[str, object]) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(Source(given=table).read(), Settings)
