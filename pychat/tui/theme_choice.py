"""A theme is chosen from a list that typing narrows; it is shown and kept at once."""

from functools import partial
from typing import TYPE_CHECKING, cast, get_args

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from pychat.tui.settings.schema import Theme
from pychat.tui.settings.writing import WritingError

if TYPE_CHECKING:
    from pychat.tui.app import PychatApp


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
        app = cast("PychatApp", self.app)
        try:
            app.change_setting(("look", "theme"), name)
        except WritingError as error:
            app.notify(f"{name} until pychat ends: {error}", severity="warning", markup=False)


def choose_theme(app: "PychatApp") -> None:
    app.push_screen(CommandPalette(providers=[ThemeChoices], placeholder="Search for themes…"))
