"""Random logs in both engines against a model that does everything the slow way."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.protocol import codec, events, names, state
from pychat.protocol.events import LoggedEvent
from pychat.protocol.replies import Message
from pychat.server.backplane import appender, fold, searching, words
from pychat.server.backplane.interface import Delta, DeltaQuery, Ledger, PageQuery, Receipt
from tests.property.wire_values import structs
from tests.support.ledgers import (
    AMPLE,
    ENGINES,
    FakeClock,
    Model,
    Recorder,
    append,
    deleted,
    edited,
    make_ledger,
    reacted,
    said,
    topic,
    wanted,
)

ROOM = "lobby"
_rooms = (f"room{number}" for number in itertools.count())


class Engine(NamedTuple):
    ledger: Ledger
    recorder: Recorder


class Engines:
    """One ledger of each kind for all examples, each of which has a room of its own."""

    def __init__(self, runner: asyncio.Runner, engines: list[Engine]) -> None:
        self.runner = runner
        self.engines = engines


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    found = [
        Engine(make_ledger(kind, tmp_path_factory.mktemp(kind), FakeClock(7)), Recorder())
        for kind in ENGINES
    ]
    # Tallies after so few reactions as these examples have.
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        patch.setattr(appender, "_TALLY_EVENTS", 2)
        for engine in found:
            runner.run(engine.ledger.open(engine.recorder))
        yield Engines(runner, found)
        for engine in found:
            runner.run(engine.ledger.close())


WORDS = ["fox", "foxes", "Ox", "naïve", "naive", "東京都", "東", "a-b", "b", "x_y", "👍", '"', "İ"]
line = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
people = st.sampled_from(["ann", "Ann", "bob", "Ａｎｎ"])
seqs = st.integers(0, 14)
# So few that they are often used twice.
nonces = st.sampled_from([None, None, None, None, "n1", "n2"])
common = {"sender": people, "nonce": nonces}
entry = st.one_of(
    st.builds(said, line, **common),
    st.builds(said, line, reply_to=seqs, **common),
    st.builds(edited, seqs, line, **common),
    st.builds(deleted, seqs, **common),
    st.builds(
        lambda target, emojis, **rest: reacted(target, *emojis, **rest),
        seqs,
        st.lists(st.sampled_from("👍🎉❤"), unique=True),
        **common,
    ),
    st.builds(topic, line, **common),
)
batches = st.lists(st.lists(entry, min_size=1, max_size=8), min_size=1, max_size=6)
positions = st.one_of(
    st.just({}), *(st.fixed_dictionaries({key: seqs}) for key in ("before", "after", "around"))
)
budgets = st.sampled_from([0, 120, 200, 300, 500, AMPLE])
pages = st.builds(
    lambda position, **rest: PageQuery(room=ROOM, **rest, **position),
    positions,
    upto=st.integers(0, 20),
    limit=st.integers(0, 6),
    budget=budgets,
)
deltas = st.builds(
    DeltaQuery,
    room=st.just(ROOM),
    after=seqs,
    upto=st.integers(0, 20),
    max_events=st.integers(0, 20),
    budget=budgets,
)


def _moved(batch: list[LoggedEvent], room: str) -> list[LoggedEvent]:
    return [msgspec.structs.replace(event, room=room) for event in batch]


@settings(max_examples=80, deadline=None)
@given(batches=batches, queries=st.lists(pages, max_size=8), missing=st.lists(deltas, max_size=4))
def test_every_answer_is_the_models(engines, batches, queries, missing) -> None:
    room, model = next(_rooms), Model()
    expected = [model.append(event) for batch in batches for event in _moved(batch, room)]

    async def check(engine: Engine) -> None:
        engine.recorder.batches.clear()
        outcomes = [
            outcome for batch in batches for outcome in await append(*engine, *_moved(batch, room))
        ]
        told = [
            ("appended", outcome.seq) if isinstance(outcome, Receipt) else (outcome.reason, 0)
            for outcome in outcomes
        ]
        assert told == expected
        # The engine has had other rooms, and its time runs ahead of a clock that stands still.
        for event, heard in zip(model.log, engine.recorder.events, strict=True):
            event.time = heard.time
        times = [event.time for event in model.log]
        assert times == sorted(times)
        assert engine.recorder.events == model.log
        for query in (msgspec.structs.replace(query, room=room) for query in queries):
            page = await engine.ledger.page(query)
            assert page == model.page(query)
            # The order of reactions is told too, which == of a dict is blind to.
            assert msgspec.json.encode(page) == msgspec.json.encode(model.page(query))
        for query in (msgspec.structs.replace(query, room=room) for query in missing):
            found = await engine.ledger.delta(query)
            raws = found.events if found.events is None else [bytes(raw) for raw in found.events]
            assert Delta(raws, found.missed) == model.delta(query)

    for engine in engines.engines:
        engines.runner.run(check(engine))


sought = st.sampled_from(["fox", "f", "o", "na", "a-b", "東", "b x", "f b", "?"]) | line
# By the index alone, by a few rows and then the index, and by rows alone, as all logs this small.
scans = st.sampled_from([(0, 1), (4, 1), (searching.SCANNED_ROWS, searching.FIRST_ROWS)])


@settings(max_examples=80, deadline=None)
@given(
    batches=batches,
    text=sought,
    sender=st.none() | people,
    limit=st.integers(0, 5),
    before=st.none() | st.integers(0, 20),
    both=st.booleans(),
    scan=scans,
)
def test_search_finds_what_reading_everything_would(
    engines, batches, text, sender, limit, before, both, scan
) -> None:
    """Batches go to two rooms in turn; `before` is the place of an event in the log."""
    rooms = [next(_rooms), next(_rooms)]
    searched = rooms if both else rooms[:1]
    phrases = words.terms(text)

    async def check(engine: Engine) -> None:
        engine.recorder.batches.clear()
        models = {room: Model() for room in rooms}
        for room, batch in zip(itertools.cycle(rooms), batches, strict=False):
            for event in _moved(batch, room):
                models[room].append(event)
            await append(*engine, *_moved(batch, room))
        log = engine.recorder.events
        told = {(r, said.seq): said for r in searched for said in models[r].stand(AMPLE)}
        places = [(event.room, event.seq, event.time) for event in log]
        end = None if before is None or not log else log[min(before, len(log) - 1)].time
        hits = [
            (room, seq, time)
            for room, seq, time in reversed(places)
            if (message := told.get((room, seq))) is not None
            and phrases
            and words.matches(words.words(message.text), phrases)
            and (sender is None or names.fold(sender) == names.fold(message.sender))
            and (end is None or time < end)
        ]
        page = fold.page_end([time for _, _, time in hits[: limit + 1]], limit)
        query = wanted(text, *searched, sender=sender, limit=limit, before=end)
        found = await engine.ledger.search(query)
        assert [(said.room, said.seq, said.time) for said in found.messages] == hits[:page]
        assert found.more == (len(hits) > page)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "SCANNED_ROWS", scan[0])
        patch.setattr(searching, "FIRST_ROWS", scan[1])
        for engine in engines.engines:
            engines.runner.run(check(engine))


@given(event=structs(events.Message))
def test_a_message_as_it_was_said_is_what_its_event_has_by_the_same_names(event) -> None:
    assert msgspec.json.decode(codec.encode(event), type=Message) == state.message_of(event)


@given(text=st.text())
def test_words_have_nothing_that_fts_could_take_for_syntax(text) -> None:
    for word in words.words(text):
        assert word
        assert all(char.isalnum() or not char.isascii() for char in word)
        assert words.words(word) == [word] or not word.isascii()
