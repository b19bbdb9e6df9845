"""Who owns a room, who is its operator, and for how long."""

from pychat.protocol import commands, events
from tests.support.hall_shell import FakePeer
from tests.support.town import Town, code, order, roles


def test_the_first_in_a_new_room_owns_it_and_appoints_others(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    assert roles(town, bob) == {"ada": "owner", "bob": "member"}

    order(town, ada, commands.Role, name="bob", role="operator")

    assert roles(town, bob) == {"ada": "owner", "bob": "operator"}
    changed = [each for each in bob.told if isinstance(each, events.Presence)][-1].changed
    assert [(each.name, each.member.role) for each in changed] == [("bob", "operator")]


def test_a_room_keeps_its_last_owner(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    down = {"room": "den", "name": "ada", "role": "member"}
    assert code(town.ask(ada, commands.Role, **down)) == "not-allowed"

    order(town, ada, commands.Role, name="bob", role="owner")
    assert code(town.ask(bob, commands.Role, **down)) == "not-allowed", "an equal"
    order(town, ada, commands.Role, name="ada", role="member")

    assert roles(town, bob) == {"ada": "member", "bob": "owner"}


def test_a_guest_owns_a_room_for_one_stay_also_over_a_break(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    town.said(bob, "den", "hello")
    town.shell.break_off(ada)
    assert roles(town, bob)["ada"] == "owner"

    town.shell.tick(61)
    again = town.enter("ada", "den")

    assert roles(town, again) == {"ada": "member", "bob": "member"}


def test_an_owned_name_owns_its_rooms_also_after_leaving_and_a_restart(town: Town) -> None:
    ada = town.enter("ada")
    town.verify(ada)
    town.join(ada, "den")
    town.said(ada, "den", "hello")
    town.ask(ada, commands.Quit)
    town.shell.restart()

    other = town.enter("ada", "den")
    assert roles(town, other)["ada"] == "member", "a name alone is no proof"
    town.verify(other)

    assert roles(town, other)["ada"] == "owner"


def test_a_guests_role_survives_a_restart_and_is_nobody_elses(town: Town, ada: FakePeer) -> None:
    bob = town.enter("bob", "den")
    order(town, ada, commands.Role, name="bob", role="operator")
    town.said(bob, "den", "hello")
    town.shell.break_off(bob)
    town.shell.tick(61)

    town.shell.restart()
    someone = town.enter("bob", "den")

    assert roles(town, someone) == {"ada": "owner", "bob": "member"}


def test_a_room_that_ended_and_begins_again_is_another_ones(town: Town, ada: FakePeer) -> None:
    order(town, ada, commands.Settings, kind="locked")
    town.leave(ada, "den")
    assert town.shell.facts["room", "den"].body is None

    bob = town.enter("bob", "den")

    assert roles(town, bob) == {"bob": "owner"}
