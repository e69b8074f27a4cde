"""The shape of the code, read with `ast`: imports run one way, only the outer rooms know Robot, nothing sleeps."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import run

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ZmqLibrary"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.stat().st_size)
MAX_LINES = 300

# A room (a module, or a package with all that is in it) imports only from the lines above its own.
LAYERS = (
    ("version", "keywords/introduction", "log/log_level"),
    ("errors",),
    ("zmtp",),
    ("surrogates",),
    ("formats", "monitoring/history", "registry", "sockets/socket_types", "waiting/deadline"),
    (
        "sockets/capabilities",
        "sockets/endpoints",
        "monitoring/link",
        "messages/message",
        "sockets/option_table",
        "sockets/subscribers",
        "mocks/templates",
        "sockets/turn",
        "security/zap",
    ),
    ("security/admission_rules", "monitoring/event_meanings", "sockets/raw_socket"),
    (
        "workers/wakeup",
        "workers/handover",
        "monitoring/monitor",
        "messages/json_message",
        "messages/json_path",
        "messages/layouts",
        "report/frames",
    ),
    (
        "workers/service_thread",
        "messages/counters",
        "workers/journal",
        "monitoring/lingering",
        "monitoring/link_states",
        "messages/patterns",
    ),
    ("sockets/diagnosis",),
    (
        "messages/comparison",
        "messages/json_checks",
        "messages/layout_definition",
        "mocks/request_log",
        "messages/sequences",
        "sockets/watched",
    ),
    ("mocks/rules",),
    ("mocks/replies",),
    ("sockets/socket_options",),
    ("sockets/places",),
    ("sockets/subscriptions",),
    ("sockets/outbox",),
    ("sockets/zmq_socket",),
    ("sockets/peers", "security/keys"),
    ("security/certificates", "workers/worker"),
    ("mocks/user_functions", "mocks/relay", "workers/sending_worker"),
    ("security/authenticator", "mocks/mock_server"),
    ("pipelines",),
    ("workers/collector", "workers/worker_registry", "session/lifetimes"),
    ("log/message_log", "session/sequence_checks", "session/settings", "log/worker_log"),
    ("session/session",),
    ("log/evidence",),
    ("keywords",),
    ("__init__",),
    ("__main__",),
)
LAYER_OF = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}

# Keywords import these in their body, so that `Library    ZmqLibrary` does not wait for them.
IMPORTED_WHEN_USED = (
    "messages/counters",
    "messages/layout_definition",
    "messages/layouts",
    "mocks/mock_server",
    "mocks/replies",
    "mocks/rules",
    "workers/sending_worker",
    "messages/sequences",
)

KNOWS_ROBOT = {"log", "session", "keywords", "__init__", "__main__"}
ROBOT = {"robot", "assertionengine"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """A module, or the folder above all layers that it belongs to."""
    return room(path.relative_to(PACKAGE).with_suffix("").parts)


def room(parts: Sequence[str]) -> str:
    return next((name for end in range(len(parts), 0, -1) if (name := "/".join(parts[:end])) in LAYER_OF), parts[0])


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything that a module imports, at its top or inside functions."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                origin = ".".join([*parents, *filter(None, [node.module])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def rooms_imported_by(path: Path) -> Iterator[tuple[int, str]]:
    for line, name in imports_of(path):
        first, *rest = name.split(".")
        if first == PACKAGE.name:
            is_room = rest and ((PACKAGE / f"{rest[0]}.py").exists() or (PACKAGE / rest[0]).is_dir())
            yield line, room(rest) if is_room else "__init__"


CORE = [path for path in MODULES if room_of(path).split("/")[0] not in KNOWS_ROBOT]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_module_has_a_layer(path):
    assert room_of(path) in LAYER_OF, f"Add '{room_of(path)}' to LAYERS in {named(Path(__file__))}."


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_run_one_way(path):
    room = room_of(path)
    backwards = [
        f"line {line}: {room} imports {other}"
        for line, other in rooms_imported_by(path)
        if other != room and LAYER_OF.get(other, len(LAYERS)) >= LAYER_OF.get(room, len(LAYERS))
    ]
    assert not backwards, f"{named(path)}, {'; '.join(backwards)}"


@pytest.mark.parametrize("path", CORE, ids=named)
def test_the_core_does_not_know_robot(path):
    assert not [f"line {line}: {name}" for line, name in imports_of(path) if name.split(".")[0] in ROBOT]


def test_keyword_groups_do_not_import_each_other():
    groups = {path.stem for path in (PACKAGE / "keywords").glob("*.py") if "Keywords(" in path.read_text("utf-8")}
    prefix = f"{PACKAGE.name}.keywords."
    siblings = [
        f"{group}, line {line}: {name}"
        for group in sorted(groups)
        for line, name in imports_of(PACKAGE / f"keywords/{group}.py")
        if name.startswith(prefix) and name.removeprefix(prefix).split(".")[0] in groups
    ]
    assert not siblings, "What two groups need lives in a core module."


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_files_of_the_package_stay_small(path):
    lines = path.read_text("utf-8").count("\n")
    assert lines <= MAX_LINES


def test_what_few_suites_use_is_imported_when_it_is_used():
    found = run(
        [sys.executable, "-c", "import ZmqLibrary, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = found.stdout.split()
    assert dotted("session/session") in imported
    assert not [room for room in IMPORTED_WHEN_USED if dotted(room) in imported]


def dotted(room: str) -> str:
    return f"{PACKAGE.name}/{room}".replace("/", ".")


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_expression_is_compiled_at_import(path):
    """`re` compiles a text when it is first used, and keeps the expression."""
    at_import = [statement for statement in ast.parse(path.read_text("utf-8")).body if not is_definition(statement)]
    calls = [ast.unparse(node.func) for top in at_import for node in ast.walk(top) if isinstance(node, ast.Call)]
    assert "re.compile" not in calls


def is_definition(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.FunctionDef, ast.ClassDef))


@pytest.mark.parametrize("directory", ["ZmqLibrary", "utest", "atest"])
def test_nothing_sleeps(directory):
    python = [f"{named(path)}, line {line}" for path in (ROOT / directory).rglob("*.py") for line in sleeps_in(path)]
    robot = [
        f"{named(path)}, line {number}"
        for path in (ROOT / directory).rglob("*")
        if path.suffix in (".robot", ".resource")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.match(r"(.*\s{2,})?(BuiltIn\.)?Sleep(\s{2,}|$)", line, re.IGNORECASE)
    ]
    assert not python + robot, "Wait for the event itself."


def sleeps_in(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        called = isinstance(node, ast.Attribute) and node.attr == "sleep"
        imported = isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names)
        if called or imported:
            yield node.lineno
