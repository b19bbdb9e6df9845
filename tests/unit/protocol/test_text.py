"""What may be said, and how what others said is made harmless to a terminal."""

import unicodedata

import pytest

from pychat.protocol.errors import Refused
from pychat.protocol.text import check_emojis, check_text, check_topic, clean, clean_line

FAMILY = "👨‍👩‍👧‍👦"
BLANK = "a message has something in it besides white space"


def refusal_of_text(raw: str) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        check_text(raw)
    return caught.value.code, caught.value.text


def refusal_of_topic(raw: str) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        check_topic(raw)
    return caught.value.code, caught.value.text


# -- text --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "  indented\n\tcode\n",
        "e\u0301 is not made é",
        "Ａ and ﬁ stay",
        "مرحبا",
        "क्षि",
        FAMILY,
        "\U0010ffff\uffff\ue000",
        "z" + "\u0301" * 100,
        "'; DROP TABLE event; --",
        "[@click=app.quit]x[/]",
    ],
)
def test_text_is_kept_as_it_is(text: str) -> None:
    assert check_text(text) == text


@pytest.mark.parametrize(
    ("length", "fits"), [(1, True), (7_999, True), (8_000, True), (8_001, False), (60_000, False)]
)
@pytest.mark.parametrize("char", ["x", "é", "🍵"])
def test_text_has_at_most_eight_thousand_characters(char: str, length: int, fits: bool) -> None:
    if fits:
        assert check_text(char * length) == char * length
    else:
        assert refusal_of_text(char * length) == (
            "text-too-long",
            f"a message has at most 8000 characters, this one has {length}",
        )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\u2029"])
@pytest.mark.parametrize(("lines", "fits"), [(2, True), (199, True), (200, True), (201, False)])
def test_text_has_at_most_two_hundred_lines_however_they_end(
    end: str, lines: int, fits: bool
) -> None:
    raw = end.join(["x"] * lines)

    if fits:
        assert check_text(raw) == raw.replace("\r\n", "\n")
    else:
        assert refusal_of_text(raw) == (
            "text-too-long",
            f"a message has at most 200 lines, this one has {lines}",
        )


def test_carriage_return_and_newline_count_as_one_character() -> None:
    raw = "\r\n".join(["x" * 79] * 100)

    assert len(raw) > 8_000 - 1
    assert check_text(raw + "y") == "\n".join(["x" * 79] * 100) + "y"


@pytest.mark.parametrize(
    "point",
    [*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0xD800, 0xDBFF, 0xDC00, 0xDFFF],
)
def test_control_characters_and_surrogates_are_refused_with_their_place(point: int) -> None:
    assert refusal_of_text(f"ab{chr(point)}c") == (
        "bad-text",
        f"the control character U+{point:04X} at position 2 is not allowed; of these only "
        "newline and tab are",
    )


@pytest.mark.parametrize("raw", ["a\rb", "a\r", "\r\r\na", "a\n\rb"])
def test_a_carriage_return_without_its_newline_is_refused(raw: str) -> None:
    code, text = refusal_of_text(raw)

    assert code == "bad-text"
    assert "U+000D" in text


@pytest.mark.parametrize(
    "raw", ["", " ", "\n", "\r\n", "\t \n", "\u00a0", "\u3000\u2003", "\u2028"]
)
def test_nothing_but_white_space_is_refused(raw: str) -> None:
    assert refusal_of_text(raw) == ("bad-text", BLANK)


# -- topics ------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["", "tea", "tea\tand cakes", " tea ", "🍵" * 389, "🍵" * 390])
def test_a_topic_is_a_line_of_at_most_390_characters_or_nothing(topic: str) -> None:
    assert check_topic(topic) == topic


def test_a_topic_of_391_characters_is_refused() -> None:
    assert refusal_of_topic("x" * 391) == (
        "text-too-long",
        "a topic has at most 390 characters, this one has 391",
    )


@pytest.mark.parametrize("raw", ["a\nb", "a\n", "\n", "a\r\nb", "a\u2028b", "\u2029"])
def test_a_topic_has_one_line(raw: str) -> None:
    assert refusal_of_topic(raw) == ("bad-text", "a topic has one line")


@pytest.mark.parametrize("raw", ["a\rb", "a\x1b]0;x\x07", "\x85", "\ud800", "\x00"])
def test_a_topic_has_no_control_characters(raw: str) -> None:
    code, text = refusal_of_topic(raw)

    assert code == "bad-text"
    assert "control character" in text


@pytest.mark.parametrize("raw", [" ", "\t", "\u3000"])
def test_a_topic_is_not_just_white_space(raw: str) -> None:
    assert refusal_of_topic(raw)[0] == "bad-text"


# -- reactions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "emojis",
    [[], ["👍"], ["👍", "🎉"], [FAMILY], ["👍🏽"], [":tea:"], ["x" * 31, "x" * 32], ["❤️", "❤"]],
)
def test_reactions_are_kept_in_their_order(emojis: list[str]) -> None:
    assert check_emojis(emojis) == emojis


