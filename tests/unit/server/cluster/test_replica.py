import msgspec
import pytest

from pychat.protocol import commands, replies
from pychat.server import limits
from pychat.server.access import Access
from pychat.server.administering import Admit, Grant
from pychat.server.cluster import entries, snapshot
from pychat.server.cluster.entries import (
    Administered,
    Batch,
    Beat,
    Came,
    Gone,
    RoomNews,
    Ruled,
    Rules,
    VersionError,
)
from pychat.server.cluster.snapshot import SnapshotError
from tests.support.ledgers import newest
from tests.support.nodes import RULES, World, hello


def test_a_batch_that_comes_again_is_void() -> None:
    world = World()
    node = world.start()
    ann = node.connect()
    node.ask(ann, hello("ann"))
    world.log.append(world.log[-1])

    node.catch_up()

    assert [type(each) for each in ann.told] == [replies.Welcome]


def test_a_node_that_did_not_come_or_is_gone_has_nothing_to_say() -> None:
    world = World()
    one, two = world.start(), world.start()
    two.ask(two.connect(), hello("ann"))
    two.die()
    one.bury(two)
    two.propose(Beat())
    one.catch_up()

    assert list(one.replica.nodes) == ["node-0"]
    assert [user.peer for user in one.hall.lingering] == [None]


def test_a_node_that_has_said_something_since_is_not_gone() -> None:
    world = World()
    one, two = world.start(), world.start()
    world.catch_up()
    heard = one.replica.nodes["node-1"].heard
    world.milliseconds += 1_000
    two.propose(Beat())
    one.propose(Gone(node="node-1", heard=heard))
    world.catch_up()

    assert list(one.replica.nodes) == ["node-0", "node-1"]


def test_who_was_at_a_node_that_begins_anew_lingers_and_comes_back() -> None:
    world = World()
    one, two = world.start(), world.start()
    welcome = two.ask(two.connect(), hello("ann"))
    assert isinstance(welcome, replies.Welcome)
    two.replica.become("node-1b")
    two._number = 0
    two.propose(Came(rules=RULES, instead="node-1"))
    world.catch_up()
    assert len(one.hall.lingering) == 1

    again = one.ask(one.connect(), hello("ann", resume=welcome.resume))

    assert isinstance(again, replies.Welcome)
    assert again.resumed
    assert not two.hall.lingering


def test_the_settings_that_were_told_last_hold_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROOMS_PER_USER", 100)
    world = World()
    one, two = world.start(), world.start()
    bounds: dict[str, int | float] = {"ROOMS_PER_USER": 1}
    access = Access(password="secret")
    one.propose(Ruled(rules=Rules(linger=5, access=access, operators=["eve"], bounds=bounds)))
    world.catch_up()

    reply = two.ask(two.connect(), hello("ann"))

    assert isinstance(reply, replies.Error)
    assert reply.code == "wrong-password"
    assert (two.hall.config.linger, two.hall.config.operators) == (5, frozenset({"eve"}))
    assert limits.ROOMS_PER_USER == 1


def test_what_the_console_of_one_node_grants_and_admits_holds_at_all() -> None:
    world = World()
    one, two = world.start(), world.start()
    console = one.connect()
    number = one.replica.number_of(console)
    one.propose(Administered(peer=number, asked=Grant(id=1, name="ann")))
    one.propose(Administered(peer=number, asked=Admit(id=2), token="let-me-in"))
    one.propose(Administered(peer=number, asked=Grant(id=3, name="ann")))
    world.catch_up()

    assert [getattr(each, "code", "ok") for each in console.told if each.id == 3] == ["not-allowed"]
    assert "ann" in two.hall.conduct.granted
    assert two.hall.gate.holds("let-me-in", world.milliseconds)


def test_what_is_told_of_a_room_that_is_not_followed_is_how_far_it_is() -> None:
    world = World()
    one = world.start()
    one.ask(one.connect(), hello("ann"))
    one.send(one.peers[0], commands.Join(id=2, room="lobby"))
    world.catch_up()
    one.follows = lambda room: room == "den"  # type: ignore[method-assign]
    one.propose(Beat(rooms=[RoomNews("lobby", 9, "tea"), RoomNews("nowhere", 1, "")]))
    one.catch_up()
    one.propose(Beat(rooms=[RoomNews("lobby", 8, "old")]))
    one.catch_up()

    assert (one.hall.rooms["lobby"].head, one.hall.rooms["lobby"].topic) == (9, "tea")


