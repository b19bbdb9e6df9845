"""The command palette: what the Hall's screen can do, each with the command that does the same."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

import msgspec
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from pychat.tui import calling, message_commands, moderating, slash, wishes
from pychat.tui.keymap import live_keymap

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen


class Entry(msgspec.Struct, frozen=True):
    title: str
    help: str
    """The slash command and, by its id in braces, the key that do the same."""
    run: Callable[["HallScreen"], object]


def _command(command: slash.Command) -> Callable[["HallScreen"], object]:
    return lambda hall: hall.perform(command)


def _alternate(key: str, one: str, other: str) -> Callable[["HallScreen"], object]:
    def run(hall: "HallScreen") -> None:
        from pychat.tui import adjusting

        adjusting.alternate(hall, key, one, other)

    return run


def _ask_word(hall: "HallScreen") -> None:
    from pychat.tui import boxes

    boxes.ask_word(hall)


_COPY_CODE = message_commands.Copy("code")

ENTRIES = (
    Entry("Join room…", "/join ROOM · {join-room}", lambda hall: hall.action_ask_room()),
    Entry("List rooms", "/list", _command(slash.ListRooms())),
    Entry("Leave room", "/leave", _command(slash.Leave())),
    Entry("Quit", "/quit · {quit}", _command(slash.Quit())),
    Entry("Switch room…", "/switch TEXT · {switch-room}", lambda hall: hall.action_switch_room()),
    Entry("Next unread", "{next-unread}", lambda hall: hall.action_next_unread()),
    Entry("Last room", "{last-room}", lambda hall: hall.action_last_place()),
    Entry("First unread here", "{first-unread}", lambda hall: hall.action_first_unread()),
    Entry("Next mention here", "{next-mention}", lambda hall: hall.action_mention(1)),
    Entry("Previous mention here", "{previous-mention}", lambda hall: hall.action_mention(-1)),
    Entry("Mark all read", "/read -a", _command(wishes.Read(everything=True))),
    Entry("New message to…", "/msg NAME", lambda hall: hall.action_ask_person()),
    Entry("Edit topic…", "/topic TEXT", lambda hall: hall.action_ask_topic()),
    Entry("How this room is set", "/room", _command(moderating.Settings())),
    Entry("Lock this room", "/lock", _command(moderating.Settings(kind="locked"))),
    Entry("Unlock this room", "/unlock", _command(moderating.Settings(kind="public"))),
    Entry("Who is banned here", "/bans", _command(moderating.Sanctions())),
    Entry("Mute this room, or no more", "/mute · {mute}", lambda hall: hall.action_mute()),
    Entry("Jump to a pane…", "{jump}", lambda hall: hall.action_jump()),
    Entry("Reply to the last message", "/reply", _command(message_commands.Reply())),
    Entry("Edit my last message", "/edit · Up", _command(message_commands.Edit())),
    Entry("React to the last message…", "/react", _command(message_commands.React())),
    Entry(
        "Choose a message…",
        "{select-up} · to reply, edit, delete, react, copy",
        lambda hall: hall.action_choose(-1),
    ),
    Entry("Copy the last message", "/copy", _command(message_commands.Copy())),
    Entry("Copy the last code", "/copy code · {copy-code}", _command(_COPY_CODE)),
    Entry("Open the last link…", "/open", _command(message_commands.Open())),
    Entry("Change name…", "/name NAME", lambda hall: hall.action_ask_name()),
    Entry("Search here…", "/search TEXT · {search-here}", _command(slash.Search())),
    Entry(
        "Search everywhere…",
        "/search -a TEXT · {search-everywhere}",
        _command(slash.Search("", True)),
    ),
    Entry("Members", "/who · {members}", lambda hall: hall.action_pane("members")),
    Entry("Manual", "/manual", _command(slash.Manual())),
    Entry("Help", "/help: every command and key", _command(slash.Help())),
    Entry("Retry unsent", "/retry · {retry}", _command(slash.Retry(everything=True))),
    Entry("Discard unsent", "/discard -a", _command(slash.Discard(everything=True))),
    Entry("Reconnect now", "/reconnect · {reconnect}", _command(slash.Reconnect())),
    Entry("Disconnect", "/disconnect", _command(wishes.Disconnect())),
    Entry("Away", "/away", _command(wishes.Away(away=True))),
    Entry("Back", "/back", _command(wishes.Away(away=False))),
    Entry("Rooms pane", "{rooms}", lambda hall: hall.action_pane("rooms")),
    Entry("Clear the view", "/clear", _command(wishes.Clear())),
    Entry("Write in $EDITOR", "/editor · {editor}", _command(wishes.Editor())),
    Entry("Redraw", "{redraw}", lambda hall: hall.action_redraw()),
    Entry("Report on this program", "/doctor", _command(wishes.Doctor())),
    Entry("Version", "/version", _command(wishes.Version())),
    Entry("Suspend", "the shell's fg comes back", lambda hall: hall.app.action_suspend_process()),
    Entry("Settings", "/settings · {settings}", _command(slash.OpenSettings())),
    Entry("Notify: all", "/notify all", _command(calling.Notify("all"))),
    Entry("Notify: mentions", "/notify mentions", _command(calling.Notify("mentions"))),
    Entry("Notify: none", "/notify none", _command(calling.Notify("none"))),
    Entry("Focus for 30 minutes", "/focus 30m", _command(calling.Focus())),
    Entry("End focus", "/focus off", _command(calling.Focus(0))),
    Entry("Quiet hours", "/quiet 22:00-08:00", _command(calling.Quiet())),
    Entry("Highlight a word…", "/highlight WORD", _ask_word),
    Entry("Theme…", "/theme NAME", _command(slash.ChooseTheme())),
    Entry(
        "Plain time or 24 h",
        "/set look.clock 12h",
        _alternate("look.clock", "24h", "12h"),
    ),
    Entry(
        "Markdown, or as it was typed",
        "/set look.markdown off",
        _alternate("look.markdown", "on", "off"),
    ),
)


class HallCommands(Provider):
    """Titles and helps go through Content: as plain strings the palette reads them as markup."""

    async def discover(self) -> Hits:
        for entry in ENTRIES:
            yield DiscoveryHit(
                Content(entry.title), self._callback(entry), entry.title, self._help(entry)
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in ENTRIES:
            help = self._help(entry)
            score = matcher.match(f"{entry.title} {help}")
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(entry.title),
                    self._callback(entry),
                    entry.title,
                    help,
                )

    def _callback(self, entry: Entry) -> Callable[[], object]:
        return partial(entry.run, cast("HallScreen", self.screen))

    def _help(self, entry: Entry) -> str:
        # No brackets in it: see the test.
        return live_keymap(self.screen).fill(entry.help)
