"""What is typed becomes a message or a command, and nothing with a slash is said by mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pychat.tui import message_commands, slash
from pychat.tui.slash import Mistake, Say, parse

WORDS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)
CLASSIC = ("<join>", "<list>", "<manual>", "<quit>", "<leave>", "<name>")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/join dev", slash.Join("dev")),
        ("/join #dev", slash.Join("dev")),
        ("  /JOIN   dev \n", slash.Join("dev")),
        ("/j dev", slash.Join("dev")),
        ("/leave", slash.Leave(None)),
        ("/leave dev", slash.Leave("dev")),
        ("/part", slash.Leave(None)),
        ("/list", slash.ListRooms()),
        ("/name max", slash.Rename("max")),
        ("/nick max", slash.Rename("max")),
        ("/who", slash.Who(None)),
        ("/who dev", slash.Who("dev")),
        ("/topic", slash.Topic(None)),
        ("/topic Release is Friday", slash.Topic("Release is Friday")),
        ("/manual", slash.Manual()),
        ("/help", slash.Help()),
        ("/search", slash.Search()),
        ("/search red apple", slash.Search("red apple")),
        ("/search -a red apple", slash.Search("red apple", everywhere=True)),
        ("/search -a", slash.Search(everywhere=True)),
        ("/find -apple", slash.Search("-apple")),
        ("/retry", slash.Retry()),
        ("/retry -a", slash.Retry(everything=True)),
        ("/discard", slash.Discard()),
        ("/discard -a", slash.Discard(everything=True)),
        ("/release", slash.Release()),
        ("/reconnect", slash.Reconnect()),
        ("/quit", slash.Quit(None)),
        ("/quit good night", slash.Quit("good night")),
        ("<join> dev", slash.Join("dev")),
        ("<Join> dev", slash.Join("dev")),
        ("<list>", slash.ListRooms()),
        ("<manual>", slash.Manual()),
        ("<leave>", slash.Leave(None)),
        ("<name> max", slash.Rename("max")),
        ("<quit>", slash.Quit(None)),
    ],
)
def test_a_command_is_understood(typed: str, meant: slash.Command) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/lsit", "no /lsit — did you mean /list? To say it as it is, begin with //"),
        ("/qiut now", "no /qiut — did you mean /quit? To say it as it is, begin with //"),
        ("/usr/bin", "no /usr/bin — /help lists the commands. To say it as it is, begin with //"),
        (
            "/",
            "a command is missing after the /; /help lists them, // begins a text with a slash",
        ),
        ("/join", "/join needs more: write /join ROOM"),
        ("<join>", "/join needs more: write /join ROOM"),
        ("/name", "/name needs more: write /name NAME"),
        ("/name -x", "a name begins with a letter or digit, not with '-'; write /name NAME"),
        (
            "/join a b",
            "a room's name has letters, digits, '-', '_' and '.' only, not U+0020; "
            "write /join ROOM",
        ),
    ],
)
def test_a_mistake_is_told_with_what_to_write_instead(typed: str, sentence: str) -> None:
    meant = parse(typed)

    assert isinstance(meant, Mistake)
    assert meant.text == sentence


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hello", "hello"),
        ("//join dev", "/join dev"),
        ("///", "//"),
        ("    indented\n    code\n", "    indented\n    code"),
        ("\n\nhello\n", "hello"),
        ("1/2", "1/2"),
        ("<joined> dev", "<joined> dev"),
        ("<list>ing", "<list>ing"),
        ("see <quit>", "see <quit>"),
        ("<b>", "<b>"),
    ],
)
def test_everything_else_is_said(typed: str, said: str) -> None:
    assert parse(typed) == Say(said)


@given(WORDS)
def test_nothing_with_one_slash_is_ever_said(words: str) -> None:
    typed = f"/{words.lstrip('/')}"
    word = slash.full_name(typed[1:].partition(" ")[0])
    if word in (*message_commands.SAYINGS, "plain"):
        return  # these say something, also by their beginnings: /sh shrugs

    assert not isinstance(parse(typed), Say)


@given(st.sampled_from(["", " ", "\n", "\t "]), WORDS)
def test_two_slashes_say_one_and_the_rest_as_it_is(blank: str, words: str) -> None:
    assert parse(f"{blank}//{words}") == Say(f"/{words}".rstrip())


@given(WORDS)
def test_what_is_no_command_is_said_without_losing_a_word(words: str) -> None:
    typed = words.strip()
    if typed.startswith("/") or typed.lower().startswith(CLASSIC):
        return

    said = parse(words)

    assert isinstance(said, Say)
    assert said.text.strip() == typed


def test_a_plain_text_is_sent_so_that_no_mark_in_it_means_anything() -> None:
    assert parse("/plain *a* and snake_case") == Say(r"\*a\* and snake\_case")
    assert parse("/plain as it is, https://e.org/_x") == Say("as it is, https://e.org/_x")
    assert isinstance(parse("/plain"), Mistake)


@given(st.sampled_from([*slash.SPELLINGS, *slash.ALIASES]), WORDS)
def test_a_known_word_is_a_command_or_a_mistake_that_names_it(word: str, rest: str) -> None:
    meant = parse(f"/{word} {rest}")

    if isinstance(meant, Mistake):
        assert slash.SPELLINGS[slash.ALIASES.get(word, word)].usage in meant.text


def test_every_alias_stands_for_a_command() -> None:
    assert set(slash.ALIASES.values()) <= set(slash.SPELLINGS)
    assert not set(slash.ALIASES) & set(slash.SPELLINGS)
