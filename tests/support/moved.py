"""A Hall's data folder with something of everything that a Hall keeps."""

import contextlib
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pychat.protocol import proofs
from pychat.protocol.codec import encode
from pychat.protocol.fingerprint import NONE
from pychat.server.access import NO_NEWCOMERS, Invite
from pychat.server.backplane import database
from pychat.server.backplane.indexer import Indexer
from pychat.server.backplane.interface import AuditLine, Fact, Retention
from pychat.server.backplane.registry import SqliteRegistry
from pychat.server.backplane.retention import Pruner
from pychat.server.backplane.sqlite import SqliteLedger
from pychat.server.charter import grant
from pychat.server.moving import folder as folders
from pychat.server.moving.form import lines
from pychat.server.moving.whole import WholeHall
from pychat.server.server import SYSTEM_CLOCK
from tests.support.hall import RunningHall, running_hall
from tests.support.wire import Json, Wire

ANN, EVE = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

INVITATION = "a-token-that-nobody-has-used-so-far"


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[RunningHall]:
    async with running_hall(
        SqliteLedger(folder / "hall.db", SYSTEM_CLOCK.wall),
        registry=SqliteRegistry(folder / "people.db"),
    ) as hall:
        yield hall


async def owner(port: int, key: Ed25519PrivateKey, name: str) -> Wire:
    """By the key, without which the name is not to be had."""
    wire = await Wire.connect(port)
    challenge = (await wire.ask("challenge"))["challenge"]
    random = proofs.read(challenge, proofs.CHALLENGE_BYTES)
    written = proofs.written(key.sign(proofs.statement(random, NONE, name)))
    public = proofs.written(key.public_key().public_bytes_raw())
    wire.welcome = await wire.granted(
        "hello", protocol=[1], client="wire", name=name, key=public, proof=written
    )
    assert wire.welcome["verified"]
    return wire


async def lived_in(folder: Path) -> Json:
    """Ann and Eve own their names, Bob is muted and Mallory banned; `lobby` has one of each kind of
    event, of `old` only the end is kept, of `gone` nothing. What the two have been told."""
    told: Json = {}
    async with opened(folder) as hall:
        ann, eve = await owner(hall.port, ANN, "Ann"), await owner(hall.port, EVE, "eve")
        bob = await Wire.member(hall.port, "bob")
        for room in ("lobby", "old", "gone", "Ändern"):
            for wire in (ann, eve, bob):
                await wire.granted("join", room=room)
        await ann.granted("topic", room="lobby", text="about foxes", nonce="topic")
        told["first"] = await ann.granted("send", room="lobby", text="a fox", nonce="first")
        first = told["first"]["seq"]
        second = await bob.say("lobby", "a wolf\u2028", reply_to=first)
        await bob.granted("edit", room="lobby", target=second["seq"], text="a hound", nonce="edit")
        await eve.granted("react", room="lobby", target=first, emojis=["👍"], nonce="react")
        third = await eve.say("lobby", "nothing")
        await eve.granted("delete", room="lobby", target=third["seq"], nonce="delete")
        await eve.granted("read", room="lobby", seq=first)
        await ann.granted("role", room="lobby", name="eve", role="operator")
        await ann.granted("mute", room="lobby", name="bob", reason="loud")
        await ann.granted("ban", room="lobby", name="mallory", seconds=86_400)
        await ann.granted("settings", room="lobby", slow=0, topic="operator")
        await ann.granted("topic", room="old", text="before", nonce="topic")
        for number in range(5):
            last = await ann.granted("send", room="old", text=f"old {number}", nonce=f"n{number}")
            await bob.say("gone", f"gone {number}")
        await eve.granted("react", room="old", target=last["seq"] - 4, emojis=["👎"], nonce="r")
        await ann.say("Ändern", "öfter")
        told["pair"] = (await ann.granted("join", room="@eve"))["room"]
        await eve.granted("quit")
        told["letter"] = await ann.say("@eve", "swordfish")
        told["epoch"] = ann.welcome["epoch"]
    _forget(folder / "hall.db", {"old": 3, "gone": 0})
    await _know(folder / "people.db")
    return told


def _forget(log: Path, keep: dict[str, int]) -> None:
    """So many messages of each room are kept."""
    with contextlib.closing(database.open_writer(log)) as db:
        Indexer(db).step(1_000)
        for room, most in keep.items():
            (number,) = db.execute("SELECT id FROM room WHERE name = ?", (room,)).fetchone()
            pruner = Pruner(db, Retention(max_messages=most), SYSTEM_CLOCK.wall)
            while pruner._prune(number):
                pass


async def _know(people: Path) -> None:
    hashed = hashlib.sha256(INVITATION.encode()).hexdigest()
    put(
        people,
        [
            grant("Ann"),
            Fact("token", hashed, encode(Invite(by="Ann", made=1))),
            Fact("hall", "lock-down", encode(NO_NEWCOMERS)),
        ],
    )
    registry = SqliteRegistry(people)
    registry.open()
    registry.audit(AuditLine(time=1, who="Ann", act="grant", whom="Ann"))
    await registry.close()


def put(people: Path, facts: Sequence[Fact]) -> None:
    with contextlib.closing(sqlite3.connect(people)) as db, db:
        for fact in facts:
            db.execute(
                "INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", (fact.bucket, fact.key, fact.body)
            )


def written(hall: WholeHall) -> bytes:
    return "".join(f"{line}\n" for line in lines(hall)).encode("ascii")


def export(data: Path) -> bytes:
    with folders.opened(data) as hall:
        return written(hall)
