"""Imports point one way: a module may import only from its own layer's allowance."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[1]

FOUNDATION = {"types", "errors", "display", "deadline"}
SEAMS = FOUNDATION | {"ports", "ontology", "config", "judging", "evidence"}

ALLOWED: dict[str, set[str]] = {
    "types": {"display"},
    "errors": set(),
    "display": {"errors"},
    "deadline": {"errors"},
    "ports": FOUNDATION,
    "judging": FOUNDATION,
    "evidence": FOUNDATION,
    "copies": FOUNDATION,
    "ontology": {"errors"},
    "config": {"errors"},
    "launch": {"display"},
    "confine": set(),
    "__main__": {"launch", "cli"},
    "scale": {"errors"},
    "russian": FOUNDATION | {"read"},
    "read": SEAMS | {"confine", "launch"},
    "models": SEAMS,
    "extract": SEAMS | {"models", "read", "russian"},
    "embed": SEAMS | {"models"},
    "resolve": SEAMS | {"read", "russian"},
    "ask": SEAMS | {"resolve", "russian"},
    "search": SEAMS | {"models", "read", "resolve", "russian"},
    "train": SEAMS | {"ask", "embed", "models", "read", "extract", "resolve", "russian"},
    "measure": SEAMS | {"embed", "models", "search"},
    "exchange": SEAMS | {"confine", "launch", "read", "resolve", "russian", "train"},
    "analytics": SEAMS | {"ask", "russian"},
    "storage": SEAMS | {"copies", "russian"},
    "pipeline": SEAMS | {"read", "resolve"},
    "curation": SEAMS,
    "jobs": SEAMS | {"pipeline"},
    "reprocess": SEAMS | {"exchange", "pipeline", "read", "resolve"},
    "sync": SEAMS | {"pipeline", "read"},
    "graph": SEAMS
    | {"pipeline", "sync", "jobs", "reprocess", "analytics"}
    | {"read", "ask", "search", "curation", "exchange"},
    "wiring": SEAMS
    | {"ask", "graph", "extract", "embed", "models", "resolve", "search", "storage"},
    "distributed": SEAMS | {"pipeline", "read", "wiring"},
    "api": SEAMS | {"graph", "wiring"},
    "serve": SEAMS
    | {"graph", "jobs", "pipeline", "wiring", "read", "ask", "exchange"}
    | {"analytics", "russian", "search"},
    "cli": SEAMS
    | {"graph", "pipeline", "wiring", "models", "read", "extract", "train", "jobs", "reprocess"}
    | {"ask", "curation", "search", "exchange", "serve", "sync", "analytics", "embed", "measure"}
    | {"launch", "distributed"},
}
"""Layer → the layers it may import, besides itself."""

MODULES = sorted([*(ROOT / "kgbuild").rglob("*.py"), *(ROOT / "storage").rglob("*.py")])


FOLDERS = ("alembic", "benchmarks", "kgbuild", "storage", "tests")
FILES_A_FOLDER, DRAWERS, DRAWER_LINES, FILE_LINES = 25, 15, 40, 620

NAMES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in MODULES
}
"""Modules by their dotted names."""


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "storage" else parts[1]


def imported_layers(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            base = node.module
            names = [f"{base}.{a.name}" for a in node.names] if base == "kgbuild" else [base]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "storage":
                found.add("storage")
            elif parts[0] == "kgbuild" and len(parts) > 1 and not parts[1].startswith("__"):
                found.add(parts[1])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_from_its_allowance(path: Path) -> None:
    layer = layer_of(path)
    if layer == "__init__":
        return  # the public names: loaded lazily, tested in test_public.py
    wrong = imported_layers(path) - ALLOWED[layer] - {layer}
    assert not wrong, f"{path.relative_to(ROOT)} ({layer}) imports {sorted(wrong)}"


def test_every_layer_is_in_the_table() -> None:
    assert {layer_of(p) for p in MODULES} - {"__init__"} == set(ALLOWED)


def test_a_wrong_arrow_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "wrong.py"
    module.write_text("from kgbuild.wiring import open_graph\nimport storage.sql\n")
    assert imported_layers(module) == {"wiring", "storage"}


def test_a_folder_holds_what_a_reader_can_take_in() -> None:
    every = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    held = Counter(str(path.parent.relative_to(ROOT)) for path in every)
    assert {"benchmarks/ingest", "storage/graph", "tests/train"} <= held.keys()
    assert not {folder for folder, files in held.items() if files > FILES_A_FOLDER}


def test_files_are_rooms_and_not_drawers() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in MODULES
    }
    small = [f for f, n in lines.items() if n < DRAWER_LINES and not f.endswith("__init__.py")]
    assert len(small) <= DRAWERS, small
    assert [f for f, n in lines.items() if n > FILE_LINES] == []


def imported_modules(path: Path) -> set[str]:
    """The modules of the project that this one imports when it runs, wherever in its code."""
    tree = ast.parse(path.read_text("utf-8"))
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    package = path.parent.relative_to(ROOT).parts
    found = set()
    for node in ast.walk(tree):
        if id(node) in typed:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *filter(None, [node.module])))
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found |= {one if one in NAMES else base for one in inner}
    return found & NAMES.keys()


def circles(arrows: Iterable[tuple[str, str]]) -> list[list[str]]:
    parts = nx.strongly_connected_components(nx.DiGraph(arrows))
    return [sorted(part) for part in parts if len(part) > 1]


def test_no_modules_import_each_other() -> None:
    assert circles((a, b) for a, path in NAMES.items() for b in imported_modules(path) - {a}) == []


def test_a_circle_is_seen() -> None:
    assert circles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]) == [["a", "b", "c"]]
