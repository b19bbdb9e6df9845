"""What is true of every name, and of every pair of them."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from pychat.protocol.errors import Refused
from pychat.protocol.names import check_name, check_room, fold, skeleton
from pychat.protocol.text import clean_line

letters = st.characters(categories=["L", "M", "Nd"])
awkward = st.sampled_from(
    "iIlLıİſßẞΣσςᾳᾂΐ\u0345\u0301\u0300\u0316\u0323\u20ddKÅﬃﷺǅŀnmrO0ᄀ가힣ᅡㅋㅏำ้"
    "\u3164\u200d\u202e\ufe0f-_. /"
)
anything = st.text(st.one_of(letters, awkward, st.characters()), max_size=12)


def is_name(raw: str) -> bool:
    try:
        check_name(raw)
    except Refused:
        return False
    return True


in_names = st.one_of(letters, awkward).filter(lambda char: is_name("a" + char))
raw_names = st.builds(
    str.__add__,
    st.characters(categories=["L", "Nd"]).filter(is_name),
    st.text(in_names, max_size=9),
).filter(is_name)
"""What somebody may write for a name, not yet as it is kept."""

look_alikes = st.sampled_from(["aа", "oο", "lI1", "eе", "pр", "cс", "AΑА", "0O", "iі", "m\u217f"])


@settings(max_examples=300)
@given(anything | raw_names)
def test_a_name_taken_is_kept_from_then_on(raw: str) -> None:
    if not is_name(raw):
        return
    name = check_name(raw)

    assert check_name(name) == name
    assert check_room(raw) == name
    assert unicodedata.is_normalized("NFC", name)
    assert 1 <= len(name) <= 32
    assert name[0] not in "-_."
    assert all(unicodedata.category(c)[0] in "LM" or c.isdecimal() or c in "-_." for c in name)
    assert fold(name) == fold(raw)


@given(raw_names)
def test_every_spelling_of_a_name_is_the_same_name(raw: str) -> None:
    name = check_name(raw)

    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, name)) == fold(name)  # type: ignore[arg-type]
    assert fold(name.casefold()) == fold(name)
    assert check_name(unicodedata.normalize("NFD", name)) == name


@settings(max_examples=300)
@given(st.text(st.one_of(letters, awkward, st.characters()), max_size=300))
def test_a_key_is_its_own_key_whatever_it_is_made_from(raw: str) -> None:
    key = fold(raw)

    assert fold(key) == key
    assert len(key) <= 257
    assert unicodedata.is_normalized("NFKC", key)


@given(anything, anything)
def test_names_are_the_same_exactly_when_their_nfkc_casefolds_are(one: str, other: str) -> None:
    def folded(name: str) -> str:
        name = unicodedata.normalize("NFKC", name).casefold()
        return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())

    assert fold(one) == folded(one)
    assert (fold(one) == fold(other)) == (folded(one) == folded(other))


@given(raw_names)
def test_the_look_of_a_name_depends_on_nothing_but_what_is_shown(raw: str) -> None:
    name = check_name(raw)
    look = skeleton(name)

    assert skeleton(name) == look
    assert skeleton(unicodedata.normalize("NFD", name)) == look
    assert skeleton(clean_line(name)) == look
    assert look


@given(raw_names, look_alikes, raw_names)
def test_one_letter_for_another_that_looks_alike_makes_no_other_look(
    before: str, group: str, after: str
) -> None:
    assert len({skeleton(before + letter + after) for letter in group}) == 1
