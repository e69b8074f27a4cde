"""`utest/` has the folders of the package, and a test file for each module, or a reason why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from utest.tested_elsewhere import TESTED_ELSEWHERE

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ZmqLibrary"
MODULES = [
    path.relative_to(PACKAGE).with_suffix("").as_posix()
    for path in sorted(PACKAGE.rglob("*.py"))
    if not path.stem.startswith("__")
]
EXCEPTIONS = [f"{item.folder}/{name}".lstrip("/") for item in TESTED_ELSEWHERE for name in item.modules.split()]


def file_of_tests(module: str) -> Path:
    folder, _, name = module.rpartition("/")
    return ROOT / "utest" / folder / f"test_{name}.py"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_test_file_of_its_name_or_a_reason(module):
    has_own = file_of_tests(module).exists()
    assert has_own or module in EXCEPTIONS, (
        "Add a test file, or where it is tested and why to utest/tested_elsewhere.py."
    )
    assert not (has_own and module in EXCEPTIONS), "Take it out of utest/tested_elsewhere.py."


def test_exceptions_are_modules_each_of_them_once():
    assert sorted(EXCEPTIONS) == sorted({*EXCEPTIONS} & {*MODULES})


@pytest.mark.parametrize("place", sorted({item.place for item in TESTED_ELSEWHERE}))
def test_places_of_tests_exist(place):
    assert (ROOT / place).exists()
