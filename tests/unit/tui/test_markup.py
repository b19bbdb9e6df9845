"""The Markdown of messages, sentence by sentence."""

import pytest

from pychat.tui.log import markup
from pychat.tui.log.inline import COVER, MARKS
from pychat.tui.log.markup import (
    BULLET,
    FOLD_LINES,
    FOLDED_LINES,
    Shown,
    code_blocks,
    escaped,
    is_plain,
    links_of,
    preview,
    show,
)
from pychat.tui.render import body


def looks(shown: Shown) -> list[tuple[str, str]]:
    return sorted((span.look, shown.text[span.start : span.end]) for span in shown.spans)


def kinds(shown: Shown) -> list[str]:
    return [block.kind for block in shown.blocks]


# Bold, italic and the like


@pytest.mark.parametrize(
    ("text", "seen", "styled"),
    [
        ("*a* word", "a word", [("italic", "a")]),
        ("_a b_ c", "a b c", [("italic", "a b")]),
        ("so **bold**!", "so bold!", [("bold", "bold")]),
        ("***both***", "both", [("bold", "both"), ("italic", "both")]),
        ("~~gone~~", "gone", [("strike", "gone")]),
        ("**a *b* c**", "a b c", [("bold", "a b c"), ("italic", "b")]),
        ("***a* b**", "a b", [("bold", "a b"), ("italic", "a")]),
        ("***a** b*", "a b", [("bold", "a"), ("italic", "a b")]),
        ("**a *b***", "a b", [("bold", "a b"), ("italic", "b")]),
        ("*a\nb*", "a\nb", [("italic", "a\nb")]),
        ("これは**太字**です", "これは太字です", [("bold", "太字")]),
        ("(*a*), “_b_”: *c*…", "(a), “b”: c…", [("italic", "a"), ("italic", "b"), ("italic", "c")]),
    ],
)
def test_marks_at_the_edges_of_words_style_what_is_between(
    text: str, seen: str, styled: list[tuple[str, str]]
) -> None:
    assert show(text).text == seen
    assert looks(show(text)) == styled


@pytest.mark.parametrize(
    "text",
    [
        *("snake_case_name", "2*3*4", "2**10**2", "__init__ and __main__", "5 * 3 * 2"),
        *("src/**/*.py and tests/**/*.py", "f(*args, **kwargs); g(*args, **kwargs)"),
        *("a || b || c", "~/src and ~/tests", "****", "* a", "**", "a*", "*not closed", "~~~~"),
        *("* not\n\nover an empty line*", "a `b", "\\", "c:\\dir", "[x]", "[](https://e.org)"),
        *("x[0](y)", "#general is here", "-5 degrees", ">:(", ">>> print()", "1.5 and 2.x", "#"),
    ],
)
def test_what_is_no_mark_stays_as_it_is(text: str) -> None:
    # A list's bullet is another sign, and an address without words is a link in its own right.
    assert show(text).text.replace(BULLET, "*") == text
    assert {look for look, _ in looks(show(text))} <= {"link"}


def test_a_backslash_takes_a_mark_its_meaning() -> None:
    assert show(r"\*a\* \_b\_ \`c\` \\ \| \[x](y) C:\new").text == r"*a* _b_ `c` \ | [x](y) C:\new"
    assert not show(r"\*a\* \_b\_ \`c\`").spans


def test_code_keeps_its_backticks_and_nothing_in_it_is_a_mark() -> None:
    shown = show(r"run `make *all* \* ||x||` or ``a`b`` *now*")

    assert shown.text == r"run `make *all* \* ||x||` or ``a`b`` now"
    code = [shown.text[s.start : s.end] for s in shown.spans if s.look == "code"]
    assert code == [r"`make *all* \* ||x||`", "``a`b``"]
    assert ("italic", "now") in looks(shown)
    assert len(shown.spans) == 3


def test_a_heading_is_bold_and_no_more() -> None:
    shown = show("## What is *new*\nwords")

    assert shown.text == "What is new\nwords"
    assert looks(shown) == [("bold", "What is new"), ("italic", "new")]


# Blocks


