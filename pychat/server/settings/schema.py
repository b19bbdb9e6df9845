"""Every setting of a Hall: its type, bounds, unit and default. The one table of which `pychat
config check`, `pychat config example` and the server's own reading of it are made.

What stands below a setting is its reason, and is the comment in the file. Those of `deadlines`,
`limits` and `flood` are bounds of pychat.server.limits, and have their default and their reason
there: a field `users` is the bound USERS.
"""

import functools
import json
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from pychat.protocol import limits as wire
from pychat.server import limits

Value = bool | int | float | str | tuple[str, ...]


def _number(
    least: float, most: float, unit: str | None = None, *, restart: bool = False
) -> msgspec.Meta:
    return Meta(ge=least, le=most, extra={"unit": unit, "restart": restart})


_GIB = 1_024 * limits.MIB
_RESTART = Meta(extra={"restart": True})

_Seconds = Annotated[float, _number(1, 3_600, "seconds")]
_Name = Annotated[str, Meta(min_length=1, max_length=wire.NAME_CHARS)]
_Key = Annotated[str, Meta(pattern=r"\A[\w-]{43}\Z")]
_Count = Annotated[int, _number(1, 1_000_000)]


class HallSection(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=64)] = "pychat"
    """What the Hall is called to those who enter."""
    data: Annotated[str, _RESTART] = ""
    """The folder of the log and of all that is kept; empty is pychat's in the user data folder."""
    quiet: Annotated[bool, _RESTART] = False
    """Leave what is said out of the report; who comes and goes stays in it."""


class ListenSection(msgspec.Struct, frozen=True, kw_only=True):
    host: Annotated[str, Meta(max_length=255, extra={"restart": True})] = "127.0.0.1"
    """This machine only, so that nobody opens a Hall to a network unawares; 0.0.0.0 or :: for all
    of this machine's addresses."""
    port: Annotated[int, _number(0, 65_535, restart=True)] = wire.DEFAULT_PORT
    """Where clients look if they are not told otherwise; 0 takes a free one."""
    tls: Annotated[Literal["auto", "off"], _RESTART] = "auto"
    """auto encrypts wherever others than this machine get in, with a key and a certificate that the
    Hall makes for itself, once; off lets everybody on the way read and change what is said."""
    certificate: Annotated[str, _RESTART] = ""
    """A file with the server's certificate and those above it, in PEM, and `key` beside it. SIGHUP
    reads both anew."""
    key: Annotated[str, _RESTART] = ""
    """The file with the certificate's key, without a password; readable for nobody else."""


class AccessSection(msgspec.Struct, frozen=True, kw_only=True):
    password: Annotated[str, Meta(max_length=256, extra={"secret": True})] = ""
    """Asked of everybody who was not invited; empty asks nobody. Better set as
    PYCHAT_ACCESS_PASSWORD, or in a file that only the server's user can read."""
    guests: bool = True
    """Whether those may come in who own no name: true, so that one can look in without a key."""
    invite_only: bool = False
    """Whether newcomers need an invitation, as `pychat invite` makes them."""
    allowed_names: Annotated[tuple[_Name, ...], Meta(max_length=100_000)] = ()
    """With these, or `allowed_keys`, nobody else comes in but who is invited."""
    allowed_keys: Annotated[tuple[_Key, ...], Meta(max_length=100_000)] = ()
    """Public keys, as `pychat key show` prints them."""
    operators: Annotated[tuple[_Name, ...], Meta(max_length=1_000)] = ()
    """Whoever owns one of these names is an operator of the Hall: may do in each room what its
    owner may, and more. `pychat grant` adds others while the Hall is open."""


class KeepSection(msgspec.Struct, frozen=True, kw_only=True):
    days: Annotated[int, _number(0, 36_500, "days", restart=True)] = 0
    """Messages that are older are let go of; 0 keeps them, since nobody expects a log to forget."""
    messages: Annotated[int, _number(0, wire.MAX_INTEGER, restart=True)] = 0
    """Of each room only the newest so many are kept; 0 keeps all."""


