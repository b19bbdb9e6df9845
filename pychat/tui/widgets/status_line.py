"""The bottom line: what waits elsewhere, and the keys that help here."""

from textual.content import Content
from textual.widgets import Static

from pychat.tui.keymap import live_keymap

_KEYS = (
    "{page-up}/{page-down} scroll · {place-1}…9 room · {rooms} rooms · {members} members"
    " · {quit} quit",
    "{page-up}/{page-down} scroll · {switch-room} switch · {rooms} rooms · {members} members",
    "{switch-room} switch · {rooms} rooms · {members} members · {guide}",
    "{switch-room} switch · {rooms} rooms",
    "",
)


class StatusLine(Static):
    def __init__(self) -> None:
        super().__init__(id="status")
        self._shown = (0, 0, 0, 0, 0)
        self._hush = ""

    def show(
        self, unread: int, mentions: int, unsent: int, queued: int, unkept: int, *, hush: str = ""
    ) -> None:
        """`unsent` wait for the person, `queued` for the Hall, `unkept` of both are not on disk;
        `hush` says why nothing calls the person, if nothing does."""
        if (unread, mentions, unsent, queued, unkept, hush) != (*self._shown, self._hush):
            self._shown, self._hush = (unread, mentions, unsent, queued, unkept), hush
            self.paint()

    def on_resize(self) -> None:
        self.paint()

    def paint(self) -> None:
        fill = live_keymap(self).fill
        width = self.size.width
        unread, mentions, unsent, queued, unkept = self._shown
        parts = []
        if mentions:
            parts.append(
                (
                    fill(f"{mentions} mention{'s' * (mentions > 1)} ({{next-unread}})"),
                    "bold $text-warning",
                )
            )
        if unread:
            key = "" if mentions else fill(" ({next-unread})")
            parts.append((f"{unread} unread{key}", "bold"))
        if unsent:
            parts.append((fill(f"{unsent} unsent ({{retry}})"), "bold $text-error"))
        if queued:
            parts.append((f"{queued} queued", "bold $text-warning"))
        if unkept:
            parts.append((f"{unkept} not on disk", "bold $text-error"))
        if self._hush:
            parts.append((self._hush, "$foreground-muted"))
        left = Content(" · ").join(Content.styled(*part) for part in parts)
        room = width - left.cell_length - 3
        keys = next(keys for keys in map(fill, _KEYS) if len(keys) <= max(0, room))
        gap = max(0, width - 2 - left.cell_length - len(keys))
        line = Content.assemble(" ", left, " " * gap, (keys, "$foreground-muted"))
        # Always one line: there is nothing to lay out.
        self.update(line, layout=False)
