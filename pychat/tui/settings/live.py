"""The settings that hold now, for whoever shows something by them."""

from typing import TYPE_CHECKING, cast

from pychat.tui.settings.schema import DEFAULTS, Settings

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from pychat.tui.app import PychatApp


def settings_of(node: "DOMNode") -> Settings:
    """The defaults in an app that has none. To be told of changes:
    `self.watch(self.app, "settings", self.callback)`; it is called with the old and the new ones.
    """
    settings = getattr(node.app, "settings", DEFAULTS)
    assert isinstance(settings, Settings)
    return settings


def pychat_app(node: "DOMNode") -> "PychatApp":
    """For who changes them."""
    return cast("PychatApp", node.app)