def test_quotes_and_lists_are_blocks_of_their_own() -> None:
    shown = show("> one\n> two\n- *a*\n  * b\n1. c\n10. d\nend")

    assert shown.text == "one\ntwo\n• a\n  • b\n1. c\n10. d\nend"
    assert kinds(shown) == ["quote", "item", "item", "item", "item", "text"]
    assert [block.hang for block in shown.blocks] == [0, 2, 4, 3, 4, 0]
    assert looks(shown) == [("italic", "a")]


def test_a_fence_is_code_with_its_language_and_nothing_in_it_is_a_mark() -> None:
    shown = show("look:\n```Python\n*a*\n> b\n```\nok?")

    assert shown.text == "look:\n*a*\n> b\nok?"
    assert kinds(shown) == ["text", "code", "text"]
    assert shown.blocks[1].language == "python"
    assert not shown.spans


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\na\n```", ["a"]),
        ("```\na", ["a"]),
        ("```\na```", ["a"]),
        ("```select *\nfrom a```", ["select *\nfrom a"]),
        ("````\n```\na\n```\n````", ["```\na\n```"]),
        ("```\n```", [""]),
        ("```py\n\ta\n```\nx\n```\nb\n```", ["\ta", "b"]),
        ("```a```", []),
        ("```\x1b]0;x\x07\na\x1b[31m\n```", ["␛]0;x␇", "a␛[31m"]),
    ],
)
def test_the_code_of_a_message_is_had_whole_and_clean(text: str, code: list[str]) -> None:
    found = code_blocks(text)

    assert found == (code if "\x1b" not in text else ["\n".join(code)])


def test_long_code_is_folded_until_it_is_opened() -> None:
    def fence(lines: int) -> str:
        return "\n".join(["```", *map(str, range(lines)), "```"])

    for lines in (FOLD_LINES - 1, FOLD_LINES):
        assert not show(fence(lines)).hides
        assert show(fence(lines)).text.count("\n") == lines - 1
    folded, opened = show(fence(FOLD_LINES + 1)), show(fence(FOLD_LINES + 1), opened=True)
    assert folded.hides
    assert opened.hides
    assert folded.text.count("\n") == FOLDED_LINES - 1
    assert opened.text.count("\n") == FOLD_LINES
    assert folded.blocks[0].lines == FOLD_LINES + 1


# Spoilers


def test_a_spoiler_is_covered_cell_by_cell_until_it_is_opened() -> None:
    text = "it was ||Bob *or* 太郎|| !"

    assert show(text).text == f"it was {COVER * 11} !"
    assert show(text).hides
    assert show(text, opened=True).text == "it was Bob or 太郎 !"


@pytest.mark.parametrize(
    "text",
    [
        *("||secret||", "a||secret||b", "||one\nsecret||", "||one\n\nsecret||", "**||secret||**"),
        *("||**secret||", "||`secret`||", "||[secret](https://secret.example)||", "> ||secret||"),
        *("- ||secret||", "# ||secret||", "||https://secret.example||", "||a [b|| ||secret||"),
        *("[||secret||](https://a.example)", "||x [y](https://secret.example) secret||"),
    ],
)
def test_no_word_and_no_address_of_a_covered_spoiler_is_shown(text: str) -> None:
    shown = show(text)

    assert "secret" not in shown.text
    assert not any("secret" in span.url for span in shown.spans)
    assert "secret" not in preview(text)
    assert not any("secret" in url for url in links_of(text))
    assert "secret" in show(text, opened=True).text


def test_a_link_that_is_seen_never_ends_in_a_spoiler() -> None:
    for text in ("[a ||b](https://e.example) c||", "||a [b|| c](https://e.example)"):
        shown = show(text)
        for span in shown.spans:
            if span.url:
                assert COVER not in shown.text[span.start : span.end]
                assert "e.example" in shown.text[span.start : span.end]


def test_a_preview_of_a_long_text_covers_a_spoiler_that_ends_far_away() -> None:
    assert "w" not in preview("||" + "w" * 7_000 + "||")
    assert preview("*one*\n- two") == "one • two"


# Links


