"""From `pychat serve` to its exit code, where that is not what was hoped for."""

import gc
from pathlib import Path

import pytest

from pychat.server import lifecycle
from pychat.server.listener import BindError, Listener
from pychat.server.settings.reading import Source
from pychat.server.settings.schema import ListenSection, Settings


def test_a_hall_that_nobody_can_come_into_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(listener: Listener) -> None:
        raise BindError("somebody else was quicker")

    monkeypatch.setattr(gc, "collect", lambda: 0)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(Listener, "start_serving", fail)
    settings = Settings(listen=ListenSection(host="127.0.0.1", port=0))
    # The second time the log would be somebody else's, if it was still open.
    for _ in range(2):
        assert lifecycle.run(settings, Source(), tmp_path) == 1
        assert capsys.readouterr().err == "pychat serve: somebody else was quicker\n"
