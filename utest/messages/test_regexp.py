"""Regular expressions mean what they mean in Python, and end in time whatever the text is."""

from __future__ import annotations

import os
import re
import sys
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue, PatternTooSlow, WorkerFailed
from ZmqLibrary.messages import apart
from ZmqLibrary.messages.apart import run_apart
from ZmqLibrary.messages.regexp import MOST_SECONDS, Regexp

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")  # of `re`, about sets that may once be nested

SEARCHES = int(os.environ.get("SEARCHES", "1500"))  # `invoke soak` has more
ENDLESS = ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", r"(\w+\s?)*!$"]

# Parts whose meaning differs between `re` and other engines, or that people often write.
WRITTEN = r"""
a b é _ 1 - {e} {e<=1} {d} [[:alpha:]] [a-c] [^a] . ^ $ \A \Z \b \B \w \W \d \D \s \S [\w-] [^\W\d] [\D\S] [^\s\d] []^-]
\\ \. (a) (?:ab) (?P<n>b) a|b (a|bc|) (?i:A) (?s:.) (?m:^b) (?=a) (?!b) (?<=a) (?<!b) a* b+? a{2} (?:a|b){1,3} .* [ab]*?
(?:é|1)? || -- && ~~
"""
PARTS = [*WRITTEN.split(), " ", "\n", "\u0301"]
EXPRESSIONS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)
TEXTS = st.text(alphabet="abcABC1٣_ \n-é\u0301{}<=e:[]\x1c\u2003ſ\\.|&~", min_size=1, max_size=25)


def bounded(pattern: str, text: str, flags: int = 0) -> object:
    """What is found where the text counts as too long for `re`."""
    regexp = Regexp(pattern, flags)
    regexp.is_quick = lambda length: False  # type: ignore[method-assign]
    return regexp.search(text)


def groups(match: object) -> object:
    return match and (match.span(), match.groups(), match.groupdict())  # type: ignore[attr-defined]


@settings(deadline=None, max_examples=SEARCHES, database=None, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, TEXTS, st.sampled_from([0, re.DOTALL, re.IGNORECASE | re.DOTALL, re.ASCII, re.MULTILINE]))
def test_an_expression_means_the_same_with_a_deadline(pattern: str, text: str, flags: int) -> None:
    try:
        expected = re.search(pattern, text, flags)
    except re.error:
        with pytest.raises(InvalidValue, match="is not a regular expression"):
            Regexp(pattern, flags)
        return
    assert groups(bounded(pattern, text, flags)) == groups(expected)
    assert groups(Regexp(pattern, flags).search(text)) == groups(expected)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a)(?(1)b|c)",
        r"(?P<q>['\"]).*?(?P=q)",
        r"(?x) a  b # comment",
        r"(?>a+)b" if sys.version_info >= (3, 11) else "a",
    ],
)
def test_rare_constructs_mean_the_same(pattern: str) -> None:
    for text in ("ab", "c", "x'aab'y", 'say "it"', "aaab", ""):
        assert groups(bounded(pattern, text)) == groups(re.search(pattern, text))


@pytest.mark.parametrize("pattern", ENDLESS)
def test_an_expression_that_never_ends_is_given_up_and_named(pattern: str) -> None:
    with pytest.raises(PatternTooSlow, match=re.escape(f"'{pattern}'")):
        Regexp(pattern).search("a" * 10_000 + "!!")


def turns_of_another_thread() -> int:
    """How often another thread gets its turn while an expression takes its time."""
    turns = 0
    done = threading.Event()

    def count() -> None:
        nonlocal turns
        while not done.wait(0.001):
            turns += 1

    thread = threading.Thread(target=count)
    thread.start()
    try:
        with pytest.raises(PatternTooSlow):
            Regexp("(a+)+$").search("a" * 10_000 + "!!")
    finally:
        done.set()
        thread.join()
    return turns


def test_others_run_while_an_expression_takes_its_time() -> None:
    assert any(turns_of_another_thread() > 3 for _ in range(20))


def test_many_texts_that_take_for_ever_do_not_take_their_time_each() -> None:
    regexp = Regexp("(a+)+$")
    start = time.process_time()
    for _ in range(20):
        with pytest.raises(PatternTooSlow):
            regexp.search("a" * 5000 + "!")
    assert regexp._limit < MOST_SECONDS / 10
    assert time.process_time() - start < 20 * MOST_SECONDS
    assert regexp.search("a" * 5000) is not None
    assert regexp._limit == MOST_SECONDS


@pytest.mark.parametrize("pattern", ["^job-[0-9]+$", r"id=(\d+)", "(?i)error", "a{1,20}b", "[a-z]+@[a-z]+"])
def test_what_people_write_goes_to_python_itself(pattern: str) -> None:
    assert Regexp(pattern).is_quick(60)


def test_estimates_are_not_overflowed() -> None:
    for pattern in ("(?:a?){400}", "((a?){30}){30}", "(((a*){9}){9}){9}", "a{0,65000}" * 9, "(?:(?:a|bc){500}){500}"):
        assert not Regexp(pattern).is_quick(100)


@pytest.mark.parametrize(
    ("function", "arguments", "ending"),
    [
        (os._exit, (3,), "the process for it ended (exit code 3)."),
        (
            int,
            ("x",),
            "the process for it ended (exit code 1): ValueError: invalid literal for int() with base 10: 'x'.",
        ),
        pytest.param(
            os.abort,
            (),
            "the process for it ended (signal 6)",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="has no signals"),
        ),
    ],
)
def test_a_process_that_ends_by_itself_is_not_taken_for_a_slow_pattern(function, arguments, ending):
    with pytest.raises(WorkerFailed) as caught:
        run_apart(function, *arguments, what="Looking", patterns=["(a+)+$"])
    assert str(caught.value).startswith(f"Looking failed: {ending}")


def test_a_process_that_is_slow_to_start_is_not_taken_for_a_slow_pattern(monkeypatch):
    monkeypatch.setattr(apart, "_START_SECONDS", 0.001 - apart.MOST_SECONDS)
    with pytest.raises(WorkerFailed, match="Looking failed: the process for it had not begun in 1 millisecond"):
        run_apart(int, "1", what="Looking", patterns=["(a+)+$"])


def test_what_does_not_return_in_time_is_named():
    with pytest.raises(PatternTooSlow, match=r"was not done in 2 seconds: '\(a\+\)\+\$' backtracks"):
        run_apart(re.match, "(a+)+$", "a" * 60 + "!", what="Looking", patterns=["(a+)+$"])
