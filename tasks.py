"""Invoke tasks: `invoke --list` names them, `invoke test` runs what `.ci/run` wants to pass."""

import sys

from invoke import task

PYTHON = f'"{sys.executable}"'


@task(help={"args": "arguments for pytest", "processes": "how many test files at a time, by pytest-xdist"})
def utest(c, args="", processes=""):
    """Run the unit tests."""
    # Reordered, files with few tests come last, and these are those that take long.
    parallel = f"--numprocesses {processes} --dist loadfile --no-loadscope-reorder" if processes else ""
    c.run(f"{PYTHON} -m pytest {parallel} {args}")


@task(help={"args": "arguments for robot, or other paths to run", "processes": "how many at a time, by pabot"})
def atest(c, args="", processes=""):
    """Run the Robot suites: atest/, examples/, README.md and docs/*.md."""
    c.run(f"{PYTHON} atest/run.py {f'--processes {processes}' if processes else ''} {args}")


@task
def lint(c):
    """Check format, lint and types of the Python and Robot files."""
    c.run(f"{PYTHON} -m ruff check")
    c.run(f"{PYTHON} -m ruff format --check")
    c.run(f"{PYTHON} -m mypy")
    c.run(f"{PYTHON} -m robocop format --check")
    c.run(f"{PYTHON} -m robocop check")


@task(name="format")
def format_(c):
    """Bring the Python and Robot files into form."""
    c.run(f"{PYTHON} -m ruff check --fix --exit-zero")
    c.run(f"{PYTHON} -m ruff format")
    c.run(f"{PYTHON} -m robocop format", warn=True)


@task
def test(c):
    """Run everything that has to pass: lint beside atest with five suites at a time, utest with four test files."""
    with c.run(f"{PYTHON} -m invoke lint", asynchronous=True):  # its output is shown if it fails
        atest(c, processes="5")
    utest(c, processes="4")


@task(help={"check": "fail if what is there is stale, write nothing"})
def docs(c, check=False):
    """Generate docs/ZmqLibrary.html and docs/ZmqLibrary.json."""
    c.run(f"{PYTHON} docs/generate.py {'--check' if check else ''}")


@task(help={"names": "only benchmarks whose file name contains one of these words"})
def benchmark(c, names=""):
    """Measure speed against its goals; not a test."""
    c.run(f"{PYTHON} benchmarks/run.py {names}")


@task(help={"names": "only files of soak/ whose name contains one of these words"})
def soak(c, names=""):
    """Run what takes long: many messages, memory, rates; not a test."""
    c.run(f"{PYTHON} soak/run.py {names}")


@task
def dist(c):
    """Build the source distribution and the wheel into dist/."""
    c.run(f"{PYTHON} -m build")
