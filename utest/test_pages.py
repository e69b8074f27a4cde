"""README.md, CONTRIBUTING.md and docs/*.md: links lead somewhere, and what pages name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ZmqLibrary"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
MAINTAINING = ("architecture", "decisions", "glossary", "recipes", "zeromq-facts")
FOR_MAINTAINERS = [ROOT / "CONTRIBUTING.md", *(ROOT / f"docs/{name}.md" for name in MAINTAINING)]
FACTS = (ROOT / "docs/zeromq-facts.md").read_text("utf-8")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
# What needs more than the library: a word in the examples of a guide, and what its first lines say how to install.
NEEDS = {
    r"Received Json Should (Equal|Match Schema)|Get Received Json|Recordings Should Be Equal": "json",
    r"MSGPACK": "msgpack",
    r"CBOR": "cbor",
    r"PROTOBUF": "protobuf",
    r"\.pcap": "pcap",
    r"Start Kernel": "ipykernel",
    r"[Ll]ocust": "locust",
}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    return FENCED.sub("", path.read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """The headings of a page as GitHub makes links of them."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    for link in LINK.findall(prose(page)):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", [page for page in DOCS if page.name != "README.md"], ids=named)
def test_the_list_of_pages_has_each_of_them(page):
    assert f"]({page.name}):" in (ROOT / "docs/README.md").read_text("utf-8")


@pytest.mark.parametrize("page", FOR_MAINTAINERS, ids=named)
def test_folders_and_modules_that_pages_name_exist(page):
    names = re.findall(r"`((?:[\w.-]+/)+(?:[\w.-]+\.\w+)?|\w+\.py)`", page.read_text("utf-8"))
    assert not [name for name in names if not (PACKAGE / name).exists() and not (ROOT / name).exists()]


def test_every_fact_names_a_test_that_exists():
    unit = {
        name for path in ROOT.glob("utest/**/*.py") for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    suites = [path.read_text("utf-8") for path in ROOT.glob("atest/**/*.robot")]
    robot = {line for text in suites for line in text.splitlines() if line[:1].isupper()}
    rows = [row for row in FACTS.splitlines() if row.startswith("| ") and not row.startswith("| Fact |")]
    assert len(rows) > 50
    for row in rows:
        pinned_by = row.rstrip("| ").rpartition(" | ")[2]
        assert pinned_by.strip("`") in unit or pinned_by.strip("*") in robot, row


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_a_guide_says_in_its_first_lines_what_it_needs_besides_the_library(page):
    text = page.read_text("utf-8")
    examples = "".join(re.findall(r"^```robotframework$(.*?)^```", text, re.MULTILINE | re.DOTALL))
    commands = re.findall(r"pip install ([^`]+)`", text.partition("\n```")[0])
    needed = [package for word, package in NEEDS.items() if re.search(word, examples)]
    assert not [package for package in needed if package not in " ".join(commands)]
