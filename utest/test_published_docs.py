"""docs/ZmqLibrary.html as a browser shows it: headless Chromium runs its scripts and gives the page back."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from robot.libdoc import LibraryDocumentation

PAGE = Path(__file__).resolve().parents[1] / "docs/ZmqLibrary.html"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HEADLESS = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom")

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="there is no Chromium to open docs/ZmqLibrary.html with (Debian: apt-get install chromium)"
)


class Page(HTMLParser):
    """What a page has: targets, links, headers of its tables, the text of cells, and all text that can be seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.links: dict[str, str] = {}
        self.cells: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.targets.add(attributes.get("id") or "")
        if tag in ("script", "style", "template"):
            self._hidden += 1
        if tag in ("td", "th"):
            self.cells.append("")
        if tag == "a" and attributes.get("href"):
            self.links[attributes["href"]] = ""
        self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in ("script", "style", "template"):
            self._hidden -= 1
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._hidden:
            return
        self.text += data
        if {"td", "th"} & set(self._open):
            self.cells[-1] += data


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Page:
    profile = f"--user-data-dir={tmp_path_factory.mktemp('profile')}"
    command = [BROWSER, *HEADLESS, profile, PAGE.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    return Page(run.stdout)


def test_no_markup_is_left_over(page):
    assert "%TOC%" not in page.text
    assert "| =" not in page.text
    assert "``" not in page.text


def test_there_is_a_table_of_contents(page):
    assert {"#Sockets", "#Formats", "#Mock%20servers", "#Log"} <= set(page.links)


@pytest.mark.parametrize(
    "cell", ["TEXT", "LITERAL:text", "delimiter=LITERAL:<IDS|MSG>", "CONNECTED", "wrong server key"]
)
def test_the_tables_have_their_cells(page, cell):
    assert cell in page.cells


def test_every_link_leads_somewhere(page):
    inside = {link[1:] for link in page.links if link.startswith("#")}
    outside = {link for link in page.links if not link.startswith(("#", "https://", "http://"))}
    # Libdoc opens a type in a window of its own.
    targets = page.targets | {target.replace("type-modal-", "type-") for target in page.targets}
    assert {unquote(link) for link in inside} <= targets | {""}
    assert outside == set()


def test_every_keyword_has_its_place(page):
    missing = [item.name for item in LibraryDocumentation("ZmqLibrary").keywords if item.name not in page.targets]
    assert not missing
