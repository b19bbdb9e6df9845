"""pychat.toml with nothing changed in it: each setting with its reason, bounds and default.

Made of `schema` and of the texts that stand below the bounds in the sources, so that file and
program cannot differ."""

import ast
import inspect
import itertools
import json
import re
import textwrap
from collections.abc import Iterator
from types import ModuleType

from pychat.protocol import limits as wire
from pychat.server import limits
from pychat.server.settings import schema
from pychat.server.settings.schema import Option, options

_WIDTH = 98

_HEAD = """\
The settings of a pychat Hall: `pychat serve --config pychat.toml`. What is commented out is the
default. PYCHAT_SECTION_NAME in the environment comes before this file (PYCHAT_LIMITS_USERS=50), and
the command line before both. `pychat config check pychat.toml` tells what is wrong in it. After a
change, SIGHUP to the server makes hold what can hold at once; what cannot says so here.
"""

_SECTIONS = {
    "hall": "The Hall itself.",
    "listen": "Where it is found.",
    "access": "Who may come in. The levels of lock-down are set while the Hall is open, by "
    "`pychat admin lockdown`.",
    "keep": "How long messages stay.",
    "deadlines": "How long anybody may take for what.",
    "limits": "How much of anything there may be.",
    "flood": "How fast one person may speak. Commands that others notice (`burst`, `rate`) are "
    "counted apart from those that only read (`resync`).",
    "metrics": "Figures for whoever runs the Hall.",
    "cluster": "A Hall on several machines; docs/cluster.md tells how. What `access`, `limits` and "
    "`deadlines.linger` say at the node that was started or told last holds at all.",
}

_UNITS = {"SECONDS", "KIB", "MIB"}

_FIXED = """\
What cannot be changed: both sides of the wire agree on it, or other bounds follow from it.
"""


def example() -> str:
    parts = [_comment(" ".join(_HEAD.split()))]
    reasons = _reasons(schema) | _reasons(limits)
    section = ""
    for option in options().values():
        if option.section != section:
            section = option.section
            parts += ["", "", f"[{section}]", _comment(_SECTIONS[section])]
        parts += ["", _described(option, reasons), f"#{option.field} = {_toml(option)}"]
    parts += ["", "", _comment(_FIXED), *_fixed()]
    return "\n".join(parts) + "\n"


def _described(option: Option, reasons: dict[str, str]) -> str:
    reason = _by_key(reasons[option.bound or option.key])
    when = "from the next start on" if option.needs_restart else "at once"
    allowed = option.allowed[:1].upper() + option.allowed[1:]
    return _comment(f"{reason}\n{allowed}; a change holds {when}.")


def _by_key(text: str) -> str:
    """Other bounds as they are called in the file."""
    keys = {option.bound: option.key for option in options().values() if option.bound}
    return re.sub(r"\b[A-Z]{3,}(_[A-Z]+)*\b", lambda name: keys.get(name[0], name[0]), text)


def _fixed() -> Iterator[str]:
    bound = {option.bound for option in options().values()}
    for module in (limits, wire):
        reasons = _reasons(module)
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, int | float) and name not in bound | _UNITS:
                why = f": {_by_key(reasons[name])}" if name in reasons else ""
                yield _comment(f"{name.lower()} = {value:,}{why}", "#   ")


def _reasons(module: ModuleType) -> dict[str, str]:
    """The text below each assignment, by its name; in a section's class by `section.name`."""
    body = ast.parse(inspect.getsource(module)).body
    found = dict(_texts(body))
    for node in body:
        if isinstance(node, ast.ClassDef):
            section = node.name.removesuffix("Section").lower()
            found |= {f"{section}.{name}": text for name, text in _texts(node.body)}
    return found


def _texts(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for assigned, below in itertools.pairwise(body):
        targets = assigned.targets if isinstance(assigned, ast.Assign) else []
        targets = [assigned.target] if isinstance(assigned, ast.AnnAssign) else targets
        match targets, below:
            case [ast.Name(id=name)], ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())


def _toml(option: Option) -> str:
    return json.dumps(option.default, ensure_ascii=False)


def _comment(text: str, begin: str = "# ") -> str:
    lines = [
        wrapped
        for line in text.strip().splitlines()
        for wrapped in textwrap.wrap(
            line, _WIDTH, initial_indent=begin, subsequent_indent=begin, break_on_hyphens=False
        )
    ]
    return "\n".join(lines)
