"""The shape of the code, read with `ast`: imports run one way, only the outer rooms know Robot, nothing sleeps."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from subprocess import run

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ZmqLibrary"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.stat().st_size)
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
MAX_LINES = 400
# The class that composes all parts of a socket, and alone words what they answer: half of it are its docs. What needs
# only its methods is a function elsewhere (bulk, diagnosis, peers).
LONGER = {"ZmqLibrary/sockets/zmq_socket.py": 561}

# Who imports what: a room (a folder, or a module beside them) imports only from the lines above its own.
LAYERS = (
    ("plain_text", "version"),
    ("errors",),
    ("surrogates",),
    ("registry", "waiting", "zmtp"),
    ("formats",),
    ("report",),
    ("messages",),
    ("monitoring",),
    ("sockets",),
    ("workers",),
    ("mocks", "security"),
    ("pipelines",),
    ("network",),
    ("recording",),
    ("log",),
    ("session",),
    ("keywords",),
    ("library",),
    ("__init__",),
    ("frontends",),
    ("__main__",),
)
LAYER_OF = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}

# Keywords import these in their body, so that `Library    ZmqLibrary` does not wait for them.
IMPORTED_WHEN_USED = (
    "formats/cbor_keys",
    "messages/carried",
    "messages/counters",
    "messages/field_patterns",
    "messages/layout_definition",
    "messages/layouts",
    "network/fault_proxy",
    "network/faults",
    "network/odd_peer",
    "mocks/mock_server",
    "mocks/relay",
    "mocks/replies",
    "mocks/rules",
    "workers/sending_worker",
    "messages/sequences",
    "network/reports",
    "pipelines/engine",
    "pipelines/report",
    "recording/recording",
    "report/sequence_diagram",
)

# Text from outside gets into the log and to the console through here.
LOGGER = "log/logger"
KNOWS_ROBOT = {"log", "session", "keywords", "library", "__init__", "frontends", "__main__"}
ROBOT = {"robot", "assertionengine"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports_of(path: Path, typing: bool = True) -> tuple[tuple[int, str], ...]:
    """Line and absolute dotted name of everything that a module imports, at its top or inside functions."""
    return tuple(found_imports(path, typing))


def found_imports(path: Path, typing: bool) -> Iterator[tuple[int, str]]:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    tree = tree_of(path)
    left_out = set() if typing else {node for block in tree.body if is_for_typing(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                origin = ".".join([*parents, *filter(None, [node.module])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def is_for_typing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"


def rooms_imported_by(path: Path) -> Iterator[tuple[int, str]]:
    for line, name in imports_of(path):
        first, *rest = name.split(".")
        if first == PACKAGE.name:
            is_room = rest and ((PACKAGE / f"{rest[0]}.py").exists() or (PACKAGE / rest[0]).is_dir())
            yield line, rest[0] if is_room else "__init__"


def test_every_module_has_a_layer():
    missing = {room_of(path) for path in MODULES} - LAYER_OF.keys()
    assert not missing, f"Add them to LAYERS in {named(Path(__file__))}."


def test_imports_run_one_way():
    backwards = [
        f"{named(path)}, line {line}: {room_of(path)} imports {other}"
        for path in MODULES
        for line, other in rooms_imported_by(path)
        if other != room_of(path) and LAYER_OF.get(other, len(LAYERS)) >= LAYER_OF.get(room_of(path), len(LAYERS))
    ]
    assert not backwards


def test_the_core_does_not_know_robot():
    core = [path for path in MODULES if room_of(path) not in KNOWS_ROBOT]
    imported = [(named(path), line, name) for path in core for line, name in imports_of(path)]
    assert not [f"{module}, line {line}: {name}" for module, line, name in imported if name.split(".")[0] in ROBOT]


def test_no_imports_run_in_a_circle():
    """Modules of one folder, too, and imports inside of functions: hidden there, a circle is still one."""
    arrows = {dotted_name(path): modules_imported_by(path) - {dotted_name(path)} for path in MODULES}
    while removable := [module for module, others in arrows.items() if not others & arrows.keys()]:
        for module in removable:
            del arrows[module]
    assert not arrows, f"These modules import each other: {', '.join(sorted(arrows))}."


def dotted_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {dotted_name(module) for module in MODULES}


def modules_imported_by(path: Path) -> set[str]:
    """Modules of the package; what is only for type checkers runs nowhere, so it is left out."""
    names = {name for _, name in imports_of(path, typing=False) if name.startswith(PACKAGE.name)}
    return {name if name in NAMES else name.rpartition(".")[0] for name in names}


def test_keyword_groups_do_not_import_each_other():
    groups = {dotted_name(p) for p in (PACKAGE / "keywords").glob("*/*.py") if "Keywords(" in p.read_text("utf-8")}
    siblings = [
        f"{named(path)}: {name}"
        for path in (PACKAGE / "keywords").glob("*/*.py")
        for name in modules_imported_by(path) & groups
        if dotted_name(path) in groups
    ]
    assert not siblings, "What two groups need lives in a core module."


def test_files_of_the_package_stay_small():
    lines = {named(path): path.read_text("utf-8").count("\n") for path in MODULES}
    assert not {name: count for name, count in lines.items() if count > LONGER.get(name, MAX_LINES)}


def test_one_word_stands_for_one_concept():
    """A name means the same class or type wherever it is read in the package; `TypeVar`s are no concepts."""
    places: dict[str, list[str]] = {}
    for path in MODULES:
        for name in named_concepts(path):
            places.setdefault(name, []).append(named(path))
    assert not {name: paths for name, paths in places.items() if len(paths) > 1}, "Take two words of the field."


def named_concepts(path: Path) -> Iterator[str]:
    """Names of classes, and of types that are written at the top of the module: `Frames = Sequence[bytes]`."""
    tree = tree_of(path)
    yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and "TypeVar(" not in ast.unparse(statement.value):
            names = [ast.unparse(target) for target in statement.targets]
            yield from (name for name in names if re.fullmatch("_?[A-Z][A-Za-z]*[a-z][A-Za-z]*", name))


def test_what_few_suites_use_is_imported_when_it_is_used():
    imported = loaded_with("library")
    assert dotted("session/session") in imported
    assert not [room for room in IMPORTED_WHEN_USED if dotted(room) in imported]


def test_processes_of_pumps_sinks_and_proxies_start_without_zmq():
    imported = loaded_with("network/proxy_process", "pipelines/job")
    assert dotted("network/proxy_server") in imported
    assert "zmq" not in imported


def loaded_with(*modules: str) -> list[str]:
    """The modules that a new process has once it has imported these."""
    code = f"import {', '.join(dotted(module) for module in modules)}, sys; print(*sys.modules)"
    return run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def dotted(room: str) -> str:
    return f"{PACKAGE.name}/{room}".replace("/", ".")


def test_no_expression_is_compiled_at_import():
    """`re` compiles a text when it is first used, and keeps the expression."""
    assert not [named(path) for path in MODULES if "re.compile" in calls_at_import_of(path)]


def calls_at_import_of(path: Path) -> set[str]:
    statements = [node for node in tree_of(path).body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    calls = [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return {ast.unparse(node.func) for node in calls}


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


def test_whether_a_thread_lives_is_asked_in_one_place():
    asking = [path for path in PACKAGE.rglob("*.py") if ".is_alive(" in path.read_text("utf-8")]
    assert [named(path) for path in asking] == [named(PACKAGE / "waiting/threads.py")], "a signal would end it"


def sleeps_in(path: Path) -> Iterator[int]:
    if "sleep" not in path.read_text("utf-8"):
        return
    for node in ast.walk(tree_of(path)):
        called = isinstance(node, ast.Attribute) and node.attr == "sleep"
        imported = isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names)
        if called or imported:
            yield node.lineno


def test_nothing_goes_into_the_log_past_the_one_that_escapes_it():
    logging = {named(path) for path in MODULES if "from robot.api import logger" in path.read_text("utf-8")}
    assert logging == {f"ZmqLibrary/{LOGGER}.py"}, "Import log/logger instead."


def test_the_page_about_the_architecture_names_every_folder():
    folders = {path.parent.relative_to(PACKAGE).as_posix() for path in (*MODULES, *PACKAGE.rglob("*.resource"))}
    missing = [folder for folder in sorted(folders - {"."}) if f"`{folder}/`" not in PAGE]
    assert not missing, "Say in docs/architecture.md what is in it."


def test_the_page_about_the_architecture_has_the_folders_in_their_order():
    rows = re.findall(r"^\| `([a-z]+)/` \|", PAGE, re.MULTILINE)
    floors = [LAYER_OF[folder] for folder in rows if folder in LAYER_OF]
    assert floors == sorted(floors)
