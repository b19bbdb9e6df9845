"""`whois`: what one may know of somebody."""

import pytest

from pychat.protocol import commands, replies
from tests.support.hall_shell import FakePeer
from tests.support.town import Town, code, welcome


@pytest.fixture
def ada(town: Town) -> FakePeer:
    return town.enter("ada", "lobby", "Den", "attic")


def test_it_tells_the_rooms_that_both_are_in_and_no_others(town: Town, ada: FakePeer) -> None:
    kim = town.enter("Kim", "lobby", "cellar", "Den")
    town.join(kim, "@ada")

    told = town.ask(ada, commands.Whois, name="KIM")

    assert isinstance(told, replies.Whois)
    assert (told.name, told.role, told.away, told.verified) == ("Kim", "member", False, False)
    assert told.rooms == ["Den", "lobby"]
    assert told.entered == 1_000_000


def test_nobody_is_called_that(town: Town, ada: FakePeer) -> None:
    assert code(town.ask(ada, commands.Whois, name="kim")) == "no-such-name"
    assert code(town.ask(ada, commands.Whois, name="x" * 60_000)) == "no-such-name"


def test_who_lingers_is_away(town: Town, ada: FakePeer) -> None:
    kim = town.enter("kim")
    town.shell.break_off(kim)

    assert town.ask(ada, commands.Whois, name="kim").away


def test_idle_is_the_time_since_they_did_what_others_notice(town: Town, ada: FakePeer) -> None:
    kim = town.enter("kim", "lobby")
    town.shell.tick(5.0)
    assert town.ask(ada, commands.Whois, name="kim").idle == 5_000

    town.ask(kim, commands.History, room="lobby")
    town.ask(kim, commands.Ping)
    assert town.ask(ada, commands.Whois, name="kim").idle == 5_000

    town.said(kim, "lobby", "hi")
    assert town.ask(ada, commands.Whois, name="kim").idle == 0

    town.shell.tick(2.5)
    town.typing(kim, "lobby")
    town.shell.tick(0.5)
    assert town.ask(ada, commands.Whois, name="kim").idle == 500
    assert town.ask(ada, commands.Whois, name="ada").idle == 8_000


def test_when_somebody_came_is_known_over_breaks_and_restarts(town: Town, ada: FakePeer) -> None:
    came = town.ask(ada, commands.Whois, name="ada").entered
    town.shell.tick(1.0)
    town.shell.restart()

    back = town.enter("ada", resume=welcome(ada).resume)

    assert town.ask(back, commands.Whois, name="ada").entered == came
