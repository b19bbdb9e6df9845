"""A Hall as its operator has it: settings that change while it is open, figures, the console, a
restart, and a log that gives nothing away."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pychat.cli.program import app
from tests.support.processes import PATIENCE, Serve
from tests.support.wire import Wire

PASSWORD, WORDS = "correct-horse", "battery staple"
HOSTILE = "bye\n2026-01-01 CRITICAL all is lost\x1b[2J\u2028{"


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address) as page:  # noqa: S310  # a page of our own
        content: bytes = page.read()
    return content


async def test_settings_figures_console_and_restart(serve_process: Serve, tmp_path: Path) -> None:
    file = tmp_path / "pychat.toml"
    file.write_text('[hall]\nname = "Tea House"\n[metrics]\nlisten = "127.0.0.1:0"\n')
    data = ("--data", str(tmp_path / "data"))

    def admin(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["admin", *arguments, *data])

    hall = serve_process("--config", str(file))
    ada = await Wire.member(hall.port, "ada", "tea")
    assert ada.welcome["hall"] == "Tea House"

    # Figures.
    page = f"http://127.0.0.1:{hall.report('watched')['port']}"
    assert b"\npychat_users 1.0\n" in fetch(f"{page}/metrics")
    assert json.loads(fetch(f"{page}/healthz"))["status"] == "ok"

    # A change that can hold at once, one that cannot, and one that is bad.
    file.write_text(
        '[hall]\nname = "Coffee House"\n[limits]\nrooms_per_user = 1\n[keep]\ndays = 9\n'
    )
    hall.signal(signal.SIGHUP)
    told = hall.report("reloaded")
    assert told["changed"] == ["hall.name", "limits.rooms_per_user"]
    assert told["later"] == ["keep.days", "metrics.listen"]
    assert await ada.refused("join", room="coffee") == "too-many"
    file.write_text("[limits]\nrooms_per_user = 0\n")
    bad = admin("reload")
    assert (bad.exit_code, bad.stdout) == (3, "changed: nothing\n")
    assert "pychat.toml, line 2: limits.rooms_per_user is 0" in bad.stderr
    assert await ada.refused("join", room="coffee") == "too-many"

    # The console.
    assert admin("who").stdout == "ada  in tea\n"
    assert json.loads(admin("rooms", "--json").stdout)["name"] == "tea"
    assert "accepted connections" in admin("stats").stdout
    assert admin("notice", "back in a moment").exit_code == 0
    assert (await ada.event("notice"))["text"] == "back in a moment"
    assert admin("ban", "mallory", "--for", "2h", "--reason", "spam").exit_code == 0
    assert admin("bans").stdout.startswith("ban  mallory  until 2")
    assert admin("unban", "nobody").exit_code == 3
    assert admin("ban", "mallory", "--for", "soon").exit_code == 2
    assert admin("lockdown", "tightly").exit_code == 2

    # A restart, over which tokens, memberships and bans are kept.
    hall.signal(signal.SIGTERM)
    bye = await ada.bye()
    await ada.close()
    assert (bye["code"], bye["reconnect"], bye["retry_after"]) == ("shutdown", True, 0)
    assert hall.end() == 0
    closed = admin("who")
    assert (closed.exit_code, closed.stdout) == (4, "")
    assert "no Hall is open with the folder" in closed.stderr
    again = await Wire.enter(serve_process().port, resume=ada.welcome["resume"])
    assert (again.welcome["name"], again.welcome["rooms"]) == ("ada", ["tea"])
    assert admin("bans").stdout.startswith("ban  mallory  until 2")
    await again.close()


def test_a_hall_on_a_terminal_that_is_closed_ends_and_does_not_read_its_settings(
    tmp_path: Path,
) -> None:
    here, terminal = os.openpty()
    words = ["serve", "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen(
        [sys.executable, "-m", "pychat", *words],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    ) as hall:
        os.close(terminal)
        shown = b""
        while b"the Hall is open" not in shown:
            shown += os.read(here, 4_096)

        hall.send_signal(signal.SIGHUP)

        assert hall.wait(PATIENCE) == 0
    os.close(here)


async def test_the_log_has_no_secret_no_words_and_no_line_of_a_strangers(
    serve_process: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYCHAT_ACCESS_PASSWORD", PASSWORD)
    hall = serve_process("--quiet")
    wrong = await Wire.connect(hall.port)
    await wrong.ask("hello", protocol=[1], client="x", name="bob", password="wrong-horse")
    ada = await Wire.enter(hall.port, "ada", password=PASSWORD)
    bob = await Wire.enter(hall.port, "bob", password=PASSWORD)
    for wire in (ada, bob):
        await wire.granted("join", room="tea")
    sent = await ada.say("tea", WORDS)
    await ada.granted("edit", room="tea", target=sent["seq"], text=f"{WORDS}!", nonce="e")
    await ada.granted("topic", room="tea", text=WORDS, nonce="t")
    await ada.granted("search", room="tea", text=WORDS)
    await ada.granted("join", room="@bob")
    await ada.say("@bob", WORDS)
    ada.send_bytes(b"\x00\x00\x00\x10\xff{battery staple")
    await ada.event("error")
    await ada.ask("quit", reason=HOSTILE)

    hall.signal(signal.SIGTERM)
    assert hall.end() == 0
    log = hall.output.rest()
    everything = "\n".join([*log, *hall.errors.rest()])

    lines = [json.loads(line) for line in log]
    (went,) = [line for line in lines if line["event"] == "went" and line["name"] == "ada"]
    assert "CRITICAL" in went["reason"]
    assert all(line.isprintable() for line in log)
    secrets = [PASSWORD, "wrong-horse", WORDS, ada.welcome["resume"], bob.welcome["resume"]]
    assert [secret for secret in secrets if secret in everything] == []
    for wire in (wrong, ada, bob):
        await wire.close()
