"""`send`, `edit`, `delete`, `react`, `topic`: the reply, the event, and what history shows."""

from typing import Any

import pytest

from tests.support.hall import RunningHall
from tests.support.wire import Json, Wire


@pytest.fixture
async def ann(hall: RunningHall) -> Wire:
    return await Wire.member(hall.port, "ann", "lobby")


@pytest.fixture
async def bob(hall: RunningHall, ann: Wire) -> Wire:
    return await Wire.member(hall.port, "bob", "lobby")


async def shown(wire: Wire) -> list[Json]:
    return list((await wire.granted("history", room="lobby"))["messages"])


async def test_what_is_sent_reaches_everybody_and_is_acknowledged(ann: Wire, bob: Wire) -> None:
    sent = await ann.say("lobby", "hello", nonce="n-1")

    event = await bob.event("message")
    assert event == {
        "type": "message",
        "room": "lobby",
        "seq": sent["seq"],
        "prev": 0,
        "time": sent["time"],
        "sender": "ann",
        "nonce": "n-1",
        "text": "hello",
    }
    assert (sent["room"], sent["nonce"]) == ("lobby", "n-1")
    assert await ann.event("message") == event


async def test_the_reply_names_the_room_as_first_written(ann: Wire) -> None:
    assert (await ann.say("LOBBY", "hello"))["room"] == "lobby"


async def test_a_reply_to_a_message_says_so(ann: Wire, bob: Wire) -> None:
    first = await ann.say("lobby", "question")

    await bob.say("lobby", "answer", reply_to=first["seq"])

    assert (await ann.event("message", text="answer"))["reply_to"] == first["seq"]
    assert [each.get("reply_to") for each in await shown(ann)] == [None, first["seq"]]


async def test_an_edit_is_told_and_shown(ann: Wire, bob: Wire) -> None:
    first = await ann.say("lobby", "helo")

    sent = await ann.granted("edit", room="lobby", target=first["seq"], text="hello", nonce="e")

    event = await bob.event("edited")
    assert (event["target"], event["text"], event["prev"]) == (first["seq"], "hello", first["seq"])
    assert (sent["seq"], sent["time"]) == (event["seq"], event["time"])
    assert await shown(bob) == [
        {
            "room": "lobby",
            "seq": first["seq"],
            "time": first["time"],
            "sender": "ann",
            "text": "hello",
            "edited": sent["time"],
        }
    ]


async def test_a_deletion_takes_text_and_reactions(ann: Wire, bob: Wire) -> None:
    first = await ann.say("lobby", "oops")
    await bob.granted("react", room="lobby", target=first["seq"], emojis=["😀"], nonce="r")

    await ann.granted("delete", room="lobby", target=first["seq"], nonce="d")

    assert (await bob.event("deleted"))["target"] == first["seq"]
    (message,) = await shown(bob)
    assert (message["text"], message["deleted"]) == ("", True)
    assert "reactions" not in message or message["reactions"] == {}


async def test_reactions_are_a_whole_set_each(ann: Wire, bob: Wire) -> None:
    first = await ann.say("lobby", "cake?")
    target = first["seq"]

    async def react(wire: Wire, *emojis: str) -> dict[str, Any]:
        nonce = f"{id(wire)}{emojis}"
        await wire.granted("react", room="lobby", target=target, emojis=emojis, nonce=nonce)
        return dict((await shown(wire))[0].get("reactions", {}))

    assert await react(ann, "👍", "🎂") == {"👍": ["ann"], "🎂": ["ann"]}
    assert await react(bob, "👍") == {"👍": ["ann", "bob"], "🎂": ["ann"]}
    assert await react(ann, "🎂") == {"👍": ["bob"], "🎂": ["ann"]}
    assert await react(bob) == {"🎂": ["ann"]}
    told = [each for each in await bob.drain() if each["type"] == "reacted"]
    assert [(each["sender"], each["emojis"]) for each in told] == [
        ("ann", ["👍", "🎂"]),
        ("bob", ["👍"]),
        ("ann", ["🎂"]),
        ("bob", []),
    ]


async def test_a_topic_is_told_shown_and_taken_away(ann: Wire, bob: Wire) -> None:
    await ann.granted("topic", room="lobby", text="tea", nonce="1")
    assert (await bob.event("topic"))["text"] == "tea"

    await bob.granted("topic", room="lobby", text="", nonce="2")

    assert (await ann.event("topic", text=""))["sender"] == "bob"
    assert (await ann.granted("list"))["rooms"][0]["topic"] == ""
    assert await shown(ann) == []


