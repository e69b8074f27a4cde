"""Generates docs/ZmqLibrary.html and docs/ZmqLibrary.json by Libdoc.

Usage: python docs/generate.py [--check]

Files are written only if what they tell about the library has changed. The time of generation, the version of Robot
Framework, line numbers and the documentation of Robot Framework's own types do not make a file stale.
`--check` writes nothing and fails if a file is stale.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from robot.libdoc import LibraryDocumentation

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
ENDPOINT_LINK = re.compile(r'<a href=\\"(?:tcp|ipc|inproc)://[^>]*>(.*?)</a>')
HTML_DATA = re.compile(r"^libdoc = (\{.*\})$", re.MULTILINE)


def main(*arguments: str) -> str | None:
    with TemporaryDirectory() as directory:
        generated = generate(Path(directory))
        stale = [path for path in generated if described_by(path) != described_by(DOCS / path.name)]
        names = ", ".join(path.name for path in stale)
        if "--check" in arguments:
            return f"Stale in docs/: {names}. Run `invoke docs` and commit the result." if stale else None
        for path in stale:
            (DOCS / path.name).write_bytes(path.read_bytes())
    print(f"Written to docs/: {names}." if stale else "Nothing to do: docs/ is up to date.")
    return None


def generate(directory: Path) -> list[Path]:
    library = LibraryDocumentation(str(ROOT / "ZmqLibrary"))
    library.source = ROOT / "ZmqLibrary/library.py"  # where its line number counts
    for item in (library, *library.inits, *library.keywords):
        item.source = Path(item.source).relative_to(ROOT).as_posix() if item.source else None
    library.convert_docs_to_html()
    paths = [directory / "ZmqLibrary.html", directory / "ZmqLibrary.json"]
    for path in paths:
        library.save(str(path), path.suffix[1:].upper())
        path.write_text(without_dead_links(path.read_text("utf-8")), "utf-8")
    return paths


def without_dead_links(text: str) -> str:
    """Robot makes links of endpoints in examples, and Libdoc one to `__init__`, which it calls Importing itself."""
    return ENDPOINT_LINK.sub(r"\1", text).replace('"usages": ["__init__"', '"usages": ["Importing"')


def described_by(path: Path) -> dict[str, Any] | None:
    """What a generated file tells about the library, without what changes from run to run."""
    if not path.exists():
        return None
    text = path.read_text("utf-8")
    if path.suffix == ".html":
        match = HTML_DATA.search(text)
        text = match[1] if match else "{}"
    library = json.loads(text)
    own_types = [kind for kind in library.get("typedocs", ()) if kind["type"] != "Standard"]
    return without_positions({**library, "typedocs": own_types, "generated": None, "source": None})


def without_positions(item: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in item.items() if name not in ("lineno", "source")}
    for name in ("inits", "keywords"):
        if name in kept:
            kept[name] = [without_positions(nested) for nested in kept[name]]
    return kept


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
