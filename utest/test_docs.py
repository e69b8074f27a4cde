"""Every keyword is documented in full, and every example in the documentation runs.

An example is the line `Example:` (or `Examples:`) with lines that begin with `| ` right below it: one test body.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from robot.api import ExecutionResult, ResultVisitor
from robot.libdoc import LibraryDocumentation
from robot.running import ArgInfo
from robot.version import VERSION

LIBRARY = LibraryDocumentation("ZmqLibrary")
DOCUMENTED = [*LIBRARY.inits, *LIBRARY.keywords]
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


EXAMPLES = dict(
    example
    for name, doc in [("Introduction", LIBRARY.doc), *((item.name, item.doc) for item in DOCUMENTED)]
    for example in examples_in(name, doc)
)


class Outcomes(ResultVisitor):
    def __init__(self) -> None:
        self.of: dict[str, tuple[str, str]] = {}

    def visit_test(self, test):
        self.of[test.name] = (test.status, test.message)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, tuple[str, str]]:
    directory: Path = tmp_path_factory.mktemp("examples")
    suite, output = directory / "examples.robot", directory / "output.xml"
    suite.write_text(SETTINGS + "\n".join(f"{name}\n{body}" for name, body in EXAMPLES.items()), "utf-8")
    command = [sys.executable, "-m", "robot", "--outputdir", directory, "--log", "NONE", "--report", "NONE", suite]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    assert output.exists(), run.stdout + run.stderr
    visitor = Outcomes()
    ExecutionResult(output).visit(visitor)
    return visitor.of


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_passes(example, outcomes):
    status, message = outcomes[example]
    assert status == "PASS", f"{message}\n\n{EXAMPLES[example]}"


def arguments_of(item) -> list[ArgInfo]:
    return [argument for argument in item.args if argument.name]  # A marker (`*` or `/`) has no name.


def by_name(items) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("item", items, ids=lambda item: item.name)


def test_there_is_an_introduction():
    assert len(LIBRARY.doc.splitlines()) > 20
    missing = [name for name in sorted(COMMON_ARGUMENTS) if f"``{name}``" not in LIBRARY.doc]
    assert not missing, "The introduction explains the arguments that keywords have in common."


def test_the_introduction_names_keywords_to_begin_with_for_every_tag():
    table = re.search(r"^\| =What you want to do=.*\n(?:\|.*\n)+", LIBRARY.doc, re.MULTILINE)
    assert table
    named = set(re.findall(r"(?<!`)`([^`]+)`(?!`)", table[0]))
    found = [item for item in LIBRARY.keywords if item.name in named]
    assert named - {item.name for item in found} == {"Log"}, "All but the section Log are keywords."
    missing = {tag for item in LIBRARY.keywords for tag in item.tags} - {tag for item in found for tag in item.tags}
    assert not missing, "Add a row for what one does with keywords of this tag."


def test_no_tag_is_another_one_in_the_plural():
    tags = {tag for item in LIBRARY.keywords for tag in item.tags}
    assert not [tag for tag in tags if f"{tag}s" in tags]


@by_name(LIBRARY.keywords)
def test_keyword_has_documentation(item):
    assert re.match(r"[A-Z`].*[.:]$", item.short_doc), "The first paragraph is a sentence."


@by_name(LIBRARY.keywords)
def test_keyword_has_an_example(item):
    assert EXAMPLE.search(item.doc), "There has to be a line 'Example:' with '| ' lines in Robot syntax below it."


@by_name(LIBRARY.keywords)
def test_keyword_has_tags(item):
    assert list(item.tags), "'Tags:' is the last line of the docstring."


@by_name(DOCUMENTED)
def test_arguments_have_types(item):
    assert not [argument.name for argument in arguments_of(item) if not argument.type]


@pytest.mark.skipif(not READS_SECTIONS, reason="Robot Framework reads Args sections from 7.5 on")
@by_name(DOCUMENTED)
def test_arguments_are_documented(item):
    missing = [argument.name for argument in arguments_of(item) if not argument.doc]
    assert not missing, "Each has a line in `Args:`, or one that fits in keywords/argument_docs.py."


@pytest.mark.skipif(not READS_SECTIONS, reason="Robot Framework checks Args sections from 7.5 on")
def test_documentation_gives_libdoc_no_reason_to_complain():
    run = subprocess.run(
        [sys.executable, "-m", "robot.libdoc", "ZmqLibrary", "list"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
