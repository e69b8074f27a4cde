"""What to do about an error is worded by keywords, and only there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import Hint, WaitTimeout
from ZmqLibrary.keywords.hints import KEYWORD_HINTS

PACKAGE = Path(__file__).resolve().parents[2] / "ZmqLibrary"
CORE = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in ("keywords", "frontends")
]


def keyword_names() -> set[str]:
    names = [name for name in vars(ZmqLibrary) | dict.fromkeys(dir(ZmqLibrary)) if not name.startswith("_")]
    return {name.replace("_", " ").title() for name in names}


def sentences(tree: ast.AST) -> Iterator[str]:
    """All texts of a module but its docstrings."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield from sentences(node)


def test_every_hint_has_words_and_these_name_keywords_that_there_are():
    assert set(KEYWORD_HINTS) == set(Hint)
    named = {name for words in KEYWORD_HINTS.values() for name in re.findall(r"`(.+?)(?:    .+?)?`", words)}
    assert named <= keyword_names()


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_sentence_of_the_core_names_a_keyword(path):
    names = re.compile("|".join(rf"\b{name}\b" for name in keyword_names() if " " in name))
    assert not names.findall(" ".join(sentences(ast.parse(path.read_text("utf-8")))))


def test_a_hint_is_added_once_as_a_sentence_or_as_a_line():
    short = WaitTimeout("Nothing came.", Hint.SUBSCRIBE)
    for _ in range(2):
        short.word_hint(KEYWORD_HINTS)
    assert str(short) == "Nothing came. Use `Subscribe To Topics`."
    long = WaitTimeout("Nothing came.\nIt has no subscription.", Hint.SUBSCRIBE)
    long.word_hint(KEYWORD_HINTS)
    assert str(long) == "Nothing came.\nIt has no subscription.\nUse `Subscribe To Topics`."