@pytest.mark.parametrize("kind", ["edit", "delete"])
async def test_only_the_sender_edits_and_deletes(ann: Wire, bob: Wire, kind: str) -> None:
    first = await ann.say("lobby", "mine")
    fields: Json = {"text": "yours"} if kind == "edit" else {}

    code = await bob.refused(kind, room="lobby", target=first["seq"], nonce="n", **fields)

    assert code == "not-allowed"
    assert [each["text"] for each in await shown(ann)] == ["mine"]


DURABLE: list[tuple[str, Json]] = [
    ("send", {"text": "hi"}),
    ("edit", {"target": 1, "text": "hi"}),
    ("delete", {"target": 1}),
    ("react", {"target": 1, "emojis": ["x"]}),
    ("topic", {"text": "hi"}),
]


@pytest.mark.parametrize(("kind", "fields"), DURABLE)
async def test_a_resend_gets_the_first_answer_and_appends_nothing(
    ann: Wire, kind: str, fields: Json
) -> None:
    await ann.say("lobby", "the target", nonce="target")
    first = await ann.granted(kind, room="lobby", nonce="same", **fields)

    again = await ann.granted(kind, room="lobby", nonce="same", **fields)

    assert again | {"id": 0} == first | {"id": 0}
    assert len([each for each in await ann.drain() if each.get("nonce") == "same"]) == 1


@pytest.mark.parametrize(("kind", "fields"), DURABLE)
async def test_resends_in_one_packet_append_one(ann: Wire, kind: str, fields: Json) -> None:
    await ann.say("lobby", "the target", nonce="target")
    ids = [ann.command(kind, room="lobby", nonce="same", **fields) for _ in range(5)]

    replies = [await ann.reply(each) for each in ids]

    assert len({(each["type"], each["seq"], each["time"]) for each in replies}) == 1
    assert len([each for each in await ann.drain() if each.get("nonce") == "same"]) == 1


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("send", {"text": "other"}),
        ("send", {"text": "first", "reply_to": 1}),
        ("edit", {"target": 1, "text": "first"}),
        ("delete", {"target": 1}),
        ("react", {"target": 1, "emojis": []}),
        ("topic", {"text": "first"}),
    ],
)
async def test_another_payload_under_a_nonce_is_refused(ann: Wire, kind: str, fields: Json) -> None:
    await ann.say("lobby", "before", nonce="before")
    await ann.say("lobby", "first", nonce="same")

    assert await ann.refused(kind, room="lobby", nonce="same", **fields) == "nonce-reused"
    assert len(await shown(ann)) == 2


async def test_a_nonce_is_of_one_person_and_one_room(ann: Wire, bob: Wire) -> None:
    await ann.granted("join", room="den")

    seqs = {
        (room, (await wire.say(room, text, nonce="same"))["seq"])
        for wire, room, text in [(ann, "lobby", "a"), (bob, "lobby", "b"), (ann, "den", "c")]
    }

    assert len(seqs) == 3


async def test_a_resend_is_told_in_the_others_rooms_spelling(ann: Wire) -> None:
    first = await ann.say("lobby", "x", nonce="same")

    assert (await ann.say("LOBBY", "x", nonce="same"))["seq"] == first["seq"]


ON_TARGET: dict[str, Json] = {
    "edit": {"text": "x"},
    "delete": {},
    "react": {"emojis": ["x"]},
}


@pytest.mark.parametrize("kind", ON_TARGET)
@pytest.mark.parametrize("target", [0, 99, 2**53 - 1])
async def test_a_target_that_is_not_there(ann: Wire, kind: str, target: int) -> None:
    fields = ON_TARGET[kind]
    await ann.say("lobby", "one")

    code = await ann.refused(kind, room="lobby", target=target, nonce="n", **fields)

    assert code == "no-such-message"


@pytest.mark.parametrize("kind", ON_TARGET)
async def test_a_target_that_is_no_message(ann: Wire, kind: str) -> None:
    fields = ON_TARGET[kind]
    topic = await ann.granted("topic", room="lobby", text="t", nonce="t")

    code = await ann.refused(kind, room="lobby", target=topic["seq"], nonce="n", **fields)

    assert code == "no-such-message"


@pytest.mark.parametrize("kind", ON_TARGET)
async def test_a_target_that_is_deleted(ann: Wire, kind: str) -> None:
    fields = ON_TARGET[kind]
    first = await ann.say("lobby", "one")
    await ann.granted("delete", room="lobby", target=first["seq"], nonce="d")

    code = await ann.refused(kind, room="lobby", target=first["seq"], nonce="n", **fields)

    assert code == "no-such-message"


