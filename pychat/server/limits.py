"""The server's own bounds, with their units and reasons; the wire's are in protocol.limits."""

SECONDS = 1.0
KIB = 1024
MIB = 1024 * KIB

LINGER = 60 * SECONDS
"""How long a user whose connection broke stays a member: a lift, a tunnel, a restart."""

LOGIN = 10 * SECONDS
"""From connect to `welcome`: a stranger holds a socket no longer."""

FRAME = 15 * SECONDS
"""From a frame's first byte to its last; 64 KiB at 5 KiB/s pass."""

SILENCE = 20 * SECONDS
"""Without a byte from the client, after which it is pinged."""

DEAD = 45 * SECONDS
"""Without a byte from the client, after which it is closed: a ping went unanswered."""

BACKLOG_BYTES = 1 * MIB
"""What may wait for a reader before it is cut; it catches up from the log."""

PASSING_BACKLOG_BYTES = BACKLOG_BYTES // 2
"""From here on typing and presence are dropped for a slow reader."""

BACKLOG_TIME = 10 * SECONDS
"""How long the socket of a reader may take nothing at all before it is cut."""

FAREWELL = 2 * SECONDS
"""How long a closing connection may take to read its `bye` before it is aborted."""

SLOW_FAREWELL = 5 * SECONDS
"""The same for one that was cut since it does not read: it may be busy, and is to learn why. It
holds what its socket had not taken until then, so that all are gone within 10 s of the limit."""

RETURN_RATE = 200.0
"""Whom a closing Hall tells to come back, a second: a login and its handshake take a fraction of
the five milliseconds that this gives them."""

RETURN_TIME = 10 * SECONDS
"""Within which all of them are to be back: a sixth of LINGER, so that nobody is taken for gone."""

SEND_BUFFER_BYTES = 128 * KIB
"""The kernel's send buffer for one connection: the default of 4 MB hides slow readers."""

LISTEN_BACKLOG = 1_024
"""Connections that the kernel keeps until they are accepted: a whole team after a restart."""

CONNECTIONS = 10_000
"""At one time, in all: half of the file descriptors of a common hard limit."""

CONNECTIONS_PER_ADDRESS = 64
"""At one time, from one address that is not this machine's own: a class behind one router."""

CONNECTIONS_PER_NETWORK = 1_024
"""At one time, from one /64 of IPv6: a tenth of all, and more than a house that shares one has."""

CONNECTS_PER_ADDRESS = 300
"""Connections that are made from one such address at once, and again within CONNECTS_TIME: a class
behind one router comes back four times, and then five times a second, as often as one may speak."""

CONNECTS_PER_NETWORK = 2_400
"""The same from one /64 of IPv6: twice what it may have at one time. An IPv4 address is none."""

CONNECTS_TIME = 60 * SECONDS
"""In which as many connections may be made again."""

USERS = 20_000
"""Named users, connected and lingering."""

SESSIONS_PER_PERSON = 10
"""Of one owned name at one time: more machines than anybody sits at, and each costs what a user
does."""

OWNED_NAMES = 100_000
"""In the Hall, some kilobyte of memory each. Past it newcomers are guests."""

NAMES_PER_KEY = 8
"""That belong to one key: nobody goes by more, and who takes names to keep others from them is to
need a key for each few."""

CLAIMS_PER_PLACE = 32
"""Names that become somebody's from one place at once, and again within CLAIMS_TIME: a class that
comes for the first time. Past it newcomers from there are guests."""

CLAIMS_TIME = 3_600 * SECONDS
"""In which as many names again may be taken from one place."""

KEYS_PER_NAME = 10
"""Of one owner: one for each machine."""

KEY_USED_AGAIN = 86_400_000
"""Milliseconds, a day: when a key was used is told, and written, no more finely."""

INVITES = 1_000
"""Into the Hall, made and not used up."""

SCRYPT_AT_ONCE = 2
"""Passphrases that are made out at one time, and one where there are but two processors: each takes
one of them and 32 MiB for a tenth of a second."""

SCRYPT_WAITING = 32
"""More that wait for that, some three seconds: the rest are told to try again."""

ATTEMPTS = 3
"""At a passphrase, for one name from one place, within ATTEMPTS_TIME."""

PASSWORD_ATTEMPTS = 30
"""At the Hall's password with a wrong one, from one place, within ATTEMPTS_TIME: people who share a
router mistype as well."""

ATTEMPTS_TIME = 60 * SECONDS
"""After which as many more may be made."""

ATTEMPTS_KNOWN = 10_000
"""Names, addresses and places whose attempts are remembered, of each kind; beyond them those made
longest ago are not."""

