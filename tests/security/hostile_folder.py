"""A folder in which somebody left modules that tell when they are imported."""

from __future__ import annotations

from pathlib import Path

PLANTED = (
    "csv", "shutil", "torch", "json", "struct", "zipfile", "email", "html", "pypdf", "striprtf",
    "pyoxigraph", "click", "sqlalchemy", "pydantic", "sitecustomize", "usercustomize", "tqdm",
    "storage", "kgbuild", "runpy", "selectors", "razdel", "charset_normalizer", "xml",
)  # fmt: skip
"""Modules of Python's own, of packages, and ours."""

TELLTALE = "imported-from-here.txt"


def plant(folder: Path) -> Path:
    """Fill a folder; gives the file that is there once one of them was imported."""
    mark = folder / TELLTALE
    for name in PLANTED:
        (folder / f"{name}.py").write_text(
            f"open({str(mark)!r}, 'a').write({name + chr(10)!r})\nraise ImportError({name!r})\n"
        )
    return mark