def addresses(text: str) -> list[tuple[str, str]]:
    shown = show(text)
    return [(shown.text[s.start : s.end], s.url) for s in shown.spans if s.look == "link"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org/x.", ["https://example.org/x"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("http://a.example, https://b.example!", ["http://a.example", "https://b.example"]),
        ("*https://a.example/_b_* `https://c.example`", ["https://a.example/_b"]),
        ("||x|| https://a.example||", ["https://a.example"]),
        ("javascript:alert(1) file:///etc/passwd ftp://x.example", []),
        ("https:// http:// https://](", []),
        ("https://exаmple.org/", []),
        (r"https://good.example\@evil.example", ["https://good.example"]),
    ],
)
def test_only_addresses_of_the_web_are_links(text: str, found: list[str]) -> None:
    assert addresses(text) == [(url, url) for url in found]


@pytest.mark.parametrize(
    ("text", "seen", "url"),
    [
        ("[docs](https://e.org/x)", "docs (e.org)", "https://e.org/x"),
        ("[x](https://e.org/a_(b)?q=1#f).", "x (e.org)", "https://e.org/a_(b)?q=1#f"),
        ("[a *b*](http://e.org:80)", "a b (e.org:80)", "http://e.org:80"),
        ("[https://e.org](https://e.org)", "https://e.org", "https://e.org"),
        ("[https://e.org](https://evil.org)", "https://e.org (evil.org)", "https://evil.org"),
        ("[[x](https://e.org)", "x (e.org)", "https://e.org"),
    ],
)
def test_a_link_shows_the_host_that_it_leads_to(text: str, seen: str, url: str) -> None:
    assert addresses(text) == [(seen, url)]


@pytest.mark.parametrize(
    "target",
    [
        *("javascript:alert(1)", "file:///etc/passwd", "ftp://e.org", "//e.org", "e.org"),
        *("https://good.org@evil.org/", r"https://evil.org\@good.org/", "https://exаmple.org"),
        *("https://e.org/a b", "https://", "https:///x", "https://e.org/\x1b]0;x\x07"),
    ],
)
def test_what_readers_of_addresses_do_not_agree_about_is_no_link(target: str) -> None:
    shown = show(body(f"[words]({target})"))

    assert shown.text.startswith("[words](")
    assert all(shown.text[s.start : s.end] == s.url for s in shown.spans)


def test_the_links_of_a_message_are_told_once_each_in_order() -> None:
    text = "https://b.org [a](https://a.org) https://b.org ||https://hidden.org||"

    assert links_of(text) == ["https://b.org", "https://a.org"]


# Plain texts


def test_a_text_without_any_mark_is_shown_as_it_is() -> None:
    text = "see you at 10:30 — #dev is fine; 50% (or so)\n\nbye!"

    assert is_plain(text)
    assert show(text) == Shown(text)
    assert show("a https://e.org b").text == "a https://e.org b"
    assert not show("a https://e.org b").blocks


def test_no_plain_text_is_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "inline", None)
    monkeypatch.setattr(markup, "_parts", None)

    assert show("nothing, but words").text == "nothing, but words"


# Bounds


def test_only_so_many_marks_of_a_message_mean_something() -> None:
    for bound in (MARKS - 1, MARKS, MARKS + 1):
        shown = show("~~a~~ " * (bound // 2) + "*" * (bound % 2) + "b `c`")
        assert (("code", "`c`") in looks(shown)) is (bound < MARKS)
        text = "- *a* *b*\n" * (bound // 4) + "~" * (bound % 4) + "\n`c`"
        assert any(look == "code" for look, _ in looks(show(text))) is (bound < MARKS)


@pytest.mark.parametrize("text", ["||secret||", "`||` secret ||", "secret ||", "||\n\nsecret||"])
def test_what_may_be_a_spoiler_behind_too_many_marks_is_covered(text: str) -> None:
    shown = show("*" + "a* *" * MARKS + text)

    assert "secret" not in shown.text
    assert shown.hides
    assert "secret" in show("*" + "a* *" * MARKS + text, opened=True).text
    assert "secret" in show("*" + "a* *" * MARKS + "secret").text


@pytest.mark.parametrize("scrap", ["| ", "*a ```` b\n", "_ `` "])
def test_what_has_too_many_marks_to_be_escaped_is_shown_as_code(scrap: str) -> None:
    text = scrap * 800

    assert show(escaped(text), opened=True).text == text
    assert show("\\*" * 2_000).text == "*" * 2_000
