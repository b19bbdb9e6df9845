"""send, tail, rooms, tui and chat as processes: what they do, and their exit codes."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pychat.cli.entering import login_name
from tests.support.here import run_here
from tests.support.processes import (
    PATIENCE,
    HallProcess,
    Serve,
    Start,
    interrupt,
    read_one_line,
    run,
)
from tests.support.wire import Wire


@pytest.fixture
def hall(serve_process: Serve) -> HallProcess:
    return serve_process()


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a program that is not pychat."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = "import socket, sys; s = socket.socket(fileno=int(sys.argv[1]))\n"
        code += "while True:\n  c, _ = s.accept()\n  c.sendall(b'HTTP/1.1 400\\r\\n'); c.close()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(server.fileno())], pass_fds=[server.fileno()]
        )
        yield port
        process.kill()
        process.wait(PATIENCE)


@pytest.fixture
def nobody() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_what_is_sent_is_in_the_room(hall: HallProcess) -> None:
    sent = run("send", hall.address, "tea", "good morning", "--name", "ada")

    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    said = hall.report("said")
    assert (said["room"], said["name"], said["text"]) == ("tea", "ada", "good morning")


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_all_lines_of_a_pipe_are_one_message(hall: HallProcess, arguments: list[str]) -> None:
    sent = run("send", hall.address, "tea", *arguments, given="one\r\ntwo\n\nthree\n")

    assert sent.returncode == 0
    assert hall.report("said")["text"] == "one\ntwo\n\nthree"


def test_the_port_may_be_given_apart(hall: HallProcess) -> None:
    assert run("send", "127.0.0.1", "tea", "x", "--port", str(hall.port)).returncode == 0


async def test_a_login_name_that_is_taken_is_numbered(hall: HallProcess) -> None:
    name = login_name()
    namesake = await Wire.enter(hall.port, name)

    assert run("send", hall.address, "tea", "said").returncode == 0

    assert hall.report("said")["name"] == f"{name}-2"
    await namesake.close()


async def test_a_name_that_was_asked_for_and_is_taken_is_refused(hall: HallProcess) -> None:
    ada = await Wire.enter(hall.port, "ada")

    sent = run("send", hall.address, "tea", "x", "--name", "Ada")

    assert sent.returncode == 3
    assert sent.stderr == "pychat send: the name 'Ada' is taken; choose another\n"
    await ada.close()


def test_what_the_hall_refuses_ends_with_3(hall: HallProcess) -> None:
    rows = [
        ("tea", "", "something in it"),
        ("tea", "   ", "something in it"),
        ("tea", "x" * 8001, "8000 characters"),
        ("tea", "\x1b[31mred", "U+001B"),
        ("tea", "\n" * 200 + "x", "200 lines"),
        ("no room", "x", "letters, digits"),
        ("", "x", "1 to 64 characters"),
    ]
    for room, text, why in rows:
        sent = run_here("send", hall.address, room, text)

        assert sent.returncode == 3
        assert why in sent.stderr
        assert sent.stderr.startswith("pychat send: ")


def test_a_bad_name_ends_with_3(hall: HallProcess) -> None:
    assert run_here("send", hall.address, "tea", "x", "--name", "no name").returncode == 3


def test_more_than_a_message_can_be_on_the_pipe_ends_with_3(nobody: int) -> None:
    assert run_here("send", f"127.0.0.1:{nobody}", "tea", given="x" * 70_000).returncode == 3


@pytest.mark.parametrize(
    "command", [["send", "{}", "tea", "x"], ["tail", "{}", "tea"], ["rooms", "{}"]]
)
def test_no_hall_ends_with_4(command: list[str], nobody: int, stranger: int) -> None:
    for port, why in ((nobody, "Nobody is listening"), (stranger, "not as pychat")):
        done = run_here(*(part.format(f"127.0.0.1:{port}") for part in command))

        assert done.returncode == 4
        assert why in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["send"],
        ["send", "127.0.0.1"],
        ["send", "127.0.0.1:99999", "tea", "x"],
        ["send", "http://127.0.0.1/", "tea", "x"],
        ["send", "127.0.0.1:4000", "tea", "x", "--port", "4001"],
        ["send", "127.0.0.1", "tea", "two", "words"],
        ["tail", "127.0.0.1:x", "tea"],
        ["tail", "127.0.0.1", "tea", "-n", "-1"],
        ["tail", "127.0.0.1", "tea", "-n", "some"],
        ["rooms", ""],
        ["rooms", "[::1"],
        ["tui"],
        ["tui", "a b"],
        ["tui", "127.0.0.1", "--port", "0"],
        ["nonsense"],
    ],
)
def test_a_senseless_command_line_ends_with_2(arguments: list[str]) -> None:
    done = run_here(*arguments)

    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_bytes_that_are_no_text_end_with_2(nobody: int) -> None:
    done = run("send", f"127.0.0.1:{nobody}", "tea", given=b"caf\xe9")

    assert done.returncode == 2
    assert "not UTF-8 at byte 3" in done.stderr


def test_the_tui_tells_that_nobody_is_there_even_without_a_terminal(nobody: int) -> None:
    done = run("tui", f"127.0.0.1:{nobody}")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Is `pychat serve` running there?" in done.stderr


def test_the_tui_without_a_terminal_is_in_lines(
    hall: HallProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    done = run("tui", f"127.0.0.1:{hall.port}", "--name", "kim")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("You are kim in ")


def test_a_room_to_go_into_at_once_has_to_be_one_and_in_a_hall(nobody: int) -> None:
    done = run_here("tui", f"127.0.0.1:{nobody}", "--room", "no room")
    assert done.returncode == 2
    assert "letters, digits" in done.stderr

    done = run_here("tui", "--room", "tea")
    assert done.returncode == 2
    assert "--room takes a Hall" in done.stderr


async def test_tail_shows_the_last_messages_and_then_what_comes(
    hall: HallProcess, start: Start
) -> None:
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")
    for word in ("one", "two", "three"):
        await ada.say("tea", word)

    tail = start("tail", hall.address, "tea", "-n", "2")
    before = [tail.output.next(), tail.output.next()]
    await ada.say("tea", "four\nada: five")
    await ada.ask("edit", room="tea", target=1, text="uno", nonce="e")
    await ada.ask("delete", room="tea", target=2, nonce="d")
    await ada.ask("react", room="tea", target=1, emojis=["+"], nonce="r")
    await ada.ask("topic", room="tea", text="hot", nonce="t")
    after = [tail.output.next() for _ in range(6)]

    assert [line[17:] for line in before] == ["ada: two", "ada: three"]
    assert [line[17:] for line in after] == [
        "ada: four",
        "ada: five",
        "* ada edited 1: uno",
        "* ada deleted 2",
        "* ada reacted to 1 with +",
        "* ada set the topic: hot",
    ]
    assert after[1].startswith(" " * 17)
    assert interrupt(tail) == 130
    assert tail.errors.rest() == []
    await ada.close()


async def test_tail_writes_json_lines_for_programs(hall: HallProcess, start: Start) -> None:
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")
    await ada.say("tea", "old")

    tail = start("tail", hall.address, "tea", "--json")
    old = json.loads(tail.output.next())
    await ada.say("tea", "two\nlines \u202e", reply_to=1)
    raw = tail.output.next()
    new = json.loads(raw)

    assert (old["type"], old["seq"], old["text"]) == ("message", 1, "old")
    assert raw.isascii()
    assert (new["type"], new["seq"], new["prev"], new["reply_to"]) == ("message", 2, 1, 1)
    assert new["text"] == "two\nlines \u202e"
    await ada.close()


async def test_tail_can_begin_with_nothing_and_with_more_than_a_page(
    serve_process: Serve, start: Start
) -> None:
    hall = serve_process("--flood", "off")
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")
    ids = [ada.command("send", room="tea", text=str(n), nonce=str(n)) for n in range(450)]
    for command_id in ids:
        assert (await ada.reply(command_id))["type"] == "sent"

    nothing = start("tail", hall.address, "tea", "-n", "0", "--json", "--name", "nothing")
    much = start("tail", hall.address, "tea", "-n", "440", "--json", "--name", "much")
    seen = [json.loads(much.output.next())["text"] for _ in range(440)]
    await ada.event("presence", joined=[_member("nothing")])
    await ada.say("tea", "live")

    assert seen == [str(n) for n in range(10, 450)]
    assert json.loads(much.output.next())["text"] == "live"
    assert json.loads(nothing.output.next())["text"] == "live"
    await ada.close()


def _member(name: str) -> dict[str, object]:
    return {"name": name, "role": "member", "away": False, "verified": True}


async def test_tail_shows_nothing_that_works_on_a_terminal(hall: HallProcess, start: Start) -> None:
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")
    await ada.say("tea", "left \u202e right \u200b none")

    line = start("tail", hall.address, "tea").output.next()

    assert line.endswith("ada: left  right  none")
    await ada.close()


async def test_tail_ends_quietly_when_its_pipe_is_closed(hall: HallProcess) -> None:
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")
    await ada.say("tea", "one")
    line, code, complaints = read_one_line("tail", hall.address, "tea", "--name", "reader")

    assert line.endswith("ada: one\n")
    assert (code, complaints) == (0, "")
    await ada.event("presence", left=[{"name": "reader", "reason": "quit"}])
    await ada.close()


async def test_tail_that_is_terminated_says_goodbye(hall: HallProcess, start: Start) -> None:
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")
    await ada.say("tea", "one")
    tail = start("tail", hall.address, "tea", "--name", "reader")
    tail.output.next()

    tail.signal(signal.SIGTERM)

    assert tail.end() == 143
    await ada.event("presence", left=[{"name": "reader", "reason": "quit"}])
    await ada.close()


def test_tail_ends_with_4_when_the_hall_closes(hall: HallProcess, start: Start) -> None:
    assert run("send", hall.address, "tea", "one").returncode == 0
    tail = start("tail", hall.address, "tea")
    tail.output.next()

    hall.signal(signal.SIGTERM)

    assert tail.end() == 4
    assert "the Hall is closing" in "".join(tail.errors.rest())


async def test_rooms_are_listed_for_people_and_for_programs(hall: HallProcess) -> None:
    ada = await Wire.enter(hall.port, "ada")
    for room in ("tea", "coffee-corner"):
        await ada.ask("join", room=room)
    await ada.ask("topic", room="tea", text="hot", nonce="t")

    people = run("rooms", hall.address)
    programs = run("rooms", hall.address, "--json")

    assert (people.returncode, people.stdout) == (
        0,
        "coffee-corner     1\ntea               1  hot\n",
    )
    assert [json.loads(line) for line in programs.stdout.splitlines()] == [
        {"name": "coffee-corner", "members": 1, "topic": "", "seq": 0},
        {"name": "tea", "members": 1, "topic": "hot", "seq": 1},
    ]
    await ada.close()


def test_a_hall_without_rooms_lists_none(hall: HallProcess) -> None:
    done = run("rooms", hall.address)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "The Hall has no rooms yet.\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_an_output_that_takes_nothing_is_told(hall: HallProcess) -> None:
    run("send", hall.address, "tea", "one")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pychat", "rooms", hall.address],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    assert (done.returncode, done.stderr) == (1, "pychat: No space left on device\n")


def test_without_a_terminal_chat_shows_a_conversation() -> None:
    done = run("chat")

    assert done.stderr == ""
    assert done.returncode == 0
    assert "Ada: Is anybody there? The kettle is on." in done.stdout
    before, after = done.stdout.split("opens again")
    assert "Grace: Here I am" in before
    assert "Edsger: Tee for me, plese." in before
    assert "Edsger: Tea for me, please. (edited)" in after


def test_help_names_every_command_and_shell_completion() -> None:
    done = run_here("--help")

    assert done.returncode == 0
    for word in ("chat", "serve", "tui", "send", "tail", "rooms", "--install-completion"):
        assert word in done.stdout


@pytest.mark.parametrize("command", ["chat", "serve", "tui", "send", "tail", "rooms"])
def test_the_help_of_each_command_has_an_example(command: str) -> None:
    done = run_here(command, "--help")

    assert done.returncode == 0
    assert "Example: " in done.stdout
