"""The message log: what a room's people said, as rows, and the widget that shows them."""

from pychat.tui.log.message_log import MessageLog
from pychat.tui.log.rows import Rule, Unsent

__all__ = ["MessageLog", "Rule", "Unsent"]
