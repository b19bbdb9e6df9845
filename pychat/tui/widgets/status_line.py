"""The bottom line: what waits elsewhere, and the keys that help here."""

from textual.content import Content
from textual.widgets import Static

_KEYS = (
    "PgUp/PgDn scroll · Alt+1…9 room · F7 rooms · F8 members · Ctrl+Q quit",
    "PgUp/PgDn scroll · Ctrl+K switch · F7 rooms · F8 members",
    "Ctrl+K switch · F7 rooms · F8 members · F1",
    "Ctrl+K switch · F7 rooms",
    "",
)


class StatusLine(Static):
    def __init__(self) -> None:
        super().__init__(id="status")
        self._shown = (0, 0, 0, 0, 0)

    def show(self, unread: int, mentions: int, unsent: int, queued: int, unkept: int) -> None:
        """`unsent` wait for the person, `queued` for the Hall, `unkept` of both are not on disk."""
        if (unread, mentions, unsent, queued, unkept) != self._shown:
            self._shown = (unread, mentions, unsent, queued, unkept)
            self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        width = self.size.width
        unread, mentions, unsent, queued, unkept = self._shown
        parts = []
        if mentions:
            parts.append(
                (f"{mentions} mention{'s' * (mentions > 1)} (Alt+A)", "bold $text-warning")
            )
        if unread:
            parts.append((f"{unread} unread" + (" (Alt+A)" if not mentions else ""), "bold"))
        if unsent:
            parts.append((f"{unsent} unsent (Alt+R)", "bold $text-error"))
        if queued:
            parts.append((f"{queued} queued", "bold $text-warning"))
        if unkept:
            parts.append((f"{unkept} not on disk", "bold $text-error"))
        left = Content(" · ").join(Content.styled(*part) for part in parts)
        room = width - left.cell_length - 3
        keys = next(keys for keys in _KEYS if len(keys) <= max(0, room))
        gap = max(0, width - 2 - left.cell_length - len(keys))
        line = Content.assemble(" ", left, " " * gap, (keys, "$foreground-muted"))
        # Always one line: there is nothing to lay out.
        self.update(line, layout=False)
