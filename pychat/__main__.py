"""`python -m pychat` is the same program as `pychat`."""

from pychat.cli.main import run

run()
