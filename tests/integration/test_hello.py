"""The first command of a connection, and what may come before and after it."""

import time

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Closed, Wire


async def test_the_welcome_tells_all_that_a_client_needs(hall: RunningHall) -> None:
    before = time.time() * 1000

    welcome = (await Wire.enter(hall.port, "ann")).welcome

    assert welcome["protocol"] == 1
    assert welcome["hall"] == "Test Hall"
    assert welcome["name"] == "ann"
    assert welcome["resumed"] is False
    assert welcome["rooms"] == []
    assert welcome["manual"].strip()
    assert before - 1000 <= welcome["time"] <= time.time() * 1000 + 1000
    assert welcome["limits"] | {"rooms": 0} == {
        "frame": 65_536,
        "text": 8_000,
        "lines": 200,
        "name": 32,
        "room": 64,
        "topic": 390,
        "page": 200,
        "rooms": 0,
        "linger": 60,
        "ping": 20,
    }


async def test_the_epoch_is_the_same_for_all_and_the_token_for_nobody(hall: RunningHall) -> None:
    ann, bob = await Wire.enter(hall.port, "ann"), await Wire.enter(hall.port, "bob")

    assert ann.welcome["epoch"] == bob.welcome["epoch"]
    assert ann.welcome["resume"] != bob.welcome["resume"]


async def test_who_gives_no_name_is_new_and_numbered(hall: RunningHall) -> None:
    names = [(await Wire.enter(hall.port)).welcome["name"] for _ in range(3)]

    assert names == ["new", "new-2", "new-3"]


@pytest.mark.parametrize("versions", [[1], [1, 2], [7, 1, 3], [0, 1]])
async def test_the_highest_shared_version_is_chosen(hall: RunningHall, versions: list[int]) -> None:
    wire = await Wire.connect(hall.port)

    assert (await wire.granted("hello", protocol=versions, client="x"))["protocol"] == 1


@pytest.mark.parametrize("versions", [[], [2], [0], [2**53 - 1]])
async def test_without_a_shared_version_the_connection_ends(
    hall: RunningHall, versions: list[int]
) -> None:
    wire = await Wire.connect(hall.port)

    assert await wire.refused("hello", protocol=versions, client="x") == "unsupported-protocol"
    assert (await wire.bye())["code"] == "unsupported-protocol"


@pytest.mark.parametrize("name", ["", "two words", "-dash", "x" * 33, "a\nb"])
async def test_after_a_bad_name_the_client_may_try_again(hall: RunningHall, name: str) -> None:
    wire = await Wire.connect(hall.port)

    assert await wire.refused("hello", protocol=[1], client="x", name=name) == "bad-name"
    assert (await wire.granted("hello", protocol=[1], client="x", name="good"))["name"] == "good"


async def test_after_a_taken_name_the_client_may_try_again(hall: RunningHall) -> None:
    await Wire.enter(hall.port, "ann")
    wire = await Wire.connect(hall.port)

    assert await wire.refused("hello", protocol=[1], client="x", name="ANN") == "name-taken"
    assert (await wire.granted("hello", protocol=[1], client="x", name="bob"))["name"] == "bob"


async def test_a_second_hello_is_refused_and_changes_nothing(hall: RunningHall) -> None:
    wire = await Wire.member(hall.port, "ann", "lobby")

    code = await wire.refused("hello", protocol=[1], client="x", name="bob")

    assert code == "already-greeted"
    assert (await wire.granted("members", room="lobby"))["members"][0]["name"] == "ann"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("name", {"name": "ann"}),
        ("manual", {}),
        ("list", {}),
        ("join", {"room": "lobby"}),
        ("leave", {"room": "lobby"}),
        ("members", {"room": "lobby"}),
        ("send", {"room": "lobby", "text": "hi", "nonce": "n"}),
        ("edit", {"room": "lobby", "target": 1, "text": "hi", "nonce": "n"}),
        ("delete", {"room": "lobby", "target": 1, "nonce": "n"}),
        ("react", {"room": "lobby", "target": 1, "emojis": [], "nonce": "n"}),
        ("topic", {"room": "lobby", "text": "hi", "nonce": "n"}),
        ("history", {"room": "lobby"}),
        ("search", {"text": "hi"}),
        ("typing", {"room": "lobby"}),
        ("away", {"away": True}),
        ("ping", {}),
        ("quit", {}),
    ],
)
async def test_whatever_comes_before_hello_ends_the_connection(
    hall: RunningHall, kind: str, fields: dict[str, object]
) -> None:
    wire = await Wire.connect(hall.port)

    assert await wire.refused(kind, **fields) == "hello-first"
    assert (await wire.bye())["code"] == "hello-first"


async def test_commands_in_one_packet_with_the_hello_are_answered_after_it(
    hall: RunningHall,
) -> None:
    wire = await Wire.connect(hall.port)
    hello = wire.command("hello", protocol=[1], client="x")
    join = wire.command("join", room="lobby")
    ping = wire.command("ping")

    answers = [await wire.read() for _ in range(3)]

    assert [(each["type"], each["id"]) for each in answers if "id" in each] == [
        ("welcome", hello),
        ("joined", join),
        ("pong", ping),
    ]


async def test_a_password_that_nobody_asks_for_does_no_harm(hall: RunningHall) -> None:
    assert (await Wire.enter(hall.port, "ann", password="x")).welcome["name"] == "ann"


async def test_after_a_refused_hello_a_pipelined_command_gets_no_answer_in_the_hall(
    hall: RunningHall,
) -> None:
    wire = await Wire.connect(hall.port)
    wire.command("hello", protocol=[9], client="x")
    wire.command("join", room="lobby")

    assert (await wire.bye())["code"] == "unsupported-protocol"
    ann = await Wire.enter(hall.port, "ann")
    assert (await ann.granted("list"))["rooms"] == []


async def test_null_stands_for_a_field_that_is_not_there(hall: RunningHall) -> None:
    wire = await Wire.connect(hall.port)

    welcome = await wire.granted(
        "hello", protocol=[1], client="x", name=None, password=None, resume=None
    )

    assert welcome["name"] == "new"


async def test_unknown_fields_are_ignored(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port, "ann", colour="red", nested={"a": [1, None]})

    assert wire.welcome["name"] == "ann"
    assert (await wire.granted("ping", extra=1))["type"] == "pong"


@pytest.mark.parametrize("command_id", [0, 2**53 - 1])
async def test_an_id_may_be_any_integer_of_the_contract(hall: RunningHall, command_id: int) -> None:
    wire = await Wire.enter(hall.port)
    wire.send({"type": "ping", "id": command_id})

    assert (await wire.reply(command_id))["type"] == "pong"


async def test_after_quit_nothing_more_is_answered(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port)
    quitting = wire.command("quit", reason="tea")
    wire.command("ping")

    assert await wire.reply(quitting) == {"type": "ok", "id": quitting}
    assert (await wire.read())["code"] == "quit"
    with pytest.raises(Closed):
        await wire.read()


async def test_the_manual_is_that_of_the_welcome(hall: RunningHall) -> None:
    wire = await Wire.enter(hall.port)

    assert (await wire.granted("manual"))["text"] == wire.welcome["manual"]
