"""Which names are allowed, which are the same, which look the same."""

import unicodedata
from collections.abc import Callable

import pytest

from pychat.protocol.errors import Refused
from pychat.protocol.names import check_name, check_room, fold, looks, skeleton


def refusal_of(raw: str, check: Callable[[str], str] = check_name) -> Refused:
    with pytest.raises(Refused) as caught:
        check(raw)
    return caught.value


# -- allowed, and stored in NFC ----------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "ann",
        "Ann",
        "x",
        "7",
        "new-2",
        "a_b.c-d",
        "a--",
        "a..",
        "Ådne",
        "Žofie",
        "Łukasz",
        "Ñandú",
        "Đorđe",
        "straße",
        "İpek",
        "Иван",
        "Ἀριστοτέλης",
        "Արև",
        "נֹעַם",
        "محمد",
        "فاطِمة",
        "क्षितिज",
        "ஸ்ரீ",
        "ကျော်",
        "ខ្មែរ",
        "བོད",
        "อภิชาติ",
        "สุขสันต์",
        "田中さん",
        "ガギグ",
        "한글",
        "٣٤٥",
        "𐐀𐐨",
    ],
)
def test_a_name_of_any_script_is_kept_as_it_is_written(name: str) -> None:
    name = unicodedata.normalize("NFC", name)

    assert check_name(name) == name
    assert check_room(name) == name
    assert check_name(unicodedata.normalize("NFD", name)) == name


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Ａｎｎ＿７", "Ann_7"),
        ("ｱﾝ", "アン"),
        ("ﾊﾟﾝ", "パン"),
        ("𝐀𝓃𝕟", "Ann"),
        ("ﬁn", "fin"),
        ("ⓐⓝⓝ", "ann"),
        ("x²", "x2"),
        ("Ⅷ", "VIII"),
        ("ǅo", "Džo"),
        ("ﻣﺤﻤﺪ", "محمد"),
        ("ℵ", "א"),
        ("K", "K"),
        ("Å", "Å"),
        ("a․b", "a.b"),
    ],
)
def test_fullwidth_and_the_like_are_folded_and_not_kept(raw: str, kept: str) -> None:
    assert check_name(raw) == kept
    assert fold(raw) == fold(kept)


@pytest.mark.parametrize(
    "name", ["น้ำ", "ນ້ຳ", "ໜູ", "Արեւ", "Արև", "ㅋㅋㅋ", "ㅠㅠ", "ㅋㅏ", "coŀlecció"]
)
def test_regression_letters_of_living_scripts_that_nfkc_takes_apart_are_kept(name: str) -> None:
    assert check_name(name) == name
    assert fold(name) == fold(unicodedata.normalize("NFKC", name))


# -- refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a b", "U+0020"),
        ("a\u00a0b", "U+0020"),
        ("a\u3000b", "U+0020"),
        ("a\nb", "U+000A"),
        ("abc\n", "U+000A"),
        ("a\tb", "U+0009"),
        ("a\0", "U+0000"),
        ("a\x1b[2J", "U+001B"),
        ("a\x7f", "U+007F"),
        ("a\x9b", "U+009B"),
        ("a\u200db", "U+200D"),
        ("a\u200cb", "U+200C"),
        ("a\u200bb", "U+200B"),
        ("a\u00adb", "U+00AD"),
        ("a\u2060b", "U+2060"),
        ("a\ufeffb", "U+FEFF"),
        ("a\u202eb", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("a\u200fb", "U+200F"),
        ("a\u061cb", "U+061C"),
        ("a\U000e0041", "U+E0041"),
        ("a\ufe0f", "U+FE0F"),
        ("a\U000e0100", "U+E0100"),
        ("a\u034fb", "U+034F"),
        ("a\u17b4", "U+17B4"),
        ("a\u180b", "U+180B"),
        ("a\u3164", "U+1160"),
        ("a\uffa0", "U+1160"),
        ("a\u115f", "U+115F"),
        ("a\ud800", "U+D800"),
        ("a\ufffe", "U+FFFE"),
        ("a\ue000", "U+E000"),
        ("a/b", "'/'"),
        ("a\\b", "'\\\\'"),
        ("a@b", "'@'"),
        ("a#b", "'#'"),
        ("a:b", "':'"),
        ("a[b]", "'['"),
        ("a'b", '"\'"'),
        ("a·b", "'·'"),
        ("a👍", "'👍'"),
        ("a½", "'⁄'"),
        ("a⑴", "'('"),
        ("a℃", "'°'"),
    ],
)
def test_what_is_no_letter_mark_digit_dash_underscore_or_dot_is_refused(
    raw: str, shown: str
) -> None:
    refused = refusal_of(raw)

    assert refused.code == "bad-name"
    allowed = "letters, digits, '-', '_' and '.' only"
    assert refused.text == f"a name has {allowed}, not {shown}"
    assert refusal_of(raw, check_room).code == "bad-room"


@pytest.mark.parametrize(
    "raw", ["ᅡ", "aᅡ", "boᅵb", "aᆨ", "a\ud7b0", "ﾡￂￃ", "\U00016fe4", "a\U00016fe4"]
)
def test_regression_letters_that_take_no_cell_are_refused(raw: str) -> None:
    refused = refusal_of(raw)

    assert refused.code == "bad-name"
    assert refused.text.isascii()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("-a", "'-'"),
        ("_a", "'_'"),
        (".", "'.'"),
        ("..", "'.'"),
        (".hidden", "'.'"),
        ("\u0301a", "U+0301"),
        ("\u093fa", "U+093F"),
        (" a", "U+0020"),
        ("\u202ea", "U+202E"),
        ("\u3164", "U+1160"),
        ("#tea", "'#'"),
        ("@ann", "'@'"),
        ("👍", "'👍'"),
    ],
)
def test_a_name_begins_with_a_letter_or_digit(raw: str, shown: str) -> None:
    assert refusal_of(raw).text == f"a name begins with a letter or digit, not with {shown}"
    assert refusal_of(raw, check_room).text == (
        f"a room's name begins with a letter or digit, not with {shown}"
    )