def test_another_version_is_told_and_not_guessed_at() -> None:
    batch = Batch(node="one", number=1, entries=[Beat()])
    newer = entries.encode(msgspec.structs.replace(batch, version=entries.VERSION + 1))

    with pytest.raises(VersionError, match="all nodes of a Hall take the same version"):
        entries.decode(newer)
    with pytest.raises(VersionError, match="cannot be read"):
        entries.decode(b'{"version":1,"entries":[]}')
    world = World()
    node = world.start()
    data = snapshot.dump(node.replica).replace(b'"version":1', b'"version":2', 1)
    with pytest.raises(SnapshotError, match="version 2"):
        snapshot.load(node.replica, data)
    data = snapshot.dump(node.replica).replace(b'"epoch":"epoch"', b'"epoch":"other"', 1)
    with pytest.raises(SnapshotError, match="not of one Hall"):
        snapshot.load(node.replica, data)
    with pytest.raises(SnapshotError, match="cannot be read"):
        snapshot.load(node.replica, b"{")


def test_a_fault_is_one_commands_and_the_same_at_each_node(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    one, _ = world.start(), world.start()
    ann = one.connect()
    one.ask(ann, hello("ann"))

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("pychat.server.cluster.replica.handle", breaks)
    reply = one.ask(ann, commands.Away(id=2, away=True))

    assert isinstance(reply, replies.Error)
    assert reply.code == "internal"


def test_a_log_of_two_that_begins_late_at_a_node_is_numbered_as_at_the_others() -> None:
    """It was numbered by the node's own clock."""
    world = World()
    one, two = world.start(), world.start()
    ann, bob = one.connect(), one.connect()
    one.ask(ann, hello("ann"))
    one.ask(bob, hello("bob"))
    one.send(ann, commands.Join(id=2, room="@bob"))
    one.send(bob, commands.Quit(id=2))
    one.catch_up()

    world.milliseconds += 5_000
    two.catch_up()

    assert snapshot.state(one.replica) == snapshot.state(two.replica)


@pytest.mark.parametrize(("days", "kept"), [(29, ["old", "young"]), (31, ["young"])])
def test_what_is_old_goes_from_rooms_of_two_at_all_nodes_alike(days: int, kept: list[str]) -> None:
    world = World()
    one, two = world.start(), world.start()
    ann, bob = one.connect(), two.connect()
    one.ask(ann, hello("ann"))
    two.ask(bob, hello("bob"))
    one.propose(Ruled(rules=msgspec.structs.replace(RULES, keep_age=30 * _DAY)))
    one.ask(ann, commands.Join(id=2, room="@bob"))
    one.ask(ann, commands.Send(id=3, room="@bob", text="old", nonce="a"))
    _pass(world, days * _DAY // 2)
    one.ask(ann, commands.Send(id=4, room="@bob", text="young", nonce="b"))
    _pass(world, days * _DAY - days * _DAY // 2)

    third = world.start()
    world.catch_up()

    for node in (one, two, third):
        page = node.replica.direct.page(newest("@ann,bob"))
        assert [each.text for each in page.messages] == kept
    answer = two.ask(bob, commands.Join(id=2, room="@ann", after=1))
    assert isinstance(answer, replies.Joined)


def test_no_more_of_a_room_of_two_is_kept_than_of_others() -> None:
    world = World()
    one = world.start()
    ann = one.connect()
    one.ask(ann, hello("ann"))
    one.ask(one.connect(), hello("bob"))
    one.propose(Ruled(rules=msgspec.structs.replace(RULES, keep_messages=2)))
    one.ask(ann, commands.Join(id=2, room="@bob"))
    for number in range(3, 6):
        one.ask(ann, commands.Send(id=number, room="@bob", text=f"{number}", nonce=f"{number}"))

    page = one.replica.direct.page(newest("@ann,bob"))

    assert [each.text for each in page.messages] == ["4", "5"]
    one.propose(Ruled(rules=RULES))
    world.catch_up()


_DAY = 24 * 3_600_000


def _pass(world: World, milliseconds: int) -> None:
    """The log's time goes on; that nodes tell so all the while is taken for granted."""
    for node in world.nodes:
        node.replica.time.reckoned += milliseconds
    world.milliseconds += milliseconds
    world.nodes[0].propose(Beat())
    world.catch_up()
