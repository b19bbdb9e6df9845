"""Plain mode as a process with pipes: what scripts may rely on."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fake_hall import FakeHall
from tests.support.harm import harm
from tests.support.processes import PATIENCE, HallProcess, Piped, Serve, Start, run
from tests.support.wire import Wire


@pytest.fixture
def hall(serve_process: Serve) -> HallProcess:
    return serve_process()


@pytest.fixture
def piped() -> Iterator[type[Piped]]:
    """Starts programs that are told what to do; none outlives its test."""
    started: list[Piped] = []

    class Started(Piped):
        def __init__(self, *arguments: str) -> None:
            super().__init__("tui", *arguments)
            started.append(self)

    yield Started
    for each in started:
        each.stop()


def test_a_line_that_is_piped_is_said_and_success_means_that_it_is_on_disk(
    hall: HallProcess,
) -> None:
    done = run("tui", hall.address, "--room", "general", "--name", "kim", given="hi\n")

    assert (done.returncode, done.stderr) == (0, "")
    assert hall.report("said")["text"] == "hi"
    assert done.stdout.splitlines()[-1].startswith("kim: hi (1, ")


def test_the_output_has_no_control_characters_whatever_the_terminal_is_called(
    hall: HallProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    given = "kim\n/list\n/who\n/help\n/manual\n/theme\n"

    done = run("tui", hall.address, "--plain", "--room", "tea", "--name", "kim", given=given)

    assert not [char for char in done.stdout if ord(char) < 0x20 and char != "\n"]


def test_each_line_is_a_message_in_its_order_beyond_what_flood_control_lets_through_at_once(
    serve_process: Serve,
) -> None:
    hall = serve_process("--flood", "10/100")
    texts = [f"line {number}" for number in range(60)]

    done = run("tui", hall.address, "--room", "tea", "--name", "kim", given="\n".join(texts))

    assert done.returncode == 0
    assert [hall.report("said")["text"] for _ in texts] == texts


def test_without_input_the_room_is_shown(hall: HallProcess) -> None:
    run("send", hall.address, "tea", "two\nlines", "--name", "ada")

    done = run("tui", hall.address, "--room", "tea", "--name", "kim")

    assert done.returncode == 0
    assert done.stdout.splitlines()[-2].startswith("ada: two (1, ")
    assert done.stdout.splitlines()[-1] == "  lines"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (b"caf\xe9\nsaid\n", "line 1 is not UTF-8 at byte 3"),
        (b"x" * 70_000 + b"\nsaid\n", "line 1 has more than 65,536 bytes"),
        (b"x" * 8_001 + b"\nsaid\n", "at most 8000 characters"),
        (b"/bogus\nsaid\n", "no /bogus"),
    ],
    ids=["not UTF-8", "too long to be read", "too long", "no command"],
)
def test_what_cannot_be_said_ends_with_3_and_harms_no_other_line(
    hall: HallProcess, given: bytes, why: str
) -> None:
    done = run("tui", hall.address, "--room", "tea", "--name", "kim", given=given)

    assert done.returncode == 3
    assert why in done.stdout
    assert hall.report("said")["text"] == "said"


def test_a_text_outside_of_all_rooms_ends_with_3(hall: HallProcess) -> None:
    done = run("tui", hall.address, "--name", "kim", given="hello\n")

    assert done.returncode == 3
    assert "nobody would read it" in done.stdout


async def test_a_name_that_was_asked_for_and_is_taken_ends_with_1(hall: HallProcess) -> None:
    kim = await Wire.enter(hall.port, "kim")

    done = run("tui", hall.address, "--name", "Kim", given="hello\n")

    assert done.returncode == 1
    assert done.stderr == "pychat tui: the name 'Kim' is taken; choose another\n"
    await kim.close()


def test_two_people_without_a_name_have_two_and_one_person_has_one(
    hall: HallProcess, piped: type[Piped], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = piped(hall.address), piped(hall.address)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    other = piped(hall.address)

    names = []
    for each in (first, again, other):
        # Before it stands that another program has the same outbox, where one has.
        while not (line := each.output.next()).startswith("You are "):
            pass
        names.append(line.split(" in ")[0])

    assert names[0] == names[1] != names[2]


def test_a_reader_that_leaves_ends_it(hall: HallProcess) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pychat", "tui", hall.address, "--room", "tea", "--name", "kim"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()

        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_an_output_that_takes_nothing_ends_with_1(hall: HallProcess) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pychat", "tui", hall.address, "--name", "kim"],
            input=b"/help\n",
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"No space left" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_a_farewell(
    hall: HallProcess, piped: type[Piped], number: signal.Signals
) -> None:
    kim = piped(hall.address, "--name", "kim", "--room", "tea")
    kim.sees("Nothing was said here yet.")

    kim.signal(number)

    assert kim.end() == 128 + number
    assert kim.errors.rest() == []
    assert hall.report("went")["name"] == "kim"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_typed_and_not_confirmed_is_sent_once_by_the_next_run(
    serve_process: Serve, piped: type[Piped], start: Start, number: signal.Signals
) -> None:
    hall = serve_process()
    kim = piped(hall.address, "--name", "kim", "--room", "tea")
    kim.sees("Nothing was said here yet.")
    hall.signal(signal.SIGKILL)
    hall.end()
    kim.sees("No connection now.")
    kim.write("one", "two")
    _wait_for_queue(2)
    kim.signal(number)
    assert kim.end() == (128 + number if number == signal.SIGTERM else -number)
    if number == signal.SIGTERM:
        assert kim.errors.rest() == [
            "pychat tui: 2 messages not sent: kept here until you come back."
        ]

    again = serve_process("--port", str(hall.port))
    tail = start("tail", again.address, "tea")
    done = run("tui", again.address, "--plain", "--name", "kim", given="three\n")

    assert done.returncode == 0
    said = [tail.output.next().split("kim: ")[1] for _ in range(3)]
    assert said == ["one", "two", "three"]


def _wait_for_queue(count: int) -> None:
    """Until so many are on the disk."""
    deadline = time.monotonic() + PATIENCE
    state = Path(os.environ["XDG_STATE_HOME"])
    while sum(file.read_text().count('"added"') for file in state.rglob("*.jsonl")) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def test_a_hall_that_means_harm_does_nothing_to_who_reads_by_a_pipe() -> None:
    async with FakeHall() as fake:
        telling = asyncio.create_task(harm(fake))
        done = await asyncio.to_thread(
            run, "tui", fake.address, "--room", "tea", "--name", "kim", given="/who\n"
        )
        telling.cancel()
    assert done.returncode in (0, 1, 3)
    assert "the end" in done.stdout
    assert not [char for char in done.stdout if ord(char) < 0x20 and char != "\n"]
    assert not {"\x7f", "\x9b", "\x9d", "\u202e"} & set(done.stdout)