# -- bounds ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "code", "what", "limit"),
    [(check_name, "bad-name", "a name", 32), (check_room, "bad-room", "a room's name", 64)],
)
class TestBounds:
    def test_one_character_to_the_limit_is_allowed(
        self, check: Callable[[str], str], code: str, what: str, limit: int
    ) -> None:
        for length in (1, 2, limit - 1, limit):
            assert check("n" * length) == "n" * length

    @pytest.mark.parametrize("beyond", [1, 2, 200, 60_000])
    def test_none_and_more_than_the_limit_are_refused(
        self, check: Callable[[str], str], code: str, what: str, limit: int, beyond: int
    ) -> None:
        for length in (0, limit + beyond):
            refused = refusal_of("n" * length, check)
            assert refused.code == code
            assert refused.text == f"{what} has 1 to {limit} characters, this one has {length}"

    def test_characters_count_as_they_are_stored(
        self, check: Callable[[str], str], code: str, what: str, limit: int
    ) -> None:
        assert check("α\u0313\u0300\u0345" * limit) == "ᾂ" * limit
        assert refusal_of("α\u0313\u0300\u0345" * (limit + 1), check).code == code
        assert check("𝐀" * limit) == "A" * limit

    def test_a_name_that_grows_when_it_is_normalised_counts_in_full(
        self, check: Callable[[str], str], code: str, what: str, limit: int
    ) -> None:
        assert check("ﬃ" * (limit // 3)) == "ffi" * (limit // 3)
        refused = refusal_of("ﬃ" * limit, check)
        assert f"this one has {3 * limit}" in refused.text
        assert refusal_of("ﷺ" * limit, check).code == code


# -- the same ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "ANN"),
        ("Ann", "Ａｎｎ"),
        ("Žofie", "z\u030cOFIE"),
        ("straße", "STRASSE"),
        ("straẞe", "strasse"),
        ("σοφός", "ΣΟΦΌΣ"),
        ("ﬁn", "FIN"),
        ("ᾳ", "ΑΙ"),
        ("K", "k"),
        ("ǰ", "J\u030c"),
        ("Ꮳ", "ꮳ"),
        ("İ", "i\u0307"),
        ("ſ", "S"),
        ("ガ", "ｶﾞ"),
    ],
)
def test_names_are_the_same_in_any_case_width_and_normal_form(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ann", "anna"), ("a.b", "a-b"), ("resume", "résumé"), ("ı", "i"), ("o", "0"), ("e", "е")],
)
def test_names_that_differ_in_more_are_others(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_key_is_its_own_key() -> None:
    for point in (*range(0x33000), *range(0xE0000, 0xE0200), 0x10FFFF):
        key = fold(chr(point))
        assert fold(key) == key, hex(point)


@pytest.mark.parametrize("raw", ["ﷺ" * 30, "ﷺ" * 300, "n" * 60_000, "ΐ" * 300])
def test_regression_the_key_of_something_too_long_is_short_and_its_own_key(raw: str) -> None:
    key = fold(raw)

    assert len(key) <= 257
    assert fold(key) == key


def test_regression_what_is_too_long_has_the_key_of_no_name() -> None:
    for letter in ("ᾂ", "ΐ", "n", "ß"):
        longest = check_room(letter * 64)
        written_long = unicodedata.normalize("NFD", fold(longest))

        assert len(fold(longest)) <= 256
        assert fold(written_long) == fold(longest)
        assert fold(written_long + "n" * (257 - len(written_long))) != fold(longest)


# -- looking the same --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin", "аdmin"),
        ("evan", "еvan"),
        ("scope", "ѕсоре"),
        ("paypal", "paypaI"),
        ("paypal", "paypa1"),
        ("modern", "modem"),
        ("new-1", "new-l"),
        ("AB", "ΑΒ"),
        ("AB", "АВ"),
        ("Bob", "Вob"),
        ("o7", "ο7"),
        ("o7", "о7"),
        ("B0B", "BOB"),
        ("Ádmin", "A\u0301dmin"),
        ("ø", "o\u0338"),
        ("٣", "۳"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "anna"),
        ("mail", "mall"),
        ("Ian", "Dan"),
        ("bob", "b0b"),
        ("tea", "coffee"),
        ("new-2", "new-3"),
        ("a_b", "a-b"),
        ("Иван", "Ivan"),
        ("田", "由"),
    ],
)
def test_names_that_look_different_have_others(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_a_name_looks_the_same_in_every_normal_form() -> None:
    for name in ("Žofie", "한글", "ᾂ", "क्षि", "नि़"):
        assert skeleton(unicodedata.normalize("NFD", name)) == skeleton(name)


def test_marks_that_the_screen_leaves_out_make_no_other_look() -> None:
    assert skeleton("a" + "\u0301" * 20) == skeleton("a" + "\u0301" * 4)
    assert skeleton("a" + "\u0301" * 3) != skeleton("a" + "\u0301" * 4)


def test_a_name_in_capitals_of_another_script_looks_like_the_small_one() -> None:
    # Cyrillic А in АDMIN: as shown it has another skeleton than `admin`, since i is not I.
    assert skeleton("\u0410DMIN") != skeleton("admin")

    assert looks("\u0410DMIN") & looks("admin")


def test_names_that_look_different_share_no_look() -> None:
    assert not looks("mail") & looks("mall")
    assert not looks("ann") & looks("bob")
