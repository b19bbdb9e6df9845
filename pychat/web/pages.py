"""A web server whose one page is a terminal; each tab that opens it runs a program of its own.

Its address has a secret in it. Who has that acts on this machine as the one who started it, so that
neither the other users of the machine nor a page that a browser has open elsewhere get in.
"""

import asyncio
import contextlib
import logging
import re
import secrets
import signal
from collections.abc import Callable

from aiohttp import web
from textual_serve.server import Server

TABS = 50
"""At a time; each is a process of about 50 MB."""

SECRET_BYTES = 16

CLOSING_SECONDS = 5.0
"""For the programs of all tabs to end, when this one does."""

_FONT = """<style>
      @font-face {
        font-family: "Roboto Mono";
        src: url("%s/RobotoMono-VariableFont_wght.ttf");
      }
    </style>"""
# A page of ours tells nobody else that it was opened.
_FONT_FROM_ELSEWHERE = re.compile(r'<link\s[^>]*href="https://fonts\.googleapis\.com[^>]*>')


class Pages(Server):
    def __init__(self, command: str, host: str, port: int, title: str) -> None:
        """`command` is one for a shell: whatever is in it must have been quoted."""
        super().__init__(command, host=host, port=port, title=title)
        self._prefix = f"/{secrets.token_urlsafe(SECRET_BYTES)}"
        self._tabs: set[asyncio.Task[None]] = set()

    async def stay_open(self, opened: Callable[[str], None]) -> None:
        """Until Ctrl+C or SIGTERM. `opened` gets the page's address once it is there.

        Raises OSError where it cannot listen.
        """
        logging.basicConfig(level=logging.WARNING, format="pychat web: %(message)s")
        app = web.Application()
        app.add_subapp(self._prefix, await self._make_app())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSING_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
            stopped = _stopped()
            port = runner.addresses[0][1]
            opened(f"http://{_in_url(self.host)}:{port}{self._prefix}/")
            await stopped.wait()
        finally:
            await runner.cleanup()

    async def on_startup(self, app: web.Application) -> None:
        """Without its banner."""

    async def on_shutdown(self, app: web.Application) -> None:
        for tab in self._tabs:
            tab.cancel()

    async def handle_index(self, request: web.Request) -> web.Response:
        # By the name that the browser knows it by: it may listen on all addresses.
        self.public_url = f"http://{request.host}"
        page = await super().handle_index(request)
        assert isinstance(page, web.Response)
        static = request.app.router["static"].url_for(filename="fonts")
        page.text = _FONT_FROM_ELSEWHERE.sub(_FONT % str(static), page.text or "")
        page.headers["Referrer-Policy"] = "no-referrer"
        return page

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        if len(self._tabs) >= TABS:
            raise web.HTTPServiceUnavailable(text=f"{TABS} tabs are open already; close one.")
        tab = asyncio.current_task()
        assert tab is not None
        self._tabs.add(tab)
        try:
            return await super().handle_websocket(request)
        finally:
            self._tabs.discard(tab)


def _stopped() -> asyncio.Event:
    """Set by Ctrl+C and SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # There are no signal handlers in Windows' loops.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
