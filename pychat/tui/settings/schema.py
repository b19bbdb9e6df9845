"""Every option: its type, default, bounds and a sentence about it, in one place.

`options` makes tables of it, for the settings screen and docs/configuration.md; at start it is read
by msgspec alone. All of it is frozen: a change makes a new Settings.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pychat.protocol import limits, names

Theme = Literal[
    "auto",
    "textual-dark",
    "textual-light",
    "nord",
    "gruvbox",
    "catppuccin-mocha",
    "dracula",
    "tokyo-night",
    "monokai",
    "flexoki",
    "catppuccin-latte",
    "catppuccin-frappe",
    "catppuccin-macchiato",
    "solarized-light",
    "solarized-dark",
    "rose-pine",
    "rose-pine-moon",
    "rose-pine-dawn",
    "atom-one-dark",
    "atom-one-light",
    "ansi-dark",
    "ansi-light",
]
Shown = Literal["auto", "shown", "hidden"]
Channel = Literal["bell", "osc", "command"]
Level = Literal["all", "mentions", "none"]
Preset = Literal["default", "irc", "emacs", "vim"]
Encrypted = Literal["auto", "required", "off"]

WORD_CHARS = 64
"""Of a word that counts as a mention."""

_Text = Annotated[str, Meta(max_length=200)]
_Word = Annotated[str, Meta(min_length=1, max_length=WORD_CHARS)]
_RoomName = Annotated[str, Meta(min_length=1, max_length=limits.ROOM_CHARS)]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    theme: Annotated[
        Theme,
        Meta(description="The colours. `auto` is dark or light as the terminal is."),
    ] = "auto"
    clock: Annotated[Literal["24h", "12h"], Meta(description="How times of day are written.")] = (
        "24h"
    )
    ascii: Annotated[
        bool, Meta(description="Draw frames and marks with ASCII characters alone.")
    ] = False
    markdown: Annotated[
        bool, Meta(description="Show bold, code, lists and links as such; off: as they were typed.")
    ] = True
    text_width: Annotated[
        int,
        Meta(
            ge=30, le=500, description="Columns that a message's text may take, in a wide window."
        ),
    ] = 100
    joins: Annotated[
        bool, Meta(description="Tell in the log who joins, leaves and changes their name.")
    ] = True
    rooms_pane: Annotated[
        Shown,
        Meta(description="The list of rooms at the start; `auto` shows it from 70 columns on."),
    ] = "auto"
    members_pane: Annotated[
        Shown,
        Meta(description="The list of members at the start; `auto` shows it from 100 columns on."),
    ] = "auto"
    mouse: Annotated[
        bool,
        Meta(
            description="Take mouse clicks; off: they are the terminal's. From the next start on."
        ),
    ] = True
    names: Annotated[
        Literal["all", "safe"],
        Meta(
            description="The colours of names: twelve, or seven that the colour-blind can tell "
            "from each other."
        ),
    ] = "all"


class Notify(msgspec.Struct, frozen=True, kw_only=True):
    channels: Annotated[
        tuple[Channel, ...],
        Meta(
            max_length=3,
            description="How you are called while you look elsewhere: the terminal's bell, a "
            "notification of the terminal (OSC 9, 99, 777), a command. None: not at all.",
        ),
    ] = ("bell", "osc")
    command: Annotated[
        tuple[_Text, ...],
        Meta(
            max_length=20,
            description="For the channel `command`: a program and its arguments. A title and a "
            "text come after them. No shell reads it.",
        ),
    ] = ()
    level: Annotated[
        Level,
        Meta(description="What calls you in a room: all that is said, mentions of you, nothing."),
    ] = "mentions"
    hide_body: Annotated[bool, Meta(description="Tell who and where, and not what was said.")] = (
        False
    )
    quiet: Annotated[
        str,
        Meta(
            pattern=r"\A(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?\Z",
            description="Hours in which nothing calls you, by this machine's clock.",
            examples=["22:00-08:00"],
        ),
    ] = ""
    rooms: Annotated[
        dict[_RoomName, Level],
        Meta(max_length=1_000, description="The level of single rooms, by their names."),
    ] = {}

    def level_of(self, room: str) -> Level:
        """What calls one there."""
        key = names.fold(room)
        return next(
            (each for name, each in self.rooms.items() if names.fold(name) == key), self.level
        )


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    preset: Annotated[
        Preset, Meta(description="Whose habits the keys follow; see the table of keys.")
    ] = "default"
    bindings: Annotated[
        dict[Annotated[str, Meta(max_length=40)], _Text],
        Meta(max_length=200, description="Keys of your own, by the name of what they do."),
    ] = {}
    """In the file these stand beside `preset`."""


class Composer(msgspec.Struct, frozen=True, kw_only=True):
    history: Annotated[
        bool, Meta(description="Remember on this machine's disk what you said, for Ctrl+R.")
    ] = True
    paste_lines: Annotated[
        int, Meta(ge=1, le=limits.TEXT_LINES, description="A paste of more lines asks first.")
    ] = 3
    paste_chars: Annotated[
        int, Meta(ge=80, le=100_000, description="A paste of more characters asks first.")
    ] = 2_000


class Mentions(msgspec.Struct, frozen=True, kw_only=True):
    words: Annotated[
        tuple[_Word, ...],
        Meta(max_length=100, description="Words that count as a mention of you, beside your name."),
    ] = ()


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    host: Annotated[str, Meta(description="Where the Hall is, `HOST` or `HOST:PORT`.")]
    port: (
        Annotated[
            int, Meta(ge=1, le=65_535, description="Its port, if it does not stand in `host`.")
        ]
        | None
    ) = None
    name: Annotated[str | None, Meta(description="Be called this there.")] = None
    rooms: Annotated[
        tuple[str, ...], Meta(max_length=100, description="Rooms to go into on entering.")
    ] = ()
    fingerprint: (
        Annotated[
            str,
            Meta(
                description="The Hall's key, as `pychat serve` prints it. Any other is refused.",
                examples=["sha256:4f0c..."],
            ),
        ]
        | None
    ) = None
    tls: Annotated[
        Encrypted,
        Meta(
            description="Encryption. `auto`: with it everywhere but on this machine itself; "
            "`required`: there, too; `off`: without, as with --no-tls."
        ),
    ] = "auto"
    theme: Annotated[Theme | None, Meta(description="Its colours, instead of look.theme.")] = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    look: Look = Look()
    notify: Notify = Notify()
    keys: Keys = Keys()
    composer: Composer = Composer()
    mentions: Mentions = Mentions()
    profiles: dict[str, Profile] = {}


DEFAULTS = Settings()
