"""A theme is chosen from a list that typing narrows; it is shown and kept at once."""

from functools import partial
from typing import TYPE_CHECKING, cast, get_args

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from pychat.tui import adjusting
from pychat.tui.settings.schema import Theme

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen


class ThemeChoices(Provider):
    async def discover(self) -> Hits:
        for name in get_args(Theme):
            yield DiscoveryHit(name, partial(self._choose, name))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name in get_args(Theme):
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), partial(self._choose, name))

    def _choose(self, name: str) -> None:
        adjusting.change(cast("HallScreen", self.screen), "look.theme", name)


def choose_theme(hall: "HallScreen") -> None:
    screen = CommandPalette(providers=[ThemeChoices], placeholder="Search for themes…")
    hall.app.push_screen(screen)
