"""The terminal program against its targets.

    python -m benchmarks.client [--runs N] [--json FILE]
        [--client CHECKOUT] [--hall CHECKOUT] [NAME ...]

With a CHECKOUT the client, or the Hall, is that of another copy of pychat.
Names: first_paint, pipeline, burst, capacity, walk, keys, idle; without one, all of them.
"""

import argparse
from importlib import import_module
from pathlib import Path

import msgspec

from benchmarks.client.figures import Figure
from benchmarks.client.hall import FOLDERS

_NAMES = ("first_paint", "pipeline", "burst", "capacity", "walk", "keys", "idle")


def _name(text: str) -> str:
    if text not in _NAMES:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(_NAMES)}")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client")
    # Not `choices`: with "*" argparse tests the empty list against them, at least up to 3.11.
    parser.add_argument("names", metavar="NAME", nargs="*", type=_name)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    for role in FOLDERS:
        parser.add_argument(f"--{role}", type=Path, default=Path(), metavar="CHECKOUT")
    options = parser.parse_args()
    for role in FOLDERS:
        FOLDERS[role] = getattr(options, role)
    figures: list[Figure] = []
    for name in options.names or _NAMES:
        for figure in import_module(f"benchmarks.client.{name}").measure(options.runs):
            print(figure.line(), flush=True)
            figures.append(figure)
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))


if __name__ == "__main__":
    main()
