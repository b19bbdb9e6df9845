"""`pychat` with arguments in the test's own process: a start costs more than most commands do.

For what a command says and ends with; signals, pipes and terminals take `processes`.
"""

import io
import subprocess
import sys

import pytest

from pychat.cli.main import run


def run_here(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Not inside of a running loop, since commands have their own."""
    out, errors = io.BytesIO(), io.BytesIO()
    streams = {"stdin": io.BytesIO(given.encode()), "stdout": out, "stderr": errors}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["pychat", *arguments])
        for name, stream in streams.items():
            patch.setattr(sys, name, io.TextIOWrapper(stream, "utf-8", write_through=True))
        with pytest.raises(SystemExit) as end:
            run()
        sys.stdout.flush()
        sys.stderr.flush()
        return subprocess.CompletedProcess(
            arguments, end.value.code, out.getvalue().decode(), errors.getvalue().decode()
        )
