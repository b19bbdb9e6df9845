"""`pychat serve` as a process: how it opens, what it reports, how it ends."""

import json
import signal
import socket
import time
from inspect import signature
from pathlib import Path

import pytest

from pychat.cli.serve import serve
from pychat.server import limits
from pychat.server.flood import FloodLimits, parse_flood
from tests.support.here import run_here
from tests.support.processes import HallProcess, Program, Serve, Start, run
from tests.support.wire import Wire


def test_it_says_where_it_listens(serve_process: Serve, tmp_path: Path) -> None:
    hall = serve_process()

    assert hall.listening["host"] == "127.0.0.1"
    assert hall.listening["port"] > 0
    assert hall.listening["data"] == str(tmp_path / "data")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_sends_everybody_home_and_ends_it_well(
    serve_process: Serve, number: signal.Signals
) -> None:
    hall = serve_process()
    ada = await Wire.enter(hall.port, "ada")

    hall.signal(number)
    bye = await ada.bye()

    await ada.close()

    assert (bye["code"], bye["reconnect"]) == ("shutdown", True)
    assert hall.end() == 0
    assert hall.report("stopped")


async def test_each_line_of_the_report_is_json_that_tells_what_happened(
    serve_process: Serve,
) -> None:
    hall = serve_process()
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")
    await ada.say("tea", "one\ntwo")
    await ada.ask("quit")
    await ada.close()

    hall.signal(signal.SIGTERM)
    assert hall.end() == 0

    report = [json.loads(line) for line in hall.output.rest()]
    said = next(line for line in report if line["event"] == "said")
    assert (said["room"], said["name"], said["text"]) == ("tea", "ada", "one\ntwo")
    assert [line["event"] for line in report] == [
        "came",
        "joined",
        "said",
        "went",
        "left",
        "stopped",
    ]


async def test_quiet_leaves_out_what_is_said(serve_process: Serve) -> None:
    hall = serve_process("--quiet")
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")

    await ada.say("tea", "a secret")
    await ada.ask("topic", room="tea", text="a secret", nonce="t")
    await ada.close()

    assert "text" not in hall.report("said")
    assert "text" not in hall.report("topic")


async def test_after_a_kill_what_was_said_and_who_was_there_is_known(serve_process: Serve) -> None:
    hall = serve_process()
    ada = await Wire.enter(hall.port, "ada")
    await ada.ask("join", room="tea")
    sent = await ada.say("tea", "before the crash")
    assert sent["type"] == "sent"

    hall.process.kill()
    hall.end()
    await ada.close()
    again = await Wire.enter(serve_process().port, resume=ada.welcome["resume"])
    joined = await again.ask("join", room="tea")

    assert (again.welcome["name"], again.welcome["rooms"]) == ("ada", ["tea"])
    assert [message["text"] for message in joined["messages"]] == ["before the crash"]
    await again.close()


def _refusal(*arguments: str) -> tuple[int, str]:
    done = run("serve", *arguments)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_port_in_use_is_told_as_the_reason(serve_process: Serve, tmp_path: Path) -> None:
    hall = serve_process()

    code, said = _refusal("--port", str(hall.port), "--data", str(tmp_path / "other"))

    assert code == 1
    assert said == (
        f"pychat serve: cannot listen on 127.0.0.1, port {hall.port}: something listens there "
        "already; stop it or choose another --port\n"
    )


def test_an_address_of_another_machine_is_told_as_the_reason(tmp_path: Path) -> None:
    code, said = _refusal("192.0.2.1", "--port", "0", "--data", str(tmp_path))

    assert code == 1
    assert "this machine does not have that address" in said


def test_a_log_that_another_server_has_open_is_told_as_the_reason(
    serve_process: Serve, tmp_path: Path
) -> None:
    serve_process()

    code, said = _refusal("--port", "0", "--data", str(tmp_path / "data"))

    assert code == 1
    assert "another server has this log open" in said


def test_a_file_as_the_data_folder_is_told_as_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")

    code, said = _refusal("--port", "0", "--data", str(file))

    assert code == 1
    assert said.startswith("pychat serve: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["1.2.3"],
        ["256.1.1.1"],
        ["not a host"],
        [""],
        ["--host", ""],
        ["127.0.0.1:4000"],
        ["no-such-host.invalid"],
        ["--port", "65536"],
        ["--port", "-1"],
        ["--port", "many"],
        ["127.0.0.1", "--host", "::1"],
        ["127.0.0.1", "22222"],
        ["--no-such-option"],
    ],
)
def test_a_senseless_command_line_is_refused(arguments: list[str]) -> None:
    done = run_here("serve", *arguments)

    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_host_may_be_given_in_either_way(start: Start, tmp_path: Path) -> None:
    ways = [["127.0.0.1"], ["--host", "127.0.0.1"], ["127.0.0.1", "--host", "127.0.0.1"]]
    for number, way in enumerate(ways):
        program = start("serve", *way, "--port", "0", "--data", str(tmp_path / str(number)))
        assert json.loads(program.output.next())["host"] == "127.0.0.1"


@pytest.mark.skipif(not socket.has_ipv6, reason="this system has no IPv6")
def test_ipv6_is_listened_on(start: Start, tmp_path: Path) -> None:
    program: Program = start("serve", "::1", "--port", "0", "--data", str(tmp_path))
    try:
        listening = json.loads(program.output.next())
    except EOFError:
        pytest.skip("this machine has no ::1")

    assert run("rooms", f"[::1]:{listening['port']}").returncode == 0


async def in_tea(hall: HallProcess) -> tuple[Wire, float]:
    """Somebody there, and when the server began to count."""
    return await Wire.member(hall.port, "ada", "tea"), time.monotonic()


async def all_sent(wire: Wire, count: int) -> list[str]:
    asked = [wire.command("send", room="tea", text="x", nonce=f"{n}") for n in range(count)]
    return [(await wire.reply(command_id))["type"] for command_id in asked]


async def test_who_says_more_than_a_burst_is_delayed_unless_told_otherwise(
    serve_process: Serve,
) -> None:
    ada, began = await in_tea(serve_process())

    assert await all_sent(ada, limits.FLOOD_BURST + 5) == ["sent"] * 15
    assert time.monotonic() - began >= 5 / limits.FLOOD_RATE
    await ada.close()


async def test_flood_control_can_be_turned_off(serve_process: Serve) -> None:
    ada, began = await in_tea(serve_process("--flood", "off"))

    assert await all_sent(ada, 400) == ["sent"] * 400
    assert time.monotonic() - began < 400 / limits.FLOOD_RATE / 2
    await ada.close()


def test_the_default_that_is_shown_is_the_one_of_the_server() -> None:
    (shown,) = [
        each.default for each in signature(serve).parameters.values() if each.name == "flood"
    ]

    assert parse_flood(shown) == FloodLimits()
