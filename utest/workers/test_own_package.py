from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ZmqLibrary import version
from ZmqLibrary.workers.own_package import command_of


@pytest.fixture
def decoy(tmp_path: Path) -> Path:
    """A folder with another package of this name."""
    (tmp_path / "ZmqLibrary").mkdir()
    (tmp_path / "ZmqLibrary" / "__init__.py").write_text("")
    (tmp_path / "ZmqLibrary" / "version.py").write_text("def main(): pass")
    return tmp_path


@pytest.mark.parametrize("isolated", [True, False])
def test_the_module_is_of_this_package_and_the_only_one(decoy, isolated):
    """The package itself would take Robot Framework with it."""
    *python, program, package, module = command_of("version", isolated=isolated)
    loaded = "\nprint({name: module.__file__ for name, module in sys.modules.items() if 'ZmqLibrary.' in name})"
    run = subprocess.run(
        [*python, program.replace(".main()", loaded), package, module],
        cwd=decoy,
        env={**os.environ, "PYTHONPATH": str(decoy)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.strip() == str({"ZmqLibrary.version": version.__file__})


def test_arguments_come_last():
    assert command_of("pipelines.job", "pump", "source")[-3:] == [".pipelines.job", "pump", "source"]
