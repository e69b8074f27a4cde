"""README.md, CONTRIBUTING.md and docs/*.md: links lead somewhere, and what pages name exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from robot.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ZmqLibrary"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
MAINTAINING = ("architecture", "decisions", "glossary", "recipes", "zeromq-facts")
FOR_MAINTAINERS = [ROOT / "CONTRIBUTING.md", *(ROOT / f"docs/{name}.md" for name in MAINTAINING)]
FACTS = (ROOT / "docs/zeromq-facts.md").read_text("utf-8")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
RUNS_MARKDOWN = [int(number) for number in re.findall(r"\d+", VERSION)] >= [7, 5]
# A guide fails with it where it uses a package that the library does not require.
BLOCKER = """
import sys
sys.modules.update(dict.fromkeys(
    ("cbor2", "deepdiff", "dpkt", "google.protobuf", "ipykernel", "jsonpath_ng", "jsonschema", "msgpack")
))
ROBOT_LISTENER_API_VERSION = 3
"""


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


@pytest.mark.skipif(not RUNS_MARKDOWN, reason="Robot Framework runs Markdown files from 7.5 on")
def test_guides_that_do_not_say_what_they_need_need_only_the_library(tmp_path):
    (tmp_path / "Blocker.py").write_text(BLOCKER, "utf-8")
    guides = [page for page in DOCS if "\n```robotframework" in page.read_text("utf-8")]
    plain = [page for page in guides if "pip install" not in page.read_text("utf-8").partition("\n```")[0]]
    assert len(plain) < len(guides)
    outputs = ("--output", "NONE", "--log", "NONE", "--report", "NONE")
    command = [sys.executable, "-m", "robot", "--pythonpath", tmp_path, "--listener", "Blocker", *outputs, *plain]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stdout