EARLIER_NAMES = 8
"""Names that a user had before and is still known by: nobody has more in one session for a reason,
and each is looked for with each thing that they say. Beyond them the oldest is forgotten: what was
said under it is, for that user, as if a stranger had said it."""

ROOMS = 10_000
"""In the Hall; each costs about a kilobyte of memory."""

ROOMS_PER_USER = 100
"""What one user can be in."""

ROOM_OFFICERS = 100
"""Owners and operators of one room: more than can agree."""

INVITATIONS = 1_000
"""Into one room, of people who have not come yet."""

SLOW_SPEAKERS = 10_000
"""Of whom it is known when they last spoke in one slow room. Beyond them the one who spoke longest
ago may speak again."""

DIRECT_ROOMS = 50_000
"""In the Hall; as many kilobytes of memory before anything is said."""

DIRECT_ROOMS_PER_USER = 50
"""Begun by the user or by others, and apart from ROOMS_PER_USER: who is written to by many can
enter rooms all the same."""

OWNERS_DIRECT_ROOMS = 100_000
"""In the Hall, of two who own their names, with something said in them: as many as there are names,
and half a kilobyte of memory each while nobody has them open."""

OWNERS_DIRECT_ROOMS_PER_OWNER = 500
"""Begun by the owner or by others, in all the years: more than anybody writes to. Each is looked at
when the owner comes."""

DIRECT_MESSAGES = 1_000
"""Kept of one direct room in memory: two people do not scroll back further in one stay."""

DIRECT_ENTRIES = 4 * DIRECT_MESSAGES
"""The same, with edits, deletions and reactions."""

DIRECT_BYTES = 256 * MIB
"""Of memory for what is said in all direct rooms with guests. Past it the room that takes most lets
go of the older half: who writes the most pays for it."""

READ_KEPT = 2 * SECONDS
"""Between two writings of read markers: what a crash of the server costs of them."""

READ_KEPT_OWNERS = 10 * SECONDS
"""The same of those of owners, which are synced to the disk: once for all who read meanwhile."""

READ_MARKERS = 1_000
"""Rooms in which an owner's are known, some 150 bytes each: those that one can be in, all direct
ones, and others that were left. Beyond them the one that was moved longest ago is forgotten."""

READ_KEPT_USERS = 500
"""Whose markers are written at one time, which takes some five milliseconds; the others' turn
comes next."""

SEARCH_CHARS = 200
"""Of what is searched for."""

TYPING_GAP = 3 * SECONDS
"""Between two typing events that are passed on, for one user and room."""

PRESENCE_BURST = 5
"""Presence events of a room in one second that are told at once; more are gathered."""

PRESENCE_GAP = 1 * SECONDS
"""Between two gathered presence events of a room."""

PAGE_BUDGET_BYTES = MIB - 128 * KIB
"""For the messages of one reply; the rest of its frame holds members, topic and envelope, and some
is left for what is said while a slow link takes it."""

DELTA_BUDGET_BYTES = MIB - 64 * KIB
"""For the events of a `joined`; the rest of its frame holds members, topic and envelope."""

REACTION_BYTES = 128 * KIB
"""Of JSON for the reactions of one message as shown, a thousand of the longest names: with its text
the message fits into every page."""

UNREAD_REPLIES_BYTES = BACKLOG_BYTES // 4
"""From here on no more commands are read from a client that does not read its replies."""

COMMANDS_PER_TURN = 64
"""Carried out for one connection before the others have their turn."""

TICK = 0.25 * SECONDS
"""Between two looks at what has come due in the Hall: gathered presence, users who linger."""

LET_GO_PER_TURN = 20
"""Users who lingered, before others have their turn: a crowd that came at once goes at once, and
takes up to a tenth of a millisecond each."""

STOOD_STILL = 2 * SECONDS
"""Between two such looks, after which the server itself must have stood still, stopped or starved
of its processor for eight of them: what was due meanwhile is put off."""

FLOOD_BURST = 10
"""Commands that others notice, from one user at once: a pasted handful of lines."""

FLOOD_RATE = 5.0
"""Such commands a second after the burst: faster than anybody types."""

FLOOD_PATIENCE = 10 * SECONDS
"""How long a command that has arrived may wait before it is refused as `rate-limited`; what has
not arrived is left in the socket, and waits for as long as its sender likes."""

FLOOD_PLACES = 10_000
"""Places of whose last guests it is known how much they had left, some 400 bytes each: as many as
there can be connections. Beyond them the one left longest ago is forgotten."""

RESYNC_BURST = 300
"""Commands that only read, at once: a join, a page and the members of ROOMS_PER_USER rooms, or a
join of each and of the direct rooms with something to spare."""

RESYNC_RATE = 20.0
"""Such commands a second after the burst: scrolling back as fast as one can look."""
