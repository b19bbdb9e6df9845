"""backup, export, import and doctor as processes, beside Halls that are open and closed."""

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pychat.server.backplane.sqlite import SqliteLedger
from tests.support.damage import damage
from tests.support.ledgers import FakeClock, Recorder, append, said
from tests.support.processes import PATIENCE, HallProcess, Serve, Start, run
from tests.support.small_disk import small_disk
from tests.support.wire import Wire


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of the Halls that `serve_process` opens."""
    return tmp_path / "data"


def close(hall: HallProcess) -> None:
    hall.signal(signal.SIGTERM)
    assert hall.end() == 0


def json_lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


async def talk(port: int, name: str, acknowledged: list[str], until: asyncio.Event) -> None:
    wire = await Wire.member(port, name, "tea")
    number = 0
    while not until.is_set():
        texts = [f"{name} {number + step}" for step in range(20)]
        number += 20
        commands = [
            (text, wire.command("send", room="tea", text=text, nonce=text)) for text in texts
        ]
        for text, command in commands:
            reply = await wire.reply(command)
            assert reply["type"] == "sent", reply
            acknowledged.append(text)
        wire.unread.clear()
    await wire.close()


async def everything(port: int, room: str) -> list[str]:
    """The texts of a whole room."""
    wire = await Wire.enter(port, "reader")
    joined = await wire.granted("join", room=room, limit=200)
    messages, more = joined["messages"], joined["more"]
    while more:
        page = await wire.granted("history", room=room, before=messages[0]["seq"], limit=200)
        messages, more = page["messages"] + messages, page["more_before"]
    await wire.close()
    return [message["text"] for message in messages]


async def test_a_backup_of_a_hall_under_load_has_all_that_was_acknowledged(
    serve_process: Serve, start: Start, data: Path, tmp_path: Path
) -> None:
    hall = serve_process("--quiet", "--flood", "off")
    file = tmp_path / "copy.db"
    acknowledged: list[str] = []
    enough = asyncio.Event()
    talkers = [
        asyncio.create_task(talk(hall.port, name, acknowledged, enough)) for name in ("ada", "bob")
    ]
    async with asyncio.timeout(PATIENCE):
        while len(acknowledged) < 500:
            await asyncio.wait(talkers, timeout=0.01)
    before = list(acknowledged)

    done = await asyncio.to_thread(run, "backup", str(file), "--data", str(data))

    enough.set()
    await asyncio.gather(*talkers)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{file}: ")
    people = file.with_name("copy.db.people")
    assert [stat.S_IMODE(each.stat().st_mode) for each in (file, people)] == [0o600, 0o600]
    assert len(acknowledged) > len(before)
    restored = tmp_path / "restored"
    restored.mkdir()
    file.rename(restored / "hall.db")
    people.rename(restored / "people.db")
    again = start("serve", "--port", "0", "--data", str(restored))
    found = await everything(json.loads(again.output.next())["port"], "tea")
    assert set(before) <= set(found)
    assert len(set(found)) == len(found)
    assert set(await everything(hall.port, "tea")) == set(acknowledged)


def test_a_backup_replaces_no_file(serve_process: Serve, data: Path, tmp_path: Path) -> None:
    serve_process()
    file = tmp_path / "copy.db"
    file.write_text("precious")

    done = run("backup", str(file), "--data", str(data))

    assert done.returncode == 2
    assert "is there already; choose another name" in done.stderr
    assert file.read_text() == "precious"


@pytest.fixture
async def much(data: Path) -> Path:
    """The folder of a closed Hall with some MiB of log."""
    recorder = Recorder()
    ledger = SqliteLedger(data / "hall.db", FakeClock())
    await ledger.open(recorder)
    await append(ledger, recorder, *(said("x" * 3_000, room="tea") for _ in range(500)))
    await ledger.close()
    return data


COPYING = [
    ["backup", "{}"],
    ["export", "tea", "{}"],
    ["export", "tea", "{}", "--format", "markdown"],
]


@pytest.mark.parametrize("arguments", COPYING, ids=lambda each: " ".join(each))
def test_a_disk_that_is_full_is_told_by_the_file_that_does_not_fit(
    much: Path, tmp_path: Path, arguments: list[str]
) -> None:
    with small_disk(tmp_path / "disk", "600k") as disk:
        file = disk / "file"

        done = run(*(each.format(file) for each in arguments), "--data", str(much))

        assert done.returncode == 1
        assert f"{file} cannot be written: the disk there is full; make room" in done.stderr
        assert "hall.db" not in done.stderr
        assert list(disk.iterdir()) == []


@pytest.mark.parametrize("arguments", COPYING, ids=lambda each: " ".join(each))
def test_a_file_that_may_not_grow_so_large_is_named_and_not_the_log(
    much: Path, tmp_path: Path, arguments: list[str]
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    file = folder / "file"
    command = [sys.executable, "-m", "pychat", *(each.format(file) for each in arguments)]

    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 600 && exec "$@"', "sh", *command, "--data", str(much)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1
    assert f"{file} cannot be written: " in done.stderr
    assert "hall.db" not in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["backup", "copy.db", "--data", "none"], 1, "there is no log"),
        (["export", "tea", "--data", "none"], 1, "there is no log"),
        (["import", "no.jsonl", "--data", "new"], 1, "no.jsonl cannot be read: No such file"),
        (["backup"], 2, "Missing argument"),
        (["export", "tea", "--format", "html"], 2, "--format"),
        (["serve", "--keep-days", "0"], 2, "--keep-days"),
    ],
)
def test_what_cannot_be_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, why: str
) -> None:
    monkeypatch.chdir(tmp_path)

    done = run(*arguments)

    assert done.returncode == code
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "copy.db").exists()


async def in_tea(hall: HallProcess) -> Wire:
    """Somebody who has said, edited, reacted and deleted there."""
    ada = await Wire.member(hall.port, "ada", "tea")
    await ada.granted("topic", room="tea", text="leaves", nonce="t")
    for text in ("# one", "two\x85"[:3], "three"):
        await ada.say("tea", text)
    await ada.granted("edit", room="tea", target=3, text="two *and* a half", nonce="e")
    await ada.granted("react", room="tea", target=2, emojis=["👍"], nonce="r")
    await ada.granted("delete", room="tea", target=4, nonce="d")
    return ada


async def test_an_export_of_an_open_hall_is_the_same_room_elsewhere(
    serve_process: Serve, start: Start, data: Path, tmp_path: Path
) -> None:
    ada = await in_tea(serve_process())
    elsewhere = str(tmp_path / "elsewhere")
    exported = run("export", "TEA", "--data", str(data))
    assert exported.stdout.isascii()

    imported = run("import", "-", "--data", elsewhere, given=exported.stdout)
    again = run("import", "-", "--data", elsewhere, given=exported.stdout)

    assert imported.stdout == "tea: 7 events added, 0 were there already\n"
    assert again.stdout == "tea: 0 events added, 7 were there already\n"
    twice = run("export", "tea", "--data", elsewhere)
    assert json_lines(twice.stdout)[1:] == json_lines(exported.stdout)[1:]
    port = json.loads(start("serve", "--port", "0", "--data", elsewhere).output.next())["port"]
    bob = await Wire.member(port, "bob")
    joined = await bob.granted("join", room="tea")
    here = await ada.granted("history", room="tea")
    assert joined["messages"] == here["messages"]
    assert joined["topic"] == "leaves"
    for wire in (ada, bob):
        await wire.close()


async def test_markdown_is_written_to_a_new_private_file(
    serve_process: Serve, data: Path, tmp_path: Path
) -> None:
    ada = await in_tea(serve_process())
    await ada.close()
    file = tmp_path / "tea.md"

    done = run("export", "tea", str(file), "--data", str(data), "--format", "markdown")

    assert (done.returncode, stat.S_IMODE(file.stat().st_mode)) == (0, 0o600)
    lines = file.read_text().splitlines()
    assert lines[0] == "# tea"
    assert lines[-4].endswith(": \\# one\\")
    assert lines[-3:-1] == ["  *👍 1*", lines[-2]]
    assert lines[-2].endswith(": two \\*and\\* a half *(edited)*")
    assert lines[-1].endswith(": *deleted*")


async def test_an_open_hall_lets_nobody_import(
    serve_process: Serve, data: Path, tmp_path: Path
) -> None:
    hall = serve_process()
    ada = await in_tea(hall)
    await ada.close()
    file = tmp_path / "tea.jsonl"
    assert run("export", "tea", str(file), "--data", str(data)).returncode == 0

    done = run("import", str(file), "--data", str(data), "--room", "coffee")

    assert done.returncode == 1
    assert f"another server has this log open (process {hall.process.pid} holds" in done.stderr


def test_an_import_of_something_else_is_refused(tmp_path: Path) -> None:
    done = run("import", "-", "--data", str(tmp_path / "new"), given="dear diary\n")

    assert done.returncode == 3
    assert done.stderr.startswith("pychat import: nothing was imported from -\nline 1: ")


async def test_an_export_of_a_room_that_is_not_there_is_refused(
    serve_process: Serve, data: Path
) -> None:
    ada = await in_tea(serve_process())
    await ada.close()

    done = run("export", "coffee", "--data", str(data))

    assert (done.returncode, done.stdout) == (3, "")
    assert "has no room 'coffee'" in done.stderr


async def test_the_doctor_finds_a_running_hall_well(serve_process: Serve, data: Path) -> None:
    hall = serve_process()
    ada = await in_tea(hall)
    await ada.drain()

    done = run("doctor", "--data", str(data), "--port", str(hall.port), "--json")

    found = json_lines(done.stdout)
    told = {finding["about"]: finding["text"] for finding in found}
    assert done.returncode == 0
    assert all(finding["level"] != "fault" for finding in found)
    assert told["lock"] == f"process {hall.process.pid} has the log open"
    assert told["port"] == f"a Hall answers at 127.0.0.1, port {hall.port}"
    # Nobody came in for that.
    assert [m["type"] for m in await ada.drain() if m["type"] == "presence"] == []
    await ada.close()
    assert hall.report("said")["name"] == "ada"


def test_the_doctor_tells_a_port_that_something_else_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = run("doctor", "--data", str(tmp_path / "none"), "--port", str(port))

    assert done.returncode == 1
    assert "fault    port    something that is no Hall listens at" in done.stdout
    assert "choose another port" in done.stdout


async def test_a_damaged_log_is_told_and_a_backup_brings_it_back(
    serve_process: Serve, data: Path, tmp_path: Path
) -> None:
    hall = serve_process("--quiet", "--flood", "off")
    ada = await Wire.member(hall.port, "ada", "tea")
    for number in range(300):
        ada.command("send", room="tea", text="x" * 500, nonce=str(number))
    await ada.drain()
    await ada.close()
    file = tmp_path / "copy.db"
    assert run("backup", str(file), "--data", str(data)).returncode == 0
    close(hall)
    log = data / "hall.db"
    damage(log, pages=8)

    # The Hall opens; what it cannot read it says, and goes on.
    hall = serve_process("--quiet")
    ada = await Wire.enter(hall.port, "bea")
    refusal = await ada.ask("join", room="tea", limit=200)
    assert (refusal["type"], refusal["code"]) == ("error", "unavailable"), refusal
    assert (await ada.ask("ping"))["type"] == "pong"
    await ada.close()
    done = run("doctor", "--data", str(data), "--port", str(hall.port))
    assert done.returncode == 1
    assert f"{log} is damaged" in done.stdout or f"{log} cannot be read" in done.stdout
    assert "restore" in done.stdout
    told = hall.report("fault")["text"]
    assert str(log) in told
    assert "restore it from a backup" in told
    close(hall)

    log.unlink()
    file.rename(log)
    assert len(await everything(serve_process().port, "tea")) == 300


async def test_a_hall_that_lets_go_of_messages_tells_those_who_come(
    serve_process: Serve,
) -> None:
    hall = serve_process("--keep-days", "30", "--keep-messages", "1000")

    ada = await Wire.enter(hall.port, "ada")

    assert (
        "This Hall keeps messages for 30 days, and only the last 1,000 of each room."
        in ada.welcome["manual"]
    )
    await ada.close()


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT to send there")
async def test_a_reader_that_leaves_ends_an_export(serve_process: Serve, data: Path) -> None:
    ada = await in_tea(serve_process())
    await ada.close()

    process = await asyncio.create_subprocess_shell(
        f'"{sys.executable}" -m pychat export tea --data "{data}" | head -n 1',
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()

    assert json.loads(out)["type"] == "pychat-room"
    assert err == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_what_is_ended_half_way_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import pathlib, sys, time\n"
        "from pychat.cli.new_file import new_file\n"
        "with new_file('backup', pathlib.Path(sys.argv[1])):\n"
        "    print('begun', flush=True)\n"
        "    time.sleep(60)\n",
        str(tmp_path / "copy.db"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    await process.stdout.readline()

    process.send_signal(number)
    await process.wait()

    assert os.listdir(tmp_path) == []
