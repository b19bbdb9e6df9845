"""`pychat`: how it begins, and how it ends."""

import os
import sys
from pathlib import Path

from pychat.cli import exits, shortcut


def run() -> None:
    """The program. Ends it with one of the exit codes of `exits`, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            # A terminal that cannot show a character is no reason to stop.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = shortcut.tui(sys.argv[1:])
        if code is None:
            from pychat.cli.program import app

            app(windows_expand_args=False)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else exits.FAILED
    except KeyboardInterrupt:
        code = exits.INTERRUPTED
    except OSError as fault:
        code = exits.FAILED
        _tell(f"pychat: {fault.strerror or fault}")
    except Exception as fault:  # noqa: BLE001  # the last boundary
        code = exits.FAILED
        _report(fault)
    sys.exit(_flushed(code or 0))


def _report(fault: Exception) -> None:
    import traceback

    if os.environ.get("PYCHAT_TRACEBACK"):
        traceback.print_exception(fault)
        return
    where = traceback.extract_tb(fault.__traceback__)[-1]
    _tell(
        f"pychat: a fault of pychat's own, {fault!r} in {Path(where.filename).name}, line "
        f"{where.lineno}. Please report it; with PYCHAT_TRACEBACK=1 it tells more."
    )


def _flushed(code: int) -> int:
    """What is written last fails here and not while Python shuts down."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        exits.forget_output()
    except OSError as fault:
        exits.forget_output()
        if code == 0:
            _tell(f"pychat: {fault.strerror}")
            return exits.FAILED
    return code


def _tell(sentence: str) -> None:
    import typer

    typer.echo(sentence, err=True)
