"""Numbers, what is muted and ignored, aliases, and what the switcher offers: the pure parts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.fuzzy import FuzzySearch

from pychat.client import Mirror, RoomView
from pychat.client.room_view import Load
from pychat.protocol import commands, replies
from pychat.tui import aliases, hushed, numbering, slash, switching, wishes
from pychat.tui.aliases import Aliases, expand
from pychat.tui.chrome import about, member_rows, next_waiting, place_rows, tabs
from pychat.tui.drafts import Drafts
from pychat.tui.hushed import Hushed
from pychat.tui.numbering import Numbering
from pychat.tui.slash import Mistake, parse
from pychat.tui.widgets.member_pane import member_line, member_lines
from pychat.tui.widgets.room_list import PlaceRow, place_line

NOON = 1_763_726_400_000
ROOMS = st.lists(st.sampled_from("abcdefgh"), unique=True)


def _views(names: list[str]) -> list[RoomView]:
    return [RoomView(name, Load()) for name in names]


# Numbers


@given(st.lists(ROOMS, max_size=12))
def test_a_room_keeps_its_number_and_no_two_have_the_same(stays: list[list[str]]) -> None:
    numbers = Numbering()
    before: dict[str, int] = {}
    for names in stays:
        now = numbers.of(_views(names))

        assert now.keys() == set(names)
        assert len(set(now.values())) == len(now)
        assert all(now[name] == before[name] for name in names if name in before)
        before = now


def test_those_for_two_people_come_after_the_others() -> None:
    views = _views(["@ada,kim", "dev", "general"])
    views[0].direct = "ada"

    assert Numbering().of(views) == {"dev": 1, "general": 2, "@ada,kim": 3}


def test_so_many_former_numbers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "FORMER", 2)
    for count, number in ((1, 3), (2, 3), (3, 1)):
        numbers = Numbering()
        numbers.of(_views(["x", "y", "a"]))
        numbers.of([])
        numbers.of(_views([f"{each}" for each in range(count - 1)]))
        numbers.of([])
        # The one that was entered last is forgotten last.
        assert numbers.of(_views(["a"]))["a"] == number or count == 3


# Muted and ignored


def test_a_muted_room_is_so_until_its_time_has_passed() -> None:
    now = NOON
    kept = Hushed(None, now=lambda: now)
    kept.mute("Dev", 60_000)
    assert kept.mutes("dev")
    now += 59_999
    assert kept.mutes("dev")
    now += 1
    assert not kept.mutes("dev")
    assert not kept.unmute("dev")
    kept.mute("dev")
    now += 10**12
    assert kept.mutes("DEV")
    assert kept.unmute("dev")
    assert not kept.mutes("dev")


def test_what_is_hushed_is_kept_and_a_damaged_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "x.hushed"
    kept = Hushed(path, now=lambda: NOON)
    kept.mute("dev", 60_000)
    kept.ignore("Ada")

    again = Hushed(path, now=lambda: NOON)
    assert again.mutes("dev")
    assert again.ignores("ADA")
    assert again.ignored == ["Ada"]
    assert again.unignore("ada")
    assert not again.unignore("ada")
    assert not Hushed(path, now=lambda: NOON).ignored

    path.write_text("{")
    assert not Hushed(path, now=lambda: NOON).mutes("dev")


def test_a_disk_that_refuses_is_told_and_what_is_muted_stays_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = Hushed(tmp_path / "file" / "x.hushed", now=lambda: NOON)
    kept.mute("dev")

    assert kept.mutes("dev")
    assert kept.fault.startswith("What you mute and ignore is not kept on disk: ")


@pytest.mark.parametrize(("count", "first"), [(2, True), (3, True), (4, False)])
def test_of_too_many_those_muted_and_ignored_last_are_kept(
    monkeypatch: pytest.MonkeyPatch, count: int, first: bool
) -> None:
    monkeypatch.setattr(hushed, "MUTED", 3)
    monkeypatch.setattr(hushed, "IGNORED", 3)
    kept = Hushed(None, now=lambda: NOON)
    for number in range(count):
        kept.mute(f"room{number}")
        kept.ignore(f"name{number}")

    assert kept.mutes("room0") == first
    assert kept.ignores("name0") == first


# Aliases


def test_an_alias_stands_for_a_command_with_what_follows() -> None:
    known = {"w": "/join work", "again": "/w"}

    assert expand("/w", known) == "/join work"
    assert expand("  /W now", known) == "/join work now"
    assert expand("/again", known) == "/w"
    for text in ("w", "//w", "/wx", "say /w", ""):
        assert expand(text, known) == text


def test_aliases_are_kept_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aliases, "MOST", 2)
    path = tmp_path / "state" / "aliases.json"
    first = Aliases(path)
    assert first.put("A", "/join a")
    assert first.put("b", "/join b")
    assert not first.put("c", "/join c")
    assert first.put("b", "/join d")
    assert Aliases(path).known == {"a": "/join a", "b": "/join d"}
    assert first.drop("a")
    assert not first.drop("a")
    path.write_text("[]")
    assert not Aliases(path).known


# Commands


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/switch", wishes.Switch()),
        ("/b gen", wishes.Switch("gen")),
        ("/msg @ada hello  there", wishes.Message("ada", "hello  there")),
        ("/query ada", wishes.Message("ada")),
        ("/whois ada", wishes.Whois("ada")),
        ("/away", wishes.Away(away=True)),
        ("/back", wishes.Away(away=False)),
        ("/ignore ada", wishes.Ignore("ada")),
        ("/ignore", wishes.Ignore()),
        ("/unignore ada", wishes.Unignore("ada")),
        ("/mute", wishes.Mute()),
        ("/mute 30m", wishes.Mute(None, 30 * 60_000)),
        ("/mute dev 8H", wishes.Mute("dev", 8 * 3_600_000)),
        ("/mute @ada", wishes.Mute("@ada")),
        ("/mute 365d", wishes.Mute(None, wishes.LONGEST_MUTE)),
        ("/unmute #dev", wishes.Unmute("dev")),
        ("/read", wishes.Read()),
        ("/read -a", wishes.Read(everything=True)),
        ("/clear", wishes.Clear()),
        ("/export a b.md", wishes.Export("a b.md")),
        ("/editor", wishes.Editor()),
        ("/disconnect", wishes.Disconnect()),
        ("/doctor", wishes.Doctor()),
        ("/version", wishes.Version()),
        ("/alias", wishes.Alias()),
        ("/alias W /join work", wishes.Alias("w", "/join work")),
        ("/alias -r /w", wishes.Alias("w", drop=True)),
        ("/list gen", slash.ListRooms("gen")),
        ("/help /join", slash.Help("join")),
        ("/help j", slash.Help("join")),
        ("/leave @ada", slash.Leave("@ada")),
        ("/vers", wishes.Version()),
    ],
)
def test_a_wish_is_understood(typed: str, meant: slash.Command) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("/msg", "/whois", "/unignore", "/export", "/away for lunch", "/clear all"),
        *("/mute 0m", "/mute 366d", "/mute dev soon", "/msg -x hello", "/mute a b c"),
        *("/alias 1 /join", "/alias w join", "/alias w //x", "/alias -r", f"/alias {'a' * 21} /x"),
        *("/help nothing", "/un", "/re x"),
    ],
)
def test_what_is_not_understood_tells_what_to_write(typed: str) -> None:
    meant = parse(typed)

    assert isinstance(meant, Mistake)
    assert "/" in meant.text


# What is offered, and what is shown


def _mirror(*rooms: str) -> Mirror:
    mirror = Mirror()
    for room in rooms:
        joined = replies.Joined(
            id=1,
            room=room,
            topic="",
            members=[
                replies.Member(name="ada", role="owner"),
                replies.Member(name="bob", away=True),
            ],
            count=2,
            seq=0,
            recovered=False,
            missed=0,
            more=False,
            messages=[],
        )
        mirror.apply(joined, now=0.0, answering=commands.Join(id=1, room=room))
    return mirror


def test_what_waits_is_for_me_first_and_in_muted_rooms_only_then() -> None:
    mirror, kept = _mirror("a", "b", "c"), Hushed(None, now=lambda: NOON)
    places = [None, "a", "b", "c"]
    mirror.rooms["a"].unread = 5
    assert next_waiting(mirror, places, kept) == "a"
    mirror.rooms["b"].unread = mirror.rooms["b"].mentions = 1
    assert next_waiting(mirror, places, kept) == "b"
    kept.mute("b")
    assert next_waiting(mirror, places, kept) == "b"
    kept.mute("a")
    mirror.rooms["b"].unread = mirror.rooms["b"].mentions = 0
    assert next_waiting(mirror, places, kept) is None


def test_a_muted_room_has_no_badge_but_its_mentions() -> None:
    mirror, kept = _mirror("a"), Hushed(None, now=lambda: NOON)
    mirror.rooms["a"].unread, mirror.rooms["a"].mentions = 5, 1
    kept.mute("a")
    rows = place_rows(mirror, Drafts({}), {"a": 1}, kept)

    assert (rows[1].unread, rows[1].mentions, rows[1].muted) == (0, 1, True)
    assert place_line(rows[1], 22).plain.split() == ["1", "#a", "@1", "muted"]
    assert [(tab.unread, tab.mentions) for tab in tabs(rows)] == [(0, 1)]


def test_each_presence_has_its_mark() -> None:
    for presence, mark in (("here", "●"), ("away", "◐"), ("gone", "○")):
        row = PlaceRow(5, "@ada,kim", "ada", open=False, unread=2, presence=presence)  # type: ignore[arg-type]  # of the table above
        assert place_line(row, 22).plain.split() == ["5", mark, "ada", "2"]


def test_members_are_grouped_with_their_roles_and_those_left_over_counted() -> None:
    mirror = _mirror("a")
    rows = member_rows(mirror.rooms["a"], "kim", 0.0)

    assert member_lines(rows, 7) == [*("MEMBERS 7", rows[0], "AWAY 1", rows[1], "… 5 more: Enter")]
    assert rows[0].role == "owner"


def test_who_has_proved_their_name_has_a_mark() -> None:
    mirror = _mirror("a")
    view = mirror.rooms["a"]
    member = next(iter(view.members.values()))
    member.verified = True

    lines = [member_line(row, 30).plain.split() for row in member_rows(view, "kim", 0.0)]

    assert [line[1] for line in lines if "✓" in line] == [member.name]


def test_the_switcher_knows_rooms_and_people_and_narrows_them() -> None:
    mirror, kept = _mirror("general", "dev"), Hushed(None, now=lambda: NOON)
    rows = place_rows(mirror, Drafts({}), {"general": 1, "dev": 2}, kept)
    listed = [replies.RoomInfo(name=name, members=1, topic="", seq=0) for name in ("dev", "gems")]
    choices = [*switching.mine(rows, ["dev"]), *switching.others(mirror, listed)]

    def found(typed: str) -> list[str]:
        return [each.title for each in switching.narrowed(choices, typed, FuzzySearch())]

    assert found("") == ["#dev", "#general", "Hall", "#gems", "@ada", "@bob"]
    assert found("@") == ["@ada", "@bob"]
    assert found("#ge") == ["#gems", "#general"] or found("#ge") == ["#general", "#gems"]
    assert found("gnrl") == ["#general"]
    assert found("xyz") == []
    assert switching.new_place("xyz")[0] == "xyz"
    assert switching.new_place("@zoe")[0] == "@zoe"
    assert switching.new_place("x y")[0] is None


@pytest.mark.parametrize(
    ("room", "words"),
    [
        ("@ada,kim", "ada has left the Hall: nothing more can be said here"),
        (
            "@ada,kim,0123456789ab",
            "ada is not here, and finds this on coming back; nobody else reads it",
        ),
    ],
)
def test_beside_a_room_of_two_stands_what_becomes_of_words_while_the_other_is_gone(
    room: str, words: str
) -> None:
    (view,) = _views([room])
    view.direct = "ada"

    assert about(view) == words
