"""Text of messages: what may be said, and how what others said is made harmless to show."""

import re
import unicodedata

from pychat.protocol import limits
from pychat.protocol.errors import Refused

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Unicode's own line ends are shown as such, so they count.
_LINE_END = re.compile("[\n\u2028\u2029]")


def check_text(raw: str) -> str:
    """A message's text with its line ends as `\\n`. Raises Refused `bad-text`, `text-too-long`."""
    if raw.isascii() and raw.isprintable() and len(raw) <= limits.TEXT_CHARS and raw.strip():
        return raw  # one plain line, as most are
    text = raw.replace("\r\n", "\n")
    if len(text) > limits.TEXT_CHARS:
        raise Refused(
            "text-too-long",
            f"a message has at most {limits.TEXT_CHARS} characters, this one has {len(text)}",
        )
    lines = len(_LINE_END.findall(text)) + 1
    if lines > limits.TEXT_LINES:
        raise Refused(
            "text-too-long",
            f"a message has at most {limits.TEXT_LINES} lines, this one has {lines}",
        )
    _refuse_controls(text)
    # What shows nothing is as empty as what is white.
    if not clean(text).strip():
        raise Refused("bad-text", "a message has something in it besides white space")
    return text


def check_topic(raw: str) -> str:
    """A room's topic; empty takes it away. Raises Refused `bad-text`, `text-too-long`."""
    if len(raw) > limits.TOPIC_CHARS:
        raise Refused(
            "text-too-long",
            f"a topic has at most {limits.TOPIC_CHARS} characters, this one has {len(raw)}",
        )
    _refuse_controls(raw.replace("\r\n", "\n"))
    if _LINE_END.search(raw):
        raise Refused("bad-text", "a topic has one line")
    if raw and raw.isspace():
        raise Refused("bad-text", "a topic is empty or has something in it besides white space")
    return raw


def check_emojis(raw: list[str]) -> list[str]:
    """A set of reactions, each once, in the order given. Raises Refused `bad-text`."""
    for emoji in raw:
        if not 1 <= len(emoji) <= limits.EMOJI_CHARS:
            raise Refused(
                "bad-text",
                f"a reaction has 1 to {limits.EMOJI_CHARS} characters, this one has {len(emoji)}",
            )
        _refuse_controls(emoji)
        if any(char.isspace() for char in emoji):
            raise Refused("bad-text", "a reaction has no white space in it")
    return list(dict.fromkeys(raw))


def _refuse_controls(text: str) -> None:
    fault = _FORBIDDEN.search(text)
    if fault:
        raise Refused(
            "bad-text",
            f"the control character U+{ord(fault[0]):04X} at position {fault.start()} is not "
            "allowed; of these only newline and tab are",
        )


def _display_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {point: chr(0x2400 + point) for point in range(0x20)}
    table[0x0A] = "\n"
    table[0x09] = "\t"
    table[0x7F] = "\u2421"
    table |= dict.fromkeys(range(0x80, 0xA0), "\ufffd")
    table |= dict.fromkeys((0x85, 0x2028, 0x2029), "\n")
    # Bidi controls reorder what stands beside them; the invisible ones hide what is there.
    # ZWJ and the variation selectors stay: emoji are made with them.
    bidi = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F)
    invisible = (
        *(0x00AD, 0x034F, 0x115F, 0x1160, 0x180E, 0x200B, 0x3164, 0xFEFF, 0xFFA0),
        *range(0x2060, 0x2065),
        *range(0x206A, 0x2070),
        *range(0xFFF9, 0xFFFC),
        *range(0x1BCA0, 0x1BCA4),
        *range(0x1D173, 0x1D17B),
        *range(0xE0000, 0xE0080),
    )
    return table | dict.fromkeys((*bidi, *invisible))


_DISPLAY = _display_table()
_SUSPECT = re.compile("[^\x20-\x7e\n]")
# Accents, as those of Latin letters, which would paint over the lines around; and how high they,
# or the lower marks of scripts that stack them, may stand on one letter.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_ACCENT_HEIGHT, _MARK_HEIGHT, _MAX_HEIGHT = 2, 1, 8
_UNSURE = frozenset({"Mn", "Me", "Cs", "Cn"})


def clean(text: str) -> str:
    """Text from the network, harmless to a terminal. Idempotent.

    Control characters become their pictures, those that reorder or hide are dropped, unassigned
    and surrogate code points become U+FFFD, stacks are cut at four accents or eight marks of
    other kinds. Newline and tab stay.
    """
    if (text.isascii() and text.isprintable()) or not _SUSPECT.search(text):
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_DISPLAY))
    if _UNSURE.isdisjoint(map(unicodedata.category, text)):
        return text
    return _cut_stacks(text)


def _cut_stacks(text: str) -> str:
    kept, height = [], 0
    # Decomposed, so that a mark counts whether it is part of its letter or follows it.
    for char in unicodedata.normalize("NFD", text):
        category = unicodedata.category(char)
        if category in ("Mn", "Me"):
            step = _ACCENT_HEIGHT if _ACCENTS.match(char) else _MARK_HEIGHT
            if height + step > _MAX_HEIGHT:
                continue
            height += step
        elif category not in ("Mc", "Cf"):
            height = 0
            # Python's table may be older than people's emoji.
            if category == "Cs" or (category == "Cn" and not "\U0001f300" <= char <= "\U0001faff"):
                char = "\ufffd"
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def clean_line(text: str) -> str:
    """As `clean`, for what has one line: a name, a topic, an error."""
    return clean(text).replace("\n", "\u2424").replace("\t", " ")