def test_a_reaction_given_twice_counts_once() -> None:
    assert check_emojis(["👍", "🎉", "👍"]) == ["👍", "🎉"]


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        ("", "a reaction has 1 to 32 characters, this one has 0"),
        ("x" * 33, "a reaction has 1 to 32 characters, this one has 33"),
        ("a b", "a reaction has no white space in it"),
        ("a\n", "a reaction has no white space in it"),
        ("\u3000", "a reaction has no white space in it"),
        (
            "\x1b",
            "the control character U+001B at position 0 is not allowed; of these only newline "
            "and tab are",
        ),
    ],
)
def test_one_bad_reaction_refuses_all(bad: str, text: str) -> None:
    with pytest.raises(Refused) as caught:
        check_emojis(["👍", bad])

    assert (caught.value.code, caught.value.text) == ("bad-text", text)


# -- showing what others said ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "two\nlines\tand a tab",
        "é ñ ß ø Ő ệ",
        "Привет",
        "مُحَمَّد",
        "שָׁלוֹם",
        "क्षि नमस्ते",
        "สวัสดีครับ น้ำ",
        "မြန်မာ",
        "བསྒྲུབས",
        "한국어 ㅋㅋ",
        "日本語 葛󠄀",
        FAMILY,
        "👍🏽 ❤️ 1️⃣ 🏳️‍🌈 🇫🇷",
        "\U0001fae8\U0001fa77",
        "a\u200cb می‌خواهم",
        "[b]markup[/b]",
        "\ue0b0",
    ],
)
def test_harmless_text_is_shown_as_it_is(text: str) -> None:
    assert clean(unicodedata.normalize("NFC", text)) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("\x00\x08\x0b\x0c\x0e\x1f", "␀␈␋␌␎␟"),
        ("\x7f", "␡"),
        ("\x9b31m\x90", "�31m�"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a␍b"),
        ("\r\r\n", "␍\n"),
        ("a\x85b\u2028c\u2029d", "a\nb\nc\nd"),
        ("\u202eevil\u202c", "evil"),
        ("\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u202a\u202d", ""),
        ("a\u200bb\u2060c\ufeffd\u00ade\u034ff", "abcdef"),
        ("\u3164\u115f\uffa0\U000e0041\ufff9", ""),
        ("\ud83d", "�"),
        ("\ud83d\ude00", "��"),
        ("\U0003fffd\uffff", "��"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
    ],
)
def test_what_could_harm_is_replaced_or_dropped(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert clean(shown) == shown


@pytest.mark.parametrize("mark", ["\u0301", "\u0336", "\u20dd"])
def test_accents_are_cut_at_four(mark: str) -> None:
    assert clean("x" + mark * 4 + "y") == "x" + mark * 4 + "y"
    assert clean("x" + mark * 5 + "y") == "x" + mark * 4 + "y"
    assert clean(("x" + mark * 500) * 2) == ("x" + mark * 4) * 2


@pytest.mark.parametrize("mark", ["\u0e47", "\u0e49", "\u0653", "\u05af", "\u0f39"])
def test_regression_marks_of_other_scripts_are_cut_too(mark: str) -> None:
    assert clean("ก" + mark * 8) == "ก" + mark * 8
    assert clean("ก" + mark * 300) == "ก" + mark * 8


def test_regression_marks_kept_apart_by_others_are_one_stack() -> None:
    zalgo = "x" + ("\u0301" * 4 + "\u0653") * 100 + ("\u0301" + "\u200d") * 100

    marks = [char for char in clean(zalgo) if unicodedata.category(char) == "Mn"]

    assert len(marks) <= 8


def test_regression_cleaning_is_idempotent_where_a_cut_lets_letter_and_mark_join() -> None:
    for text in (
        "ا" + "\u0316" * 4 + "\u0300\u0653",
        "a" + "\u0301" * 4 + "\u20dd\u05b0" + "\u0301" * 4,
    ):
        assert clean(clean(text)) == clean(text)


def test_every_single_character_is_clean_after_cleaning() -> None:
    for point in (*range(0x33000), *range(0xE0000, 0xE0200), 0x10FFFF):
        shown = clean(chr(point))
        assert clean(shown) == shown, hex(point)
        shown.encode()
        assert all(unicodedata.category(c) not in ("Cc", "Cs") or c in "\n\t" for c in shown)


def test_a_cleaned_line_has_no_line_ends_and_no_tabs() -> None:
    assert clean_line("a\nb\r\nc\u2028d\te\x1b") == "a␤b␤c␤d e␛"
    assert clean_line(clean_line("a\nb\t")) == clean_line("a\nb\t")


@pytest.mark.parametrize("raw", ["\u200b", "\u200b \u2060\n", "\u3164", "\u202e\u2066", "\u00ad"])
def test_a_text_of_which_nothing_shows_is_refused_like_white_space(raw: str) -> None:
    with pytest.raises(Refused) as refused:
        check_text(raw)

    assert refused.value.code == "bad-text"
