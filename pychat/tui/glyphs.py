"""What is painted instead of the marks and frames of ours where only ASCII is wanted.

One table, applied to whatever is painted, so that no widget can forget it: each character is
exchanged for as many cells. What people write is left as it is, but for the same marks in it.
"""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

ASCII = {
    # Presence and connection: here, away, trying, gone.
    "●": "*",
    "◐": "-",
    "◌": "~",
    "○": "o",
    # States of a message, badges of a room.
    "✓": "v",
    "✗": "x",
    "✎": "&",
    # Who may do more: owner, operator.
    "★": "@",
    "☆": "+",
    "▌": ">",
    # Directions.
    "▲": "^",
    "▼": "v",
    "▶": ">",
    "◀": "<",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "⤷": ">",
    "↩": "<",
    "‹": "<",
    "›": ">",
    # Textual's, in the palette; two cells.
    "🔎": "> ",
    # Punctuation.
    "…": ".",
    "·": "-",
    "•": "*",
    "—": "-",
    "–": "-",
    "×": "x",
    "␤": "/",
    # Lines and frames.
    **dict.fromkeys("─━┄┅┈┉╌╍═▔", "-"),
    **dict.fromkeys("│┃┆┇┊┋╎╏║▏▎▍▋▊▉▐▕", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛┣┫┳┻╋╔╗╚╝", "+"),
    # Scrollbars, and the edges of Textual's boxes.
    **dict.fromkeys("▁▂▃▄", "_"),
    **dict.fromkeys("▅▆▇█▀▖▗▘▝▙▛▜▟", "#"),
    # What stands for a control character that somebody sent.
    **{chr(0x2400 + point): "?" for point in range(0x27) if point != 0x24},
}
_TABLE = str.maketrans(ASCII)


class AsciiFilter(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(in_ascii(segment.text), *segment[1:])
            for segment in segments
        ]


def in_ascii(text: str) -> str:
    return text.translate(_TABLE)
