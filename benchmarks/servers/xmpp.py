"""Prosody with multi-user chat, guests without accounts, and no limits on rates."""

from pathlib import Path

from benchmarks.servers.base import Server, find

_CONFIG = """\
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
network_backend = "epoll"
network_settings = {{ tcp_backlog = 4096 }}
modules_enabled = {{ "saslauth" }}
modules_disabled = {{ "s2s", "offline" }}
c2s_require_encryption = false
gc = {{ mode = "generational" }}
log = {{ error = "{folder}/prosody.log" }}

VirtualHost "bench.example"
authentication = "anonymous"

Component "rooms.bench.example" "muc"
restrict_room_creation = false
muc_room_locking = false
muc_room_default_history_length = 0
"""


class Prosody(Server):
    """Its collector is set to the mode in which it is three times as fast as it comes."""

    name = "prosody"
    protocol = "xmpp"
    at_once = 64
    too_much = frozenset({"W1d", "W2", "W3", "W5h", "W4-10k", "W6"})
    programs = ("prosody",)
    hint = "apt install prosody"

    def command(self, port: int, folder: Path) -> list[str]:
        file = folder / "prosody.cfg.lua"
        file.write_text(_CONFIG.format(port=port, folder=folder))
        return [find("prosody") or "prosody", "-F", "--config", str(file)]
