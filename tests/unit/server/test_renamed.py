"""Who changes their name stays who they are, and who takes the name left behind is another."""

import itertools

import msgspec
import pytest

from pychat.protocol import commands, replies
from pychat.protocol.codec import ServerMessage
from tests.support.hall_shell import FakePeer, HallShell


class Stage:
    """A Hall with one room in which all are, and time that passes with each word."""

    def __init__(self) -> None:
        self.shell = HallShell(linger=60.0)
        self._ids = itertools.count(1)

    def enter(self, name: str | None = None, *, resume: str | None = None) -> FakePeer:
        peer = self.shell.connect()
        self.ask(peer, commands.Hello(id=0, protocol=[1], client="test", name=name, resume=resume))
        self.ask(peer, commands.Join(id=0, room="lobby"))
        return peer

    def back(self, peer: FakePeer) -> FakePeer:
        welcome = next(each for each in peer.told if isinstance(each, replies.Welcome))
        again = self.enter(resume=welcome.resume)
        assert isinstance(again.told[0], replies.Welcome)
        assert again.told[0].resumed
        return again

    def ask(self, peer: FakePeer, command: commands.AnyCommand) -> ServerMessage:
        self.shell.tick(0.01)
        return self.shell.ask(peer, msgspec.structs.replace(command, id=next(self._ids)))

    def call(self, peer: FakePeer, name: str) -> None:
        assert isinstance(self.ask(peer, commands.Name(id=0, name=name)), replies.Ok)

    def say(self, peer: FakePeer, text: str, nonce: str) -> int | str:
        """The `seq`, or why not."""
        return _seq(self.ask(peer, commands.Send(id=0, room="lobby", text=text, nonce=nonce)))

    def edit(self, peer: FakePeer, target: int, nonce: str) -> int | str:
        return _seq(
            self.ask(
                peer,
                commands.Edit(id=0, room="lobby", target=target, text="other", nonce=nonce),
            )
        )


def _seq(reply: ServerMessage) -> int | str:
    if isinstance(reply, replies.Error):
        return reply.code
    assert isinstance(reply, replies.Sent)
    return reply.seq


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_resend_after_a_change_of_name_says_nothing_twice(stage: Stage) -> None:
    ann = stage.enter("ann")
    assert stage.say(ann, "once", "n") == 1

    stage.call(ann, "anna")

    assert stage.say(ann, "once", "n") == 1
    assert stage.say(ann, "another", "n") == "nonce-reused"
    stage.call(ann, "ann")
    assert stage.say(ann, "once", "n") == 1


@pytest.mark.parametrize("how", ["the connection breaks", "the server restarts"])
def test_nor_does_one_over_a_break(stage: Stage, how: str) -> None:
    ann = stage.enter("ann")
    stage.say(ann, "once", "n")
    stage.call(ann, "anna")
    if how == "the server restarts":
        stage.shell.restart()
    else:
        stage.shell.break_off(ann)

    ann = stage.back(ann)

    assert stage.say(ann, "once", "n") == 1
    assert stage.edit(ann, 1, "e") == 2


def test_what_was_in_flight_when_the_name_changed_is_said_once_too(stage: Stage) -> None:
    ann = stage.enter("ann")
    sends = [
        commands.Send(id=1_000 + number, room="lobby", text="once", nonce="n")
        for number in range(2)
    ]
    stage.shell.send(ann, sends[0])
    stage.shell.send(ann, commands.Name(id=1_002, name="anna"))
    stage.shell.send(ann, sends[1])
    stage.shell.settle()

    sent = [each.seq for each in ann.told if isinstance(each, replies.Sent)]

    assert sent == [1, 1]


def test_one_edits_and_deletes_what_one_said_before_the_change(stage: Stage) -> None:
    ann, bob = stage.enter("ann"), stage.enter("bob")
    stage.say(ann, "mine", "a")
    stage.say(bob, "yours", "b")
    stage.call(ann, "anna")

    assert stage.edit(ann, 1, "e1") == 3
    assert stage.edit(ann, 2, "e2") == "not-allowed"
    gone = commands.Delete(id=0, room="lobby", target=1, nonce="d")
    assert _seq(stage.ask(ann, gone)) == 4


@pytest.mark.parametrize("restart", [False, True])
def test_who_takes_the_name_left_behind_is_somebody_else(stage: Stage, restart: bool) -> None:
    ann = stage.enter("ann")
    stage.say(ann, "once", "n")
    stage.call(ann, "anna")
    other = stage.enter("ann")
    if restart:
        stage.shell.restart()
        ann, other = stage.back(ann), stage.back(other)

    assert stage.say(other, "once", "n") == "nonce-reused"
    assert stage.edit(other, 1, "e") == "not-allowed"
    assert stage.say(other, "mine", "m") == 2
    assert stage.say(ann, "mine", "m") == 3
    assert stage.edit(ann, 2, "f") == "not-allowed"
    assert stage.say(ann, "once", "n") == 1
    assert stage.say(other, "mine", "m") == 2


def test_when_the_one_before_is_gone_the_name_has_what_was_said_under_it(stage: Stage) -> None:
    ann = stage.enter("ann")
    stage.say(ann, "once", "n")
    stage.call(ann, "anna")
    stage.ask(ann, commands.Quit(id=0))

    again = stage.enter("ann")

    assert stage.say(again, "once", "n") == 1
    assert stage.edit(again, 1, "e") == 2


def test_each_new_one_who_takes_a_name_leaves_new_to_the_next(stage: Stage) -> None:
    """Programs that enter without a name and count their nonces."""
    people = []
    for number in range(3):
        people.append(stage.enter())
        assert stage.say(people[-1], "hello", f"{number}") == number + 1
        stage.call(people[-1], f"person-{number}")

    assert [stage.say(each, "hello", f"{n}") for n, each in enumerate(people)] == [1, 2, 3]
