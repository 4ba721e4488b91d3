"""The package as others import it."""

from __future__ import annotations

import subprocess
import sys

import kgbuild


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_loads_neither_torch_nor_faiss() -> None:
    code = (
        "import sys, kgbuild; print(sorted({'torch', 'faiss', 'transformers'} & set(sys.modules)))"
    )
    assert run_python(code) == "[]"


def test_importing_the_command_line_is_light() -> None:
    code = "import sys, kgbuild.cli; print(sorted({'torch', 'faiss', 'sqlalchemy'} & set(sys.modules)))"
    assert run_python(code) == "[]"


def test_every_public_name_is_there() -> None:
    assert all(getattr(kgbuild, name) is not None for name in kgbuild.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(kgbuild, "no_such_name")