class DeadlinesSection(msgspec.Struct, frozen=True, kw_only=True):
    linger: Annotated[float, _number(0, 86_400, "seconds")] = limits.LINGER
    login: _Seconds = limits.LOGIN
    frame: _Seconds = limits.FRAME
    silence: _Seconds = limits.SILENCE
    dead: _Seconds = limits.DEAD
    backlog_time: _Seconds = limits.BACKLOG_TIME


class LimitsSection(msgspec.Struct, frozen=True, kw_only=True):
    connections: Annotated[int, _number(1, 100_000)] = limits.CONNECTIONS
    connections_per_address: Annotated[int, _number(1, 100_000)] = limits.CONNECTIONS_PER_ADDRESS
    connections_per_network: Annotated[int, _number(1, 100_000)] = limits.CONNECTIONS_PER_NETWORK
    connects_per_address: Annotated[int, _number(1, 100_000, restart=True)] = (
        limits.CONNECTS_PER_ADDRESS
    )
    connects_per_network: Annotated[int, _number(1, 100_000, restart=True)] = (
        limits.CONNECTS_PER_NETWORK
    )
    connects_time: Annotated[float, _number(1, 86_400, "seconds", restart=True)] = (
        limits.CONNECTS_TIME
    )
    users: _Count = limits.USERS
    sessions_per_person: Annotated[int, _number(1, 100)] = limits.SESSIONS_PER_PERSON
    owned_names: Annotated[int, _number(0, 10_000_000)] = limits.OWNED_NAMES
    names_per_key: Annotated[int, _number(1, 1_000)] = limits.NAMES_PER_KEY
    keys_per_name: Annotated[int, _number(1, 100)] = limits.KEYS_PER_NAME
    claims_per_place: Annotated[int, _number(1, 10_000, restart=True)] = limits.CLAIMS_PER_PLACE
    claims_time: Annotated[float, _number(1, 86_400, "seconds", restart=True)] = limits.CLAIMS_TIME
    invites: _Count = limits.INVITES
    attempts: Annotated[int, _number(1, 100, restart=True)] = limits.ATTEMPTS
    password_attempts: Annotated[int, _number(1, 10_000, restart=True)] = limits.PASSWORD_ATTEMPTS
    attempts_time: Annotated[float, _number(1, 86_400, "seconds", restart=True)] = (
        limits.ATTEMPTS_TIME
    )
    rooms: _Count = limits.ROOMS
    rooms_per_user: Annotated[int, _number(1, 1_000)] = limits.ROOMS_PER_USER
    direct_rooms: _Count = limits.DIRECT_ROOMS
    direct_rooms_per_user: Annotated[int, _number(1, 1_000)] = limits.DIRECT_ROOMS_PER_USER
    direct_messages: Annotated[int, _number(1, 100_000, restart=True)] = limits.DIRECT_MESSAGES
    direct_bytes: Annotated[int, _number(limits.MIB, _GIB, "bytes")] = limits.DIRECT_BYTES
    backlog_bytes: Annotated[int, _number(limits.MIB, _GIB, "bytes")] = limits.BACKLOG_BYTES


class FloodSection(msgspec.Struct, frozen=True, kw_only=True):
    control: bool = True
    """Whether anybody is slowed at all."""
    burst: Annotated[int, _number(1, 10_000, "commands")] = limits.FLOOD_BURST
    rate: Annotated[float, _number(0.01, 10_000, "commands a second")] = limits.FLOOD_RATE
    patience: Annotated[float, _number(0, 60, "seconds")] = limits.FLOOD_PATIENCE
    resync_burst: Annotated[int, _number(1, 100_000, "commands")] = limits.RESYNC_BURST
    resync_rate: Annotated[float, _number(0.01, 10_000, "commands a second")] = limits.RESYNC_RATE


class MetricsSection(msgspec.Struct, frozen=True, kw_only=True):
    listen: Annotated[str, Meta(max_length=255, extra={"restart": True})] = ""
    """HOST:PORT for /metrics (Prometheus) and /healthz, such as 127.0.0.1:9222. Empty: nowhere.
    Who can reach it learns how many people are here, and no names."""


