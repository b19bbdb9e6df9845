"""What the word at the cursor may become: commands, people, rooms, emoji. Pure.

A token is what one is about to write: `/jo`, `@ad`, `#de`, `:tad`, or the first argument of a
command. A bare word is completed by Tab alone.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

Kind = Literal["command", "person", "room", "emoji", "theme"]

ROWS = 8
"""Shown at most."""

LONGEST = 100
"""Characters before the cursor that are looked at, at each key: more than a command and a name."""


class Token(msgspec.Struct, frozen=True):
    kind: Kind
    start: int
    """Its first character in the line, the sign included."""
    text: str
    """Up to the cursor, without the sign."""
    argument: bool = False
    """Of a command: there it may be left out, and a room may be a new one."""


class Candidate(msgspec.Struct, frozen=True):
    insert: str
    """In place of the token, sign and all."""
    label: str
    detail: str = ""
    names: tuple[str, ...] = ()
    """By which it is found, casefolded."""


_COMMAND = re.compile(r"\A/(?!/)(\S*)\Z")
_ARGUMENT = re.compile(r"\A/(\w+)\s+(\S*)\Z")
# Not by what names have: letters of many scripts need marks, which are no \w.
_NAME = r"[^\s@#/:,;!?()\[\]{}<>\"'`]"
_SIGN = re.compile(rf"(?<![^\s(\[{{\"'])([@#])({_NAME}*)\Z")
_EMOJI = re.compile(r"(?<![^\s(\[{\"']):([a-zA-Z0-9_+\-]{2,}:?)\Z")
_WORD = re.compile(rf"(?<!\S)([@#]?)({_NAME}+)\Z")


def token_at(before: str, after: str, *, first: bool, takes: Mapping[str, str]) -> Token | None:
    """In a line, by what stands before and after the cursor; within a word there is none.

    `first` tells whether it is the text's first line; `takes` what a command's argument is.
    """
    if after and not after[0].isspace() and after[0] not in ".,;:!?)]}\"'":
        return None
    start = max(0, len(before) - LONGEST)
    before = before[start:]
    if first and start == 0 and before.startswith("/"):
        if command := _COMMAND.match(before):
            return Token("command", 0, command[1])
        if (argument := _ARGUMENT.match(before)) and argument[1].lower() in takes:
            kind, text = takes[argument[1].lower()], argument[2].lstrip("@#/")
            return Token(_KINDS[kind], argument.start(2), text, argument=True)
    if sign := _SIGN.search(before):
        return Token("person" if sign[1] == "@" else "room", start + sign.start(), sign[2])
    if emoji := _EMOJI.search(before):
        return Token("emoji", start + emoji.start(), emoji[1])
    return None


_KINDS: dict[str, Kind] = {
    "command": "command",
    "person": "person",
    "room": "room",
    "theme": "theme",
}


def ranked(token: Token, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that fit: the very one, then by beginning, then by letters in their order; none if it
    is the very one and no other fits."""
    wanted = token.text.casefold()
    if not wanted:
        return list(candidates[:ROWS])
    if token.kind == "emoji" and wanted.endswith(":"):
        return [each for each in candidates if wanted[:-1] in each.names][:1]
    letters = re.compile(".*?".join(map(re.escape, wanted)))
    tiers: tuple[list[Candidate], ...] = ([], [], [])
    for candidate in candidates:
        tier = min((_tier(name, wanted, letters) for name in candidate.names), default=3)
        if tier < 3:
            tiers[tier].append(candidate)
    found = [candidate for tier in tiers for candidate in tier][:ROWS]
    # There is nothing more to write of it; a command is still told what follows.
    written = token.kind in ("person", "room", "theme") and len(found) == len(tiers[0]) == 1
    return [] if written else found


def _tier(name: str, wanted: str, letters: re.Pattern[str]) -> int:
    if name.startswith(wanted):
        return 0 if len(name) == len(wanted) else 1
    return 2 if letters.search(name) else 3


def is_complete(token: Token, candidates: Sequence[Candidate]) -> bool:
    """Whether Enter sends: the token as it is written is one of them, or may be something else.

    An argument may be left out, a room may be a new one, and what is mistyped is to be told.
    """
    wanted = token.text.casefold()
    if token.argument:
        begun = any(name.startswith(wanted) for name in candidates[0].names)
        if not wanted or not begun or token.kind == "room":
            return True
    return token.kind != "emoji" and any(wanted in each.names for each in candidates)


def inserted(token: Token, chosen: Candidate, after: str) -> str:
    """What comes in the token's place, before what stands there after it."""
    text = chosen.insert
    if token.argument and token.kind == "person":
        text = text.removeprefix("@")
    elif token.argument:
        # Nothing follows it.
        text = text.rstrip().removeprefix("/")
    return text.rstrip() if after.startswith(" ") else text


class Cycle:
    """Tab on a bare word: what begins with it, one after the other."""

    def __init__(self, start: int, word: str, options: Sequence[str]) -> None:
        self.start = start
        """Of what is replaced, in its line."""
        self._texts = [*options, word]
        self._at = -1

    def next(self) -> str:
        """After the last one comes what was written."""
        self._at = (self._at + 1) % len(self._texts)
        return self._texts[self._at]


def cycle_at(
    before: str, *, first: bool, people: Sequence[Candidate], rooms: Sequence[Candidate]
) -> Cycle | None:
    """For the beginning of a member's name, or of `#room`, before the cursor."""
    cut = max(0, len(before) - LONGEST)
    found = _WORD.search(before[cut:])
    if found is None:
        return None
    sign, word, start = found[1], found[2].casefold(), cut + found.start()
    known = rooms if sign == "#" else people
    names = [each.insert for each in known if any(name.startswith(word) for name in each.names)]
    end = ": " if first and start == 0 and not sign else " "
    options = [f"{sign}{name.lstrip('@#').rstrip()}{end}" for name in names]
    return Cycle(start, found[0], options) if options else None
