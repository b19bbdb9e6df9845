"""A crowd of strangers costs the Hall no more for each than a few do."""

import pytest

from pychat.server import limits
from pychat.server.register import Register
from tests.support.comers import Comers, welcome


def test_however_many_have_no_name_a_free_one_is_found_at_once(
    hall: Comers, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0
    is_nobodys = Register._is_nobodys

    def look(self: Register, name: str) -> bool:
        nonlocal looked
        looked += 1
        return is_nobodys(self, name)

    monkeypatch.setattr(Register, "_is_nobodys", look)
    crowd = [welcome(hall.come()).name for _ in range(500)]

    assert crowd[:10] == ["new", *(f"new-{number}" for number in range(2, 11))]
    assert len(set(crowd)) == len(crowd)
    # Half of the numbers among which one is chosen are free: ten in order, and two by chance.
    assert looked < 500 * 20


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_of_a_crowd_that_has_lingered_too_long_so_many_are_let_go_in_a_turn(
    hall: Comers, more: int
) -> None:
    stays = hall.come("ann")
    crowd = [hall.come() for _ in range(limits.LET_GO_PER_TURN + more)]
    for peer in crowd:
        hall.shell.break_off(peer)

    hall.shell.tick(limits.LINGER)

    assert len(hall.shell.hall.lingering) == max(0, more)
    assert hall.shell.hall.tick_soon == (more > 0)
    hall.shell.tick(0)
    assert not hall.shell.hall.tick_soon
    assert list(hall.shell.hall.register.by_key) == ["ann"]
    assert not stays.gone
