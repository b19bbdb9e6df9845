"""Every bound that both sides of the wire agree on, with its unit and its reason."""

PROTOCOL = 1
"""The version of the protocol that this package speaks, the only one there is."""

HEADER_BYTES = 4
"""The length prefix of a frame: an unsigned big-endian integer."""

CLIENT_FRAME_BYTES = 65_536
"""Client to server, after `welcome`: the longest text with its envelope fits."""

GREETING_FRAME_BYTES = 4_096
"""Client to server, until `welcome`: a stranger makes the server hold no more than this."""

SERVER_FRAME_BYTES = 1_048_576
"""Server to client; pages are cut to fit."""

TEXT_CHARS = 8_000
"""Of one message, in code points."""

TEXT_LINES = 200
"""Of one message: what a reader may have to scroll past."""

NAME_CHARS = 32
ROOM_CHARS = 64
TOPIC_CHARS = 390

NONCE_CHARS = 64
"""Of the client's id of an event; a UUID has 36."""

EMOJI_CHARS = 32
"""Of one reaction: a family emoji has 11 code points, `:a_short_name:` fits too."""

EMOJIS_PER_PERSON = 20
"""Reactions of one person to one message."""

REASON_CHARS = 200
"""Of a parting word; longer ones are cut, since nobody waits to correct them."""

SANCTION_SECONDS = 10 * 366 * 86_400
"""Of a ban or a mute with a time, some ten years: for longer it has none."""

SANCTIONS = 300
"""Bans of one room, or of the Hall, and as many mutes: with their reasons they fit a frame."""

SLOW_SECONDS = 86_400
"""Between two messages of a member: once a day is as slow as a room can be."""

REMOVED = ("kicked by ", "banned by ")
"""How the reason begins with which somebody was sent out of a room; no other one does."""

KEY_CHARS = 43
"""Of a public key: 32 bytes in base64url."""

PROOF_CHARS = 86
"""Of a signature: 64 bytes in base64url."""

LABEL_CHARS = 64
"""Of what a key is called: the name of a machine."""

PASSPHRASE_CHARS = 256

PASSPHRASE_LEAST_CHARS = 8
"""Three guesses a minute find a shorter one too soon."""

INVITE_CHARS = 128

CLIENT_CHARS = 200
"""Of the client's description of itself in `hello`."""

PAGE_MESSAGES = 200
"""In one page of history, and in `joined`."""

FOUND_MESSAGES = 100
"""In one page of search results."""

LISTED_ROOMS = 500
"""In one page of `rooms`; at the longest names and topics it still fits a frame."""

LISTED_MEMBERS = 1_000
"""In one page of `members`, and in one `presence` event."""

JOINED_MEMBERS = 200
"""The first members by name that `joined` tells; more come with `members`."""

DELTA_EVENTS = 1_000
"""A `joined` with `events` is never partial: past this the newest page comes instead."""

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""

BAD_PAYLOADS = 10
"""In a row; the last of them closes the connection."""

MENTIONS = 50
"""People whom one text can name: beyond that it calls a crowd, not somebody."""

DEFAULT_PORT = 22_222
DEFAULT_PAGE = 50
"""Messages in a page when the client names no limit: about two screens."""