class ClusterSection(msgspec.Struct, frozen=True, kw_only=True):
    servers: Annotated[tuple[str, ...], Meta(max_length=16, extra={"restart": True})] = ()
    """NATS servers with JetStream, as nats://HOST:PORT or tls://HOST:PORT: the Hall is one of all
    nodes that are told the same ones. Without any it is this program's alone."""
    streams: Annotated[str, Meta(pattern=r"\A[\w-]{1,32}\Z", extra={"restart": True})] = "pychat"
    """What the Hall's streams begin with there: two Halls on the same servers have two."""
    node: Annotated[str, Meta(max_length=64, extra={"restart": True})] = ""
    """What this node is called in what others report; empty is the machine's name."""
    monitors: Annotated[tuple[str, ...], Meta(max_length=16, extra={"restart": True})] = ()
    """Where NATS's servers tell of themselves (`http:` in their configuration), as
    http://HOST:8222: a node that starts looks there whether each has on disk what it acknowledges,
    and warns of it if not. Without any it says that it does not know."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    hall: HallSection = HallSection()
    listen: ListenSection = ListenSection()
    access: AccessSection = AccessSection()
    keep: KeepSection = KeepSection()
    deadlines: DeadlinesSection = DeadlinesSection()
    limits: LimitsSection = LimitsSection()
    flood: FloodSection = FloodSection()
    metrics: MetricsSection = MetricsSection()
    cluster: ClusterSection = ClusterSection()


class Option(msgspec.Struct, frozen=True):
    """One setting."""

    key: str
    """As `limits.users`."""
    type: Any
    """Annotated with its bounds."""
    default: Value

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]

    @property
    def field(self) -> str:
        return self.key.partition(".")[2]

    @property
    def kind(self) -> type:
        return type(self.default)

    @property
    def unit(self) -> str | None:
        unit = self._extra("unit")
        return None if unit is None else str(unit)

    @property
    def needs_restart(self) -> bool:
        """Whether a change holds only when the Hall is opened the next time."""
        return bool(self._extra("restart"))

    @property
    def secret(self) -> bool:
        """Whether its value is never to be shown."""
        return bool(self._extra("secret"))

    @property
    def bound(self) -> str | None:
        """The name of the bound in pychat.server.limits that it sets, if any."""
        if self.section not in _BOUNDING:
            return None
        named = (self.field.upper(), f"{self.section}_{self.field}".upper())
        return next((name for name in named if hasattr(limits, name)), None)

    @property
    def bounds(self) -> tuple[float, float]:
        """Of a number."""
        return self._meta.ge or 0, self._meta.le or 0

    @property
    def allowed(self) -> str:
        """What it may be, for a sentence."""
        plain = getattr(self.type, "__origin__", self.type)
        if get_origin(plain) is Literal:
            return " or ".join(json.dumps(each) for each in get_args(plain))
        return _allowed(self.kind, self._meta, self.unit)

    @property
    def _meta(self) -> Meta:
        return next(iter(getattr(self.type, "__metadata__", ())), Meta())

    def _extra(self, name: str) -> Any:
        return (self._meta.extra or {}).get(name)


_BOUNDING = ("deadlines", "limits", "flood")


def _allowed(kind: type, meta: Meta, unit: str | None) -> str:
    if kind is bool:
        return "true or false"
    if kind is tuple:
        return f"a list of at most {meta.max_length:,} texts"
    if kind is str:
        least = f"{meta.min_length} to " if meta.min_length else "at most "
        return f"a text of {least}{meta.max_length} characters" if meta.max_length else "a text"
    number = "a whole number" if kind is int else "a number"
    of = f" of {unit}" if unit else ""
    return f"{number}{of} from {meta.ge:,} to {meta.le:,}"


@functools.cache
def options() -> dict[str, Option]:
    """All settings by their keys, in the order of the file."""
    found = {}
    for section, type_ in get_type_hints(Settings).items():
        for field, annotated in get_type_hints(type_, include_extras=True).items():
            default = getattr(type_(), field)
            found[f"{section}.{field}"] = Option(f"{section}.{field}", annotated, default)
    return found
