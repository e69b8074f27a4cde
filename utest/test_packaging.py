"""What is installed and published belongs to the code that is here."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import metadata, requires, version
from pathlib import Path

import pytest
from robot.version import VERSION

import ZmqLibrary
from ZmqLibrary.version import __version__

ROOT = Path(__file__).resolve().parents[1]
DISTRIBUTION = "robotframework-zmqlibrary"
CURRENT_ROBOT = [int(number) for number in re.findall(r"\d+", VERSION)] >= [7, 5]


def test_the_library_and_its_distribution_have_the_same_version():
    assert __version__ == version(DISTRIBUTION)
    assert __version__ == ZmqLibrary.ZmqLibrary.ROBOT_LIBRARY_VERSION


def test_the_changelog_begins_with_this_version():
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert first
    assert first[1] == __version__


def test_every_extra_that_errors_name_exists():
    used = {
        extra
        for path in (ROOT / "ZmqLibrary").rglob("*.py")
        for extra in re.findall(r'extra="(\w+)"', path.read_text("utf-8"))
    }
    assert used <= set(metadata(DISTRIBUTION).get_all("Provides-Extra"))


def test_only_four_packages_are_required():
    required = {re.split(r"[^\w-]", line)[0] for line in requires(DISTRIBUTION) if "extra ==" not in line}
    assert required == {"pyzmq", "regex", "robotframework", "robotframework-assertion-engine"}


def test_all_files_of_the_package_are_packed(tmp_path):
    subprocess.run(
        [sys.executable, "setup.py", "--quiet", "build_py", "--build-lib", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    assert files_in(tmp_path / "ZmqLibrary") == files_in(ROOT / "ZmqLibrary")


def files_in(directory: Path) -> set[str]:
    return {
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.skipif(not CURRENT_ROBOT, reason="docs/ is generated with Robot Framework 7.5 or newer")
def test_the_generated_documentation_is_not_stale():
    run = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
