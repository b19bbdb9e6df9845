from typing import get_args

import pytest

from pychat.protocol import commands
from pychat.server.cluster.proposing import given, is_decided
from pychat.server.credentials import Credentials
from tests.support.nodes import World, hello

TOLD = {"Manual", "List", "Members", "History", "Search", "Whois", "Bans", "Keys", "Ping", "Typing"}
SAID = {"Send", "Edit", "Delete", "React", "Topic"}


@pytest.mark.parametrize("kind", get_args(commands.AnyCommand), ids=lambda kind: kind.__name__)
def test_what_changes_the_hall_is_decided_by_the_log(kind: type[commands.Command]) -> None:
    fields = dict.fromkeys(kind.__struct_fields__, "x")

    command = kind(**fields)

    assert is_decided(command) == (kind.__name__ not in TOLD | SAID)
    if kind.__name__ in SAID:
        assert is_decided(kind(**{**fields, "room": "@ann"}))


def test_no_passphrase_stands_in_the_log() -> None:
    replica = World().start().replica
    peer = object()

    greeted = given(
        replica, peer, hello("ann", passphrase="my secret"), Credentials(passphrase=True)
    )
    changed = given(replica, peer, commands.Passphrase(id=2, text="my secret"))

    assert isinstance(greeted.command, commands.Hello)
    assert greeted.command.passphrase is None
    assert isinstance(changed.command, commands.Passphrase)
    assert changed.command.text is None
    assert greeted.token
    assert not changed.token
