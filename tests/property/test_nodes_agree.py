"""Nodes of one Hall, with people who do anything at any of them, and nodes that come and die."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pychat.protocol import commands, replies
from pychat.server.administering import Grant, LockDown, Notice
from pychat.server.cluster.entries import Administered, Beat, Confirmed, Unused
from pychat.server.credentials import Credentials
from tests.property.hall_commands import a_command, a_key, a_name, a_number, a_room, pick
from tests.support.hall_shell import FakePeer
from tests.support.nodes import SimulatedNode, World, hello

a_node = st.integers(0, 5)
an_act = st.one_of(
    st.builds(commands.Kick, id=st.just(0), room=a_room, name=a_name),
    st.builds(commands.Ban, id=st.just(0), room=a_room, name=a_name),
    st.builds(commands.Mute, id=st.just(0), room=a_room, name=a_name),
    st.builds(commands.Unban, id=st.just(0), room=a_room, name=a_name),
    st.builds(commands.Invite, id=st.just(0), room=a_room, name=a_name),
    st.builds(
        commands.Role,
        id=st.just(0),
        room=a_room,
        name=a_name,
        role=st.sampled_from(["owner", "operator", "member"]),
    ),
    st.builds(
        commands.Settings,
        id=st.just(0),
        room=a_room,
        kind=st.sampled_from(["public", "unlisted", "locked"]),
        history=st.booleans(),
    ),
    st.builds(commands.Kick, id=st.just(0), name=a_name),
    st.builds(commands.Ban, id=st.just(0), name=a_name),
    st.builds(commands.AddKey, id=st.just(0), key=st.just("A" * 43)),
    st.builds(commands.Quit, id=st.just(0)),
)


class NodesMachine(RuleBasedStateMachine):
    """`SimulatedNode.step` holds each node's Hall against the others' after each entry, and each
    effect against the node whose connection it is for."""

    @initialize(keys=st.lists(a_key, min_size=4, max_size=4))
    def two_nodes_come_and_some_people(self, keys: list[str]) -> None:
        self.world = World()
        self.ids = 0
        for _ in range(2):
            self.world.start()
        for number, (name, key) in enumerate(
            zip(["ann", "bob", "cyd", "new-2"], keys, strict=True)
        ):
            node = self._node(number)
            peer = node.connect()
            peer.proved = Credentials(key=key)
            self._say(node, peer, hello(name))
            self._say(node, peer, commands.Join(id=0, room="lobby"))
        self.world.catch_up()

    # -- people -----------------------------------------------------------------------------------

    @rule(at=a_node, name=st.none() | a_name, key=a_key, from_afar=st.booleans())
    def somebody_comes(self, at: int, name: str | None, key: str, from_afar: bool) -> None:
        node = self._node(at)
        peer = node.connect()
        peer.proved, peer.place = Credentials(key=key), "192.0.2.1" * from_afar
        self._say(node, peer, hello(name))

    @rule(at=a_node, who=a_number)
    @precondition(lambda self: self._welcomes())
    def somebody_comes_back(self, at: int, who: int) -> None:
        node, welcome = self._node(at), pick(self._welcomes(), who)
        self._say(node, node.connect(), hello(welcome.name, resume=welcome.resume))

    @rule(who=a_number, command=st.one_of(a_command, an_act))
    @precondition(lambda self: self._people())
    def somebody_does_something(self, who: int, command: commands.AnyCommand) -> None:
        self._say(*pick(self._people(), who), command)

    @rule(who=a_number, room=a_room, at_once=st.booleans())
    @precondition(lambda self: self._people())
    def somebody_joins(self, who: int, room: str, at_once: bool) -> None:
        self._say(*pick(self._people(), who), commands.Join(id=0, room=room))
        if at_once:
            self.world.catch_up()

    @rule(who=a_number, room=a_room, text=st.sampled_from("xyz"))
    @precondition(lambda self: self._people())
    def somebody_speaks(self, who: int, room: str, text: str) -> None:
        said = commands.Send(id=0, room=room, text=text, nonce=f"n{self.ids}")
        self._say(*pick(self._people(), who), said)

    @rule(who=a_number, other=st.sampled_from(["@ann", "@bob", "@cyd"]), at_once=st.booleans())
    @precondition(lambda self: self._people())
    def somebody_writes_to_another(self, who: int, other: str, at_once: bool) -> None:
        node, peer = pick(self._people(), who)
        self._say(node, peer, commands.Join(id=0, room=other))
        said = commands.Send(id=0, room=other, text="psst", nonce=f"n{self.ids}")
        self._say(node, peer, said)
        if at_once:
            self.world.catch_up()

    @rule(who=a_number, unconfirmed=st.booleans())
    @precondition(lambda self: self._people())
    def a_connection_breaks(self, who: int, unconfirmed: bool) -> None:
        node, peer = pick(self._people(), who)
        peer.unconfirmed = unconfirmed
        node.break_off(peer)

    @rule(who=a_number)
    @precondition(lambda self: self._people())
    def a_welcome_has_arrived(self, who: int) -> None:
        node, peer = pick(self._people(), who)
        node.propose(Confirmed(peer=node.replica.number_of(peer)))

    @rule(at=a_node, asked=st.sampled_from(["grant", "lock-down", "notice"]), name=a_name)
    def the_console_asks(self, at: int, asked: str, name: str) -> None:
        node = self._node(at)
        wants = {
            "grant": Grant(id=1, name=name),
            "lock-down": LockDown(id=1, level=len(name) % 2),
            "notice": Notice(id=1, text="hear"),
        }
        number = node.replica.number_of(node.connect())
        node.propose(Administered(peer=number, asked=wants[asked]))

    # -- nodes, time and delay --------------------------------------------------------------------

    @rule()
    @precondition(lambda self: len(self.world.nodes) < 5)
    def a_node_comes(self) -> None:
        self.world.start()

    @rule(at=a_node, politely=st.booleans())
    @precondition(lambda self: len(self._alive()) > 1)
    def a_node_goes(self, at: int, politely: bool) -> None:
        node = self._node(at)
        if politely:
            node.leave()
        else:
            node.die()

    @rule(at=a_node, which=a_number)
    @precondition(lambda self: len(self._alive()) < len(self.world.nodes))
    def a_dead_node_is_missed(self, at: int, which: int) -> None:
        dead = [each for each in self.world.nodes if not each.alive]
        self._node(at).bury(pick(dead, which))

    @rule(at=a_node, seconds=st.sampled_from([0.5, 5, 70]))
    def time_passes(self, at: int, seconds: float) -> None:
        for _ in range(7):
            self.world.milliseconds += int(seconds * 1000 / 7)
            self._node(at).propose(Beat())

    @rule(at=a_node, room=a_room)
    def a_room_is_found_unused(self, at: int, room: str) -> None:
        self._node(at).propose(Unused(room=room))

    @rule(at=a_node, steps=st.integers(1, 4))
    def a_node_reads_on(self, at: int, steps: int) -> None:
        node = self._node(at)
        for _ in range(min(steps, len(self.world.log) - node.at)):
            node.step()

    @rule(at=a_node)
    def what_was_said_is_on_disk(self, at: int) -> None:
        self._node(at).commit()

    @rule()
    def all_catch_up(self) -> None:
        self.world.catch_up()

    # -- what holds -------------------------------------------------------------------------------

    @invariant()
    def nobody_is_answered_twice(self) -> None:
        for node in self._alive():
            for peer in node.peers:
                ids = [each.id for each in peer.told if isinstance(each, replies.Reply)]
                assert len(ids) == len(set(ids))

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.catch_up()
            self.world.start()

    def _alive(self) -> list[SimulatedNode]:
        return [each for each in self.world.nodes if each.alive]

    def _node(self, at: int) -> SimulatedNode:
        return pick(self._alive(), at)

    def _welcomes(self) -> list[replies.Welcome]:
        peers = [peer for node in self.world.nodes for peer in node.peers]
        return [each for peer in peers for each in peer.told if isinstance(each, replies.Welcome)]

    def _people(self) -> list[tuple[SimulatedNode, FakePeer]]:
        return [
            (node, peer)
            for node in self._alive()
            for peer in node.peers
            if not peer.gone and node.hall.user_at(peer)
        ]

    def _say(self, node: SimulatedNode, peer: FakePeer, command: commands.AnyCommand) -> None:
        self.ids += 1
        node.send(peer, type(command)(**{**_fields(command), "id": self.ids}))


def _fields(command: commands.AnyCommand) -> dict[str, object]:
    return {field: getattr(command, field) for field in command.__struct_fields__}


NodesMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestNodesAgree = NodesMachine.TestCase
