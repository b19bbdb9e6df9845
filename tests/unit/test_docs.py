"""Where the documentation leads, and what it has people type."""

import re
from pathlib import Path

import pytest

from tests.support.command_line import command_of

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def anchors(page: Path) -> set[str]:
    """Of its headings, as they are linked to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@each_page
def test_each_link_leads_to_a_page_and_a_heading_that_are_there(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        if not path.startswith("https:"):
            there = page.parent / path if path else page
            assert there.exists(), link
            assert not anchor or anchor in anchors(there), link


@each_page
def test_each_file_of_this_repository_that_is_named_is_there(page: Path) -> None:
    for path in re.findall(
        r"\b(?:tests|benchmarks|deploy|fuzz|docs)/[\w/-]+\.\w+", page.read_text()
    ):
        assert (ROOT / path).exists(), path


@each_page
def test_each_command_that_is_shown_has_the_options_that_are_shown(page: Path) -> None:
    text = page.read_text()
    shown = [*re.findall(r"^ {4}(.+)$", text, re.MULTILINE), *re.findall(r"`([^`\n]+)`", text)]
    for line in shown:
        for words in re.findall(r"\bpychat ([a-z].*)", line):
            _, options = command_of(words.split())
            assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", words)) <= options, line
