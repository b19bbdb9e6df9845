"""Screens that may be seen one through another: what is behind a box is painted once for it.

Textual 8.2 arranges and paints a box up to five times while it opens, and each time it also paints
and tints all that is behind. Here a box is painted when it has been arranged; what is behind is
kept for it, line by line, until that changes.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._context import visible_screen_stack
from textual.color import Color
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget


class Layer(Screen[ScreenResultType]):
    """Tells the box over it, if there is one, what of it is to be painted anew."""

    # Whose the focus is shows by the styles of the widgets: nothing else is to be painted.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    _styled = False

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        # The first time all widgets have just been mounted, each with its styles; only this was
        # there before its style sheet.
        if not self._styled:
            self._styled = True
            event.refresh_styles = False
            self.app.stylesheet.update_nodes([self])

    def catch_up(self) -> None:
        """Arrange now what was to be arranged before the next painting."""
        self._on_timer_update()

    def _on_timer_update(self) -> None:
        scrollbars = self.scrollbars_enabled
        super()._on_timer_update()
        if self.scrollbars_enabled != scrollbars:
            # They take room away or give it back; Textual forgets that as soon as it has arranged.
            self._refresh_layout()

    def _screen_resized(self, size: Size) -> None:
        # Textual says so up to three times of one size.
        if size != self._compositor.size:
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        # Textual paints also while updates are held back, and throws that away.
        if self.app._batch_count:
            return
        if self.app.screen is self:
            # All that is to be painted, at once.
            self._compositor.update_widgets(self._dirty_widgets | {self})
            self._repaint_required = False
        above = self._neighbour(1)
        if isinstance(above, Box):
            changed = self._compositor._dirty_regions.copy()
            self._compositor._dirty_regions.clear()
            self._dirty_widgets.clear()
            above.show_behind(changed)
        else:
            super()._compositor_refresh()

    def _neighbour(self, step: int) -> Screen[Any] | None:
        stack = self.app.screen_stack
        at = stack.index(self) + step if self in stack else -1
        return stack[at] if 0 <= at < len(stack) else None


class Box(ModalScreen[ScreenResultType], Layer[ScreenResultType]):
    """What is behind it shines through, and goes on."""

    def __init__(self) -> None:
        self._behind: list[Strip | None] = []
        """Its lines as they are seen through this; None is to be painted."""
        self._behind_as: tuple[object, ...] = ()
        """Whose they are, and how they are tinted."""
        self._arranged = False
        super().__init__()

    def show_behind(self, changed: Iterable[Region]) -> None:
        """Paint this of what is behind anew, with the next painting."""
        for region in changed:
            for y in region.line_range:
                if y < len(self._behind):
                    self._behind[y] = None
            # Not by `refresh`: with that Textual forgets which widgets were to be painted, too.
            self._repaint_regions.add(region)
            self._dirty_widgets.add(self)
        self.check_idle()

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Without regions all is painted anew, also what is behind."""
        if repaint and not regions:
            self._behind.clear()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self._arranged = False

    def _on_timer_update(self) -> None:
        if self.stack_updates:
            # Its widgets have been told their sizes meanwhile.
            self._arranged = True
            super()._on_timer_update()

    def _screen_resized(self, size: Size) -> None:
        if size == self._compositor.size:
            return
        under = self._neighbour(-1)
        if isinstance(under, Layer):
            under._screen_resized(size)
        self._arranged = False
        super()._screen_resized(size)
        self.refresh()

    def _compositor_refresh(self) -> None:
        if not self._arranged:
            return
        under = self._neighbour(-1)
        if isinstance(under, Layer):
            under.catch_up()
        super()._compositor_refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        under, tint = self._neighbour(-1), self.styles.background
        if under is None or tint.a == 1:
            return super().render_lines(crop)
        filters = self.get_line_filters()
        seen_as = (under, under._compositor.size, self.size, tint, self.visual_style, *filters)
        if not (isinstance(under, Layer) and self._behind and seen_as == self._behind_as):
            self._behind = [None] * self.size.height
            self._behind_as = seen_as
        wanted = {y for y in crop.line_range if self._behind[y] is None}
        if wanted:
            glass = Glass(tint, self.visual_style.rich_style, self.size.width)
            for y, strip in zip(sorted(wanted), self._lines_of(under, wanted), strict=True):
                seen = glass.through(strip)
                for each in filters:
                    seen = seen.apply_filter(each, self.background_colors[1])
                self._behind[y] = seen
        return [
            seen.crop(crop.x, crop.right)
            for seen in self._behind[crop.y : crop.bottom]
            if seen is not None
        ]

    def _lines_of(self, under: Screen[Any], wanted: set[int]) -> Iterator[Strip]:
        stack = self.app.screen_stack
        # Who is behind a screen finds there what is behind it in turn.
        before = visible_screen_stack.set(stack[: stack.index(under)])
        try:
            size = under._compositor.size
            lines = Region(0, min(wanted), size.width, max(wanted) + 1 - min(wanted))
            chops = under._compositor._render_chops(lines, wanted.__contains__)
        finally:
            visible_screen_stack.reset(before)
        for y in sorted(wanted):
            yield Strip.join(chops[y].values()) if y < size.height else Strip([])


class Glass:
    """Tints, and takes away what can be clicked, as Textual does."""

    def __init__(self, tint: Color, base: Style, width: int) -> None:
        self._tint = tint
        self._base = base
        self._width = width
        self._looks: dict[Style, Style] = {}

    def through(self, strip: Strip) -> Strip:
        """What is seen of a line, as wide as the window."""
        segments = [Segment(text, self._look(style or Style.null())) for text, style, _ in strip]
        return Strip(segments, strip.cell_length).adjust_cell_length(self._width, self._base)

    def _look(self, style: Style) -> Style:
        look = self._looks.get(style)
        if look is None:
            # Most differ by their places in the text alone.
            bare = style.clear_meta_and_links()
            look = self._looks.get(bare)
            if look is None:
                [seen] = BackgroundScreen.process_segments([Segment(" ", bare)], self._tint)
                look = self._looks[bare] = self._base + seen.style
            self._looks[style] = look
        return look
