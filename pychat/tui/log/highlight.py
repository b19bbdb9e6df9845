"""Which stretches of code are keywords, strings and the like. Pygments is loaded by the first code
that is painted and names a language.

Its lexers are regular expressions, some of which take time that grows with the square of the code:
whoever asks bounds the code. The languages are those that were tried with hostile code.
"""

from functools import lru_cache
from typing import Any, Literal, NamedTuple

_KEPT = 32
"""Blocks whose colours are kept: more than a window shows."""

Role = Literal["keyword", "string", "number", "comment", "name", "removed"]

LANGUAGES = {
    "bash": "bash",
    "c": "c",
    "c++": "cpp",
    "cpp": "cpp",
    "css": "css",
    "diff": "diff",
    "go": "go",
    "html": "html",
    "ini": "ini",
    "java": "java",
    "javascript": "javascript",
    "js": "javascript",
    "json": "json",
    "patch": "diff",
    "py": "python",
    "python": "python",
    "rb": "ruby",
    "ruby": "ruby",
    "rs": "rust",
    "rust": "rust",
    "sh": "bash",
    "shell": "bash",
    "sql": "sql",
    "toml": "toml",
    "ts": "typescript",
    "typescript": "typescript",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
}
"""What people write after the backticks: Pygments' name for it."""


class Colouring(NamedTuple):
    start: int
    end: int
    role: Role


@lru_cache(_KEPT)
def colourings(language: str, code: str) -> tuple[Colouring, ...]:
    """In order, apart from each other; none for a language that is not known."""
    known = LANGUAGES.get(language)
    if known is None:
        return ()
    from pygments.lexers import get_lexer_by_name
    from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

    roles: list[tuple[Any, Role]] = [
        (Comment, "comment"),
        (Keyword, "keyword"),
        (Operator.Word, "keyword"),
        (Generic.Deleted, "removed"),
        (Generic.Inserted, "string"),
        (Generic.Heading, "name"),
        (Generic.Subheading, "name"),
        (String, "string"),
        (Number, "number"),
        (Name.Function, "name"),
        (Name.Class, "name"),
        (Name.Decorator, "name"),
        (Name.Tag, "keyword"),
        (Name.Attribute, "name"),
        (Name.Builtin, "name"),
    ]
    # The tokens as they stand: a lexer's `get_tokens` would normalise line ends first.
    found = get_lexer_by_name(known).get_tokens_unprocessed(code)
    return tuple(
        Colouring(start, start + len(text), role)
        for start, token, text in found
        for role in [next((role for kind, role in roles if token in kind), None)]
        if role is not None
    )
