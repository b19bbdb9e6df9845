"""The tables of docs/configuration.md, from the schema. As a program it writes them into the file:
`python -m tests.support.configuration`.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from pychat.tui.keymap import defaults
from pychat.tui.presets import PRESETS
from pychat.tui.settings.options import Option, all_options, profile_options

BEGIN = "## The options"
END = "## What is told"

_SECTIONS = {
    "look": "[look]",
    "notify": "[notify]",
    "keys": "[keys]",
    "composer": "[composer]",
    "mentions": "[mentions]",
}


def reference() -> str:
    lines = [BEGIN, ""]
    for section, title in _SECTIONS.items():
        lines += [f"### {title}", "", *_table(_of(section)), ""]
        if section == "keys":
            lines += [*_KEYS, "", *_key_table(), ""]
    lines += ["### [profiles.NAME]", "", *_table(profile_options()), ""]
    return "\n".join(lines) + "\n"


_KEYS = """\
Beside `preset` stand keys of your own, by the names of this table: `search-here = "ctrl+s"`, or
`new-line = ["ctrl+j", "f4"]`; `"none"` takes the key away. What takes a key that another has is
refused, and told with both names, until that one has another key, too. Boxes keep their keys.
""".splitlines()


def _of(section: str) -> list[Option]:
    return [option for option in all_options().values() if option.path[0] == section]


def _table(options: Iterable[Option]) -> list[str]:
    rows = [f"| `{option.path[-1]}` | {_default(option)} | {_what(option)} |" for option in options]
    return ["| option | default | |", "|---|---|---|", *rows]


def _default(option: Option) -> str:
    if option.path[0] == "profiles":
        return "needed" if option.path[-1] == "host" else ""
    return f"`{json.dumps(option.default)}`"


def _what(option: Option) -> str:
    if option.kind == "switch":
        return option.help
    return f"{option.help} {option.allowed[:1].upper()}{option.allowed[1:]}."


def _key_table() -> list[str]:
    others = [preset for preset in PRESETS if preset != "default"]
    rows = [
        " | ".join(
            (
                f"| `{name}`",
                _keys(",".join(keys)),
                *(_keys(PRESETS[preset].get(name, "")) for preset in others),
            )
        )
        + " |"
        for name, keys in defaults().items()
    ]
    return [
        f"| name | default | {' | '.join(others)} |",
        "|---" * (2 + len(others)) + "|",
        *rows,
    ]


def _keys(keys: str) -> str:
    return ", ".join(f"`{key}`" for key in keys.split(",") if key)


if __name__ == "__main__":
    docs = Path(__file__).parents[2] / "docs" / "configuration.md"
    text = docs.read_text("utf-8")
    docs.write_text(text[: text.index(BEGIN)] + reference() + text[text.index(END) :], "utf-8")
