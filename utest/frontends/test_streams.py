"""The standard streams of a command, whatever a shell has done to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from utest.frontends.test_command_line import LONG, listening

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="as POSIX shells do it")


def in_a_shell(line, **environment):
    command = f'exec "{sys.executable}" -m ZmqLibrary {line}'
    return subprocess.run(
        command, shell=True, capture_output=True, timeout=LONG, check=False, env={**os.environ, **environment}
    )


@pytest.fixture
def echo(started):
    server = started("reply", "tcp://127.0.0.1:*", "--timeout", "60s")
    return listening(server)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_is_no_trouble(echo, closed):
    done = in_a_shell(f"request {echo} ping {closed}")
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_is_for_a_closed_standard_error_does_not_get_among_the_data():
    done = in_a_shell("send 2>&-")
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("words", ["request {echo} ping", "--help"])
def test_a_full_disk_is_told_without_a_traceback(echo, words):
    done = in_a_shell(f"{words.format(echo=echo)} >/dev/full")
    assert (done.returncode, done.stderr) == (2, b"zmqlibrary: No space left on device.\n")


def test_characters_that_the_encoding_has_not_are_escapes(echo):
    done = in_a_shell(f"request {echo} 'é 世'", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stdout) == (0, "é \\u4e16\n".encode("latin-1"))
    done = in_a_shell(f"request {echo} 'é 世' --json", PYTHONIOENCODING="latin-1")
    assert json.loads(done.stdout) == {"frames": ["é 世"]}
