"""Every keyword is documented in full, and every example in the documentation runs.

An example is the line `Example:` (or `Examples:`) with lines that begin with `| ` right below it: one test body.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from robot.api import ExecutionResult, ResultVisitor
from robot.libdoc import LibraryDocumentation
from robot.libdocpkg.model import KeywordDoc, LibraryDoc
from robot.running import ArgInfo
from robot.version import VERSION

EXAMPLE = re.compile(r"^Examples?:\n+((?:\|(?: .*)?(?:\n|\Z))+)", re.MULTILINE)
SETTINGS = """\
*** Settings ***
Library          ZmqLibrary    timeout=60s
Library          Collections
Test Timeout     2 minutes

*** Test Cases ***
"""
# Explained once in the introduction; their lines in each keyword are made.
COMMON_ARGUMENTS = {"format", "message", "mock", "socket", "timeout"}
READS_SECTIONS = [int(number) for number in re.findall(r"\d+", VERSION)] >= [7, 5]


def examples_in(name: str, doc: str) -> Iterator[tuple[str, str]]:
    blocks = EXAMPLE.findall(doc)
    for number, block in enumerate(blocks, start=1):
        body = "".join(f"    {line[2:]}\n" for line in block.splitlines())
        yield name if len(blocks) == 1 else f"{name} {number}", body


class Outcomes(ResultVisitor):
    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def visit_test(self, test):
        self.of[test.name] = "" if test.passed else f"{test.status} {test.message}"


@pytest.fixture(scope="module")
def library() -> LibraryDoc:
    return LibraryDocumentation("ZmqLibrary")


def test_every_example_passes(library, tmp_path):
    documented = [("Introduction", library.doc), *((item.name, item.doc) for item in with_arguments(library))]
    examples = dict(example for name, doc in documented for example in examples_in(name, doc))
    suite, output = tmp_path / "examples.robot", tmp_path / "output.xml"
    suite.write_text(SETTINGS + "\n".join(f"{name}\n{body}" for name, body in examples.items()), "utf-8")
    command = [sys.executable, "-m", "robot", "--outputdir", tmp_path, "--log", "NONE", "--report", "NONE", suite]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    assert output.exists(), run.stdout + run.stderr
    outcomes = Outcomes()
    ExecutionResult(output).visit(outcomes)
    assert outcomes.of.keys() == examples.keys()
    failed = [f"{name}: {message}\n\n{examples[name]}" for name, message in outcomes.of.items() if message]
    assert not failed, "\n".join(failed)


def with_arguments(library: LibraryDoc) -> list[KeywordDoc]:
    return [*library.inits, *library.keywords]


def arguments_of(item) -> list[ArgInfo]:
    return [argument for argument in item.args if argument.name]  # A marker (`*` or `/`) has no name.


def test_there_is_an_introduction(library):
    assert len(library.doc.splitlines()) > 20
    missing = [name for name in sorted(COMMON_ARGUMENTS) if f"``{name}``" not in library.doc]
    assert not missing, "The introduction explains the arguments that keywords have in common."


def test_the_introduction_names_keywords_to_begin_with_for_every_tag(library):
    table = re.search(r"^\| =What you want to do=.*\n(?:\|.*\n)+", library.doc, re.MULTILINE)
    assert table
    named = set(re.findall(r"(?<!`)`([^`]+)`(?!`)", table[0]))
    found = [item for item in library.keywords if item.name in named]
    assert named - {item.name for item in found} == {"Log"}, "All but the section Log are keywords."
    missing = {tag for item in library.keywords for tag in item.tags} - {tag for item in found for tag in item.tags}
    assert not missing, "Add a row for what one does with keywords of this tag."


def test_no_tag_is_another_one_in_the_plural(library):
    tags = {tag for item in library.keywords for tag in item.tags}
    assert not [tag for tag in tags if f"{tag}s" in tags]


def test_every_keyword_has_documentation(library):
    bad = [item.name for item in library.keywords if not re.match(r"[A-Z`].*[.:]$", item.short_doc)]
    assert not bad, "The first paragraph is a sentence."


def test_every_keyword_has_an_example(library):
    missing = [item.name for item in library.keywords if not EXAMPLE.search(item.doc)]
    assert not missing, "There has to be a line 'Example:' with '| ' lines in Robot syntax below it."


def test_every_keyword_has_tags(library):
    assert not [item.name for item in library.keywords if not list(item.tags)], "'Tags:' is the docstring's last line."


def test_every_argument_has_a_type(library):
    arguments = [(item.name, argument) for item in with_arguments(library) for argument in arguments_of(item)]
    assert not [f"{name}: {argument.name}" for name, argument in arguments if not argument.type]


@pytest.mark.skipif(not READS_SECTIONS, reason="Robot Framework reads Args sections from 7.5 on")
def test_every_argument_is_documented(library):
    arguments = [(item.name, argument) for item in with_arguments(library) for argument in arguments_of(item)]
    missing = [f"{name}: {argument.name}" for name, argument in arguments if not argument.doc]
    assert not missing, "Each has a line in `Args:`, or one that fits in keywords/argument_docs.py."


@pytest.mark.skipif(not READS_SECTIONS, reason="Robot Framework checks Args sections from 7.5 on")
def test_documentation_gives_libdoc_no_reason_to_complain():
    run = subprocess.run(
        [sys.executable, "-m", "robot.libdoc", "ZmqLibrary", "list"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
