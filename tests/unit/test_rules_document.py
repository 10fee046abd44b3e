"""docs/rules.md and the marks in the repository that name its sections: each mark leads somewhere, no section is idle."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs" / "rules.md"
#: Made while running, not part of the repository.
GENERATED = {"var", "dist", "test-results", "node_modules", "__pycache__"}

SECTION = re.compile(r"^#{2,4} §(?P<number>\d+(?:\.\d+)*) (?P<title>.+)$", re.MULTILINE)
MARK = re.compile(r"§(?P<number>\d+(?:\.\d+)*)(?:[-–](?P<end>\d+(?:\.\d+)*))?")


def sections() -> dict[str, str]:
    """Title of every section of the document by its number."""
    return {found["number"]: found["title"] for found in SECTION.finditer(RULES.read_text(encoding="utf-8"))}


def text_files() -> Iterator[Path]:
    """Every file of the repository but the document and this test; hidden folders and what a run makes are not entered."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in GENERATED and not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if Path(folder, name) not in (RULES, Path(__file__)))


def lines() -> Iterator[tuple[str, str]]:
    """(place, line) of every line of those files that holds the sign §; pictures and the like hold none."""
    for path in text_files():
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1) if "§" in text else ():
            if "§" in line:
                yield f"{path.relative_to(ROOT).as_posix()}:{number}", line


def cited(line: str) -> list[str]:
    """Section numbers that a line names: "rules §4.2-4.4, §5" names 4.2, 4.4 and 5."""
    return [number for found in MARK.finditer(line) for number in (found["number"], found["end"]) if number]


@pytest.fixture(scope="module")
def marked() -> dict[str, str]:
    """The lines with a mark by their place."""
    found = dict(lines())
    assert len(found) > 300, "the walk through the repository finds the marks"
    return found


def test_every_mark_names_a_section_that_exists(marked: dict[str, str]) -> None:
    known = sections()
    dead = {place: line.strip() for place, line in marked.items() if set(cited(line)) - set(known)}
    assert dead == {}


def test_every_mark_says_which_document_it_means(marked: dict[str, str]) -> None:
    """The first § of a line follows the word "rules": a mark of another document would lead a reader nowhere."""
    nameless = {place: line.strip() for place, line in marked.items() if not re.match(r"[^§]*\b[Rr]ules §\d", line)}
    assert nameless == {}


def test_no_mark_of_the_old_specification_is_left(marked: dict[str, str]) -> None:
    assert [place for place, line in marked.items() if re.search(r"\bspec(ification)? §", line, re.IGNORECASE)] == []


def test_every_section_is_cited_or_marked_as_background(marked: dict[str, str]) -> None:
    """Cited itself, through a part of it, or as one of the rules of the section right above it (§4.4 for §4.4.3)."""
    named = {number for line in marked.values() for number in cited(line)}
    idle = [
        number
        for number, title in sections().items()
        if not title.endswith("(background)")
        and number not in named
        and not any(other.startswith(f"{number}.") for other in named)
        and not (number.count(".") == 2 and number.rpartition(".")[0] in named)
    ]
    assert idle == []


def test_sections_stand_once_and_in_order() -> None:
    numbers = [tuple(map(int, found["number"].split("."))) for found in SECTION.finditer(RULES.read_text("utf-8"))]
    assert numbers == sorted(set(numbers))
    parents = {number[:-1] for number in numbers if len(number) > 1}
    assert parents <= set(numbers)


def test_every_rule_names_its_source() -> None:
    """A section without parts has a line "Source", or one of its sisters has one for all of them ("Source of §4.4")."""
    text = RULES.read_text(encoding="utf-8")
    starts = [*SECTION.finditer(text)]
    ends = [*(found.start() for found in starts[1:]), len(text)]
    body = {found["number"]: text[found.end() : end] for found, end in zip(starts, ends, strict=True)}
    whole = set(re.findall(r"\*Source of §([\d.]*\d)", text))
    bare = [
        number
        for number, words in body.items()
        if not any(other.startswith(f"{number}.") for other in body)
        and "*Source:" not in words
        and number.rpartition(".")[0] not in whole
        and number != "13"
    ]
    assert bare == []


def test_every_key_of_a_source_is_in_the_list_and_used() -> None:
    rules, _, list_ = RULES.read_text(encoding="utf-8").partition("## §13")
    keys = {key for row in re.findall(r"^\| ([^|]+) \|", list_, re.MULTILINE) for key in row.split(", ")} - {
        "Key",
        "---",
    }
    used = set(re.findall(r"\[([A-Z][^\]>]*)\](?!\()", rules.replace("\n", " ")))
    assert used == keys


def test_links_inside_the_document_lead_to_its_headings() -> None:
    text = RULES.read_text(encoding="utf-8")
    slugs = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert {link for link in re.findall(r"\]\(#([^)]+)\)", text) if link not in slugs} == set()
