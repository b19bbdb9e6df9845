"""Whether a message is for me: it names me by a name that I have, or had in this session."""

from collections.abc import Container, Iterable

from pychat.protocol import names


def names_me(mentions: Iterable[str] | None, mine: Container[str]) -> bool:
    """`mentions` are the Hall's, `mine` my names, folded."""
    return mentions is not None and any(names.fold(name) in mine for name in mentions)
