"""Imports point one way: a module may import only from its own layer's allowance."""

from __future__ import annotations

import ast
from pathlib import Path

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
    "ontology": {"errors"},
    "config": {"errors"},
    "launch": {"display"},
    "confine": set(),
    "__main__": {"launch", "cli"},
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
    "storage": SEAMS | {"russian"},
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
    "api": SEAMS | {"graph", "wiring"},
    "serve": SEAMS
    | {"graph", "jobs", "pipeline", "wiring", "read", "ask", "exchange"}
    | {"analytics", "russian", "search"},
    "cli": SEAMS
    | {"graph", "pipeline", "wiring", "models", "read", "extract", "train", "jobs", "reprocess"}
    | {"ask", "curation", "search", "exchange", "serve", "sync", "analytics", "embed", "measure"}
    | {"launch"},
}
"""Layer → the layers it may import, besides itself."""

MODULES = sorted([*(ROOT / "kgbuild").rglob("*.py"), *(ROOT / "storage").rglob("*.py")])


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
