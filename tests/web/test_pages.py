"""The terminal program in a browser: the command, its page, and what its websocket paints."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pyte
import pytest

from pychat.cli.web import _command
from pychat.client import Address
from tests.support.processes import PATIENCE, HallProcess, Program, Serve, Start, interrupt, run

aiohttp = pytest.importorskip("aiohttp", reason="pychat is installed without its extra web")
pytest.importorskip("textual_serve", reason="pychat is installed without its extra web")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


@pytest.fixture
def hall(serve_process: Serve) -> HallProcess:
    return serve_process()


@pytest.fixture
def served(hall: HallProcess, start: Start) -> Iterator[tuple[Program, str]]:
    """The program, and the address of its page."""
    program = start("web", hall.address, "--port", "0")
    while not (line := program.output.next().strip()).startswith("http://127.0.0.1:"):
        pass
    yield program, line
    if program.process.poll() is None:
        # The programs of its tabs end with it.
        interrupt(program)


@pytest.fixture
async def browser() -> "AsyncIterator[aiohttp.ClientSession]":
    async with aiohttp.ClientSession() as session:
        yield session


class Tab:
    """What a tab shows, and keys for it."""

    def __init__(self, socket: "aiohttp.ClientWebSocketResponse") -> None:
        self._socket = socket
        self._screen = pyte.Screen(100, 30)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    async def sees(self, *texts: str) -> None:
        while not all(text in self.text for text in texts):
            try:
                message = await self._socket.receive(timeout=PATIENCE)
            except TimeoutError:
                raise AssertionError(f"{texts} did not come:\n{self.text}") from None
            assert message.type == aiohttp.WSMsgType.BINARY, (message, self.text)
            self._stream.feed(message.data)

    async def type(self, keys: str) -> None:
        await self._socket.send_str(json.dumps(["stdin", keys]))

    async def look(self) -> None:
        """As a browser tells when its page gets the focus."""
        await self._socket.send_str(json.dumps(["focus"]))

    async def ends(self) -> None:
        while (await self._socket.receive(timeout=PATIENCE)).type == aiohttp.WSMsgType.BINARY:
            pass


async def test_a_tab_paints_the_hall_and_types_into_it(
    served: tuple[Program, str], hall: HallProcess, browser: "aiohttp.ClientSession"
) -> None:
    program, url = served
    async with browser.get(url) as page:
        text = await page.text()
        assert page.status == 200
        assert f"pychat {hall.address}" in text
        assert "googleapis" not in text
    async with browser.get(f"{url}static/js/textual.js") as script:
        assert script.status == 200
    async with browser.get(f"{url}static/fonts/RobotoMono-VariableFont_wght.ttf") as font:
        assert font.status == 200
    async with browser.ws_connect(f"{url}ws?width=100&height=30") as socket:
        tab = Tab(socket)
        await tab.sees("What should people call you?")
        await tab.look()
        await tab.type("tabitha")
        await tab.sees("tabitha")
        await tab.type("\r")
        await tab.sees("You are tabitha in ")
        await tab.type("/join tea\r")
        await tab.sees("#tea")
        await tab.type("\x1b[200~pasted\nin two lines\x1b[201~")
        await tab.sees("in two lines")
        await tab.type("\r")
        said = await asyncio.to_thread(hall.report, "said")
        assert said["text"] == "pasted\nin two lines"
        await tab.type("/quit\r")
        await tab.ends()

    assert interrupt(program) == 0


async def test_each_tab_is_a_person_of_its_own_and_ends_with_the_program(
    served: tuple[Program, str], browser: "aiohttp.ClientSession"
) -> None:
    program, url = served
    async with browser.ws_connect(f"{url}ws") as one, browser.ws_connect(f"{url}ws") as two:
        tabs = [Tab(one), Tab(two)]
        for tab in tabs:
            await tab.sees("What should people call you?")
        program.signal(signal.SIGTERM)
        await asyncio.gather(*(tab.ends() for tab in tabs))

    assert await asyncio.to_thread(program.end) == 0


async def test_who_does_not_have_the_secret_gets_nothing(
    served: tuple[Program, str], browser: "aiohttp.ClientSession"
) -> None:
    root, _, secret = served[1].rstrip("/").rpartition("/")
    another = "x" * len(secret)
    for path in ("", "ws", "static/js/textual.js", f"{another}/", f"{another}/ws", f"{secret}x/"):
        async with browser.get(f"{root}/{path}") as answer:
            assert answer.status == 404, path


def test_two_runs_have_two_secrets(hall: HallProcess, start: Start) -> None:
    urls = []
    for _ in range(2):
        program = start("web", hall.address, "--port", "0")
        while not (line := program.output.next().strip()).startswith("http://"):
            pass
        urls.append(line.rstrip("/").rpartition("/")[2])

    assert urls[0] != urls[1]
    assert all(len(secret) == 22 for secret in urls)


def test_a_hall_that_is_not_there_is_told_before_anything_is_served() -> None:
    done = run("web", "127.0.0.1:1")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Is `pychat serve` running there?" in done.stderr


def test_a_port_that_is_taken_is_told(hall: HallProcess) -> None:
    done = run("web", hall.address, "--port", str(hall.port))

    assert done.returncode == 1
    assert done.stderr.startswith(f"pychat web: cannot listen on 127.0.0.1 port {hall.port}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["a b", "127.0.0.1:99999", "http://127.0.0.1/"])
def test_what_is_no_address_is_refused(host: str) -> None:
    assert run("web", host).returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="its shell is another")
@pytest.mark.parametrize("host", ["chat.lan", "$(touch owned)", "x; touch owned", "a'b\"c d"])
def test_a_shell_makes_words_of_the_command_and_nothing_else(host: str, tmp_path: Path) -> None:
    command = _command(Address(host, 4_000), no_tls=False).replace(
        sys.executable, "printf '%s\\n'", 1
    )

    told = subprocess.run(  # noqa: S602  # what a shell does is what is tested
        command,
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.splitlines()[-1] == str(Address(host, 4_000))
    assert not list(tmp_path.iterdir())


def test_without_the_extra_it_says_how_to_get_it() -> None:
    code = "import sys; sys.modules['textual_serve.server'] = sys.modules['textual_serve'] = None\n"
    code += "from pychat.cli.main import run; run()"

    done = subprocess.run(
        [sys.executable, "-c", code, "web", "127.0.0.1:1"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 2
    assert "pip install 'pychat[web]'" in done.stderr
    assert "Traceback" not in done.stderr


def _browser() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.mark.skipif(_browser() is None, reason="no Chromium is installed")
def test_a_real_browser_shows_the_terminal(served: tuple[Program, str], tmp_path: Path) -> None:
    browser = _browser()
    assert browser is not None
    arguments = ["--headless", "--disable-gpu", "--no-sandbox", "--virtual-time-budget=5000"]
    done = subprocess.run(
        [browser, *arguments, f"--user-data-dir={tmp_path / 'chromium'}", "--dump-dom", served[1]],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )

    assert "xterm" in done.stdout
    assert "-first-byte" in done.stdout


@pytest.mark.parametrize("most", [1, 3])
async def test_one_tab_more_than_are_served_is_refused_until_another_closes(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    from aiohttp import web
    from textual_serve.server import Server

    from pychat.web import pages

    closing = asyncio.Event()

    async def stay(self: Server, request: web.Request) -> web.WebSocketResponse:
        await closing.wait()
        return web.WebSocketResponse()

    monkeypatch.setattr(Server, "handle_websocket", stay)
    monkeypatch.setattr(pages, "TABS", most)
    served = pages.Pages("true", "127.0.0.1", 0, "pychat")
    request = cast(web.Request, None)
    async with asyncio.TaskGroup() as group:
        tabs = [group.create_task(served.handle_websocket(request)) for _ in range(most)]
        await asyncio.sleep(0)
        with pytest.raises(web.HTTPServiceUnavailable) as refused:
            await served.handle_websocket(request)
        assert refused.value.text == f"{most} tabs are open already; close one."
        assert not any(tab.done() for tab in tabs)
        closing.set()

    await served.handle_websocket(request)