@pytest.mark.parametrize("kind", ON_TARGET)
async def test_a_target_in_another_room_is_not_there(ann: Wire, kind: str) -> None:
    fields = ON_TARGET[kind]
    await ann.granted("join", room="den")
    first = await ann.say("lobby", "one")

    code = await ann.refused(kind, room="den", target=first["seq"], nonce="n", **fields)

    assert code == "no-such-message"


async def test_a_reply_to_what_is_not_there_is_refused(ann: Wire) -> None:
    code = await ann.refused("send", room="lobby", text="x", nonce="n", reply_to=7)

    assert code == "no-such-message"
    assert await shown(ann) == []


async def test_what_was_refused_may_be_sent_again_under_its_nonce(ann: Wire) -> None:
    await ann.refused("send", room="lobby", text="", nonce="n")
    await ann.refused("send", room="lobby", text="x", nonce="n", reply_to=7)

    assert (await ann.say("lobby", "better", nonce="n"))["type"] == "sent"


async def test_an_edit_in_one_packet_with_its_message_finds_it(ann: Wire) -> None:
    head = (await ann.say("lobby", "first"))["seq"]
    sending = ann.command("send", room="lobby", text="helo", nonce="s")
    editing = ann.command("edit", room="lobby", target=head + 1, text="hello", nonce="e")
    deleting = ann.command("delete", room="lobby", target=head, nonce="d")

    assert (await ann.reply(sending))["seq"] == head + 1
    assert (await ann.reply(editing))["type"] == "sent"
    assert (await ann.reply(deleting))["type"] == "sent"
    assert [each["text"] for each in await shown(ann)] == ["", "hello"]


TEXTS = [
    ("x", "x"),
    ("x" * 8000, "x" * 8000),
    ("😀" * 8000, "😀" * 8000),
    ("\n".join(["x"] * 200), "\n".join(["x"] * 200)),
    ("a\r\nb", "a\nb"),
    ("a\tb\n", "a\tb\n"),
    ("  indented", "  indented"),
    ("\u202eabc\u200d", "\u202eabc\u200d"),
    ("<b>&amp;\"'\\", "<b>&amp;\"'\\"),
    ("x\r\n" * 199 + "x", "x\n" * 199 + "x"),
]


@pytest.mark.parametrize(("text", "stored"), TEXTS, ids=range(len(TEXTS)))
async def test_good_text_is_told_as_it_is(ann: Wire, text: str, stored: str) -> None:
    await ann.say("lobby", text)

    assert (await ann.event("message"))["text"] == stored
    assert [each["text"] for each in await shown(ann)] == [stored]


BAD_TEXTS = [
    ("", "bad-text"),
    (" ", "bad-text"),
    (" \n\t\u3000", "bad-text"),
    ("a\x00b", "bad-text"),
    ("a\x1b[31mb", "bad-text"),
    ("a\rb", "bad-text"),
    ("a\x7f", "bad-text"),
    ("a\x9bb", "bad-text"),
    ("a\x0bb", "bad-text"),
    ("x" * 8001, "text-too-long"),
    ("\n".join(["x"] * 201), "text-too-long"),
]


@pytest.mark.parametrize("kind", ["send", "edit"])
@pytest.mark.parametrize(("text", "code"), BAD_TEXTS, ids=range(len(BAD_TEXTS)))
async def test_bad_text_is_refused(ann: Wire, kind: str, text: str, code: str) -> None:
    first = await ann.say("lobby", "target")
    fields = {"target": first["seq"]} if kind == "edit" else {}

    assert await ann.refused(kind, room="lobby", text=text, nonce="n", **fields) == code
    assert [each["text"] for each in await shown(ann)] == ["target"]


@pytest.mark.parametrize(
    ("topic", "code"),
    [("x" * 391, "text-too-long"), ("a\nb", "bad-text"), ("a\x1bb", "bad-text")],
)
async def test_a_bad_topic_is_refused(ann: Wire, topic: str, code: str) -> None:
    assert await ann.refused("topic", room="lobby", text=topic, nonce="n") == code


async def test_the_longest_topic_is_taken(ann: Wire) -> None:
    await ann.granted("topic", room="lobby", text="é" * 390, nonce="n")

    assert (await ann.granted("list"))["rooms"][0]["topic"] == "é" * 390


@pytest.mark.parametrize(
    ("nonce", "fine"), [("", False), ("n", True), ("n" * 64, True), ("n" * 65, False)]
)
async def test_a_nonce_has_1_to_64_characters(ann: Wire, nonce: str, fine: bool) -> None:
    reply = await ann.ask("send", room="lobby", text="x", nonce=nonce)

    assert reply.get("code") == (None if fine else "bad-request")
