"""No process of kgbuild imports from the folder that it is run in, or takes secrets along."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph  # noqa: F401
import pytest

from kgbuild import launch
from kgbuild.exchange.sparql import select
from kgbuild.read.child import Child
from kgbuild.read.documents import documents
from tests.oracle import MemoryStore
from tests.security.hostile_folder import plant
from tests.storage.samples import GAZPROM

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "kgbuild").rglob("*.py"), *(ROOT / "storage").rglob("*.py")])
STARTERS = {"subprocess", "multiprocessing", "concurrent.futures.process", "pty"}
CALLS = {"system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp"}


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the test, where modules were planted; gives their telltale."""
    mark = plant(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))  # as  python -m  and  python -c  have it
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    return mark


def html(folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text("<html><body><p>Иван Петров живёт в Москве.</p></body></html>", "utf-8")
    return path


def test_a_parser_imports_nothing_from_the_working_folder(hostile: Path) -> None:
    [document] = documents(html(hostile.parent))
    assert "Иван Петров" in document.text
    assert not hostile.exists(), hostile.read_text()


def test_a_query_imports_nothing_from_the_working_folder(hostile: Path) -> None:
    store = MemoryStore()
    store.add_document(GAZPROM)
    assert "pyoxigraph" in sys.modules  # this process has it from elsewhere
    assert select(store, "ASK {?x a ?y}").rows == (("true",),)
    assert not hostile.exists(), hostile.read_text()


def bare(**more: str) -> dict[str, str]:
    """An environment as a login gives it, with what this test needs to find packages."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"OMP_NUM_THREADS": "1"} | more


def run(words: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=folder,
        env=bare(**more),
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


CONSOLE = "import sys; from kgbuild.__main__ import main; sys.exit(main())"
"""What the installed script runs; ``-P``, since ``-c`` puts the working folder first, a script its own."""


@pytest.mark.parametrize(
    "program",
    [
        [str(ROOT / "cli.py")],
        ["-P", "-m", "kgbuild"],
        ["-P", "-c", CONSOLE],
    ],
    ids=["cli.py", "-P -m kgbuild", "console script"],
)
def test_the_command_line_imports_nothing_from_the_working_folder(
    tmp_path: Path, program: list[str]
) -> None:
    mark = plant(tmp_path)
    done = run([sys.executable, *program, "doctor"], tmp_path)
    assert "torch 2" in done.stdout, done.stderr
    assert not mark.exists(), mark.read_text()


def test_documents_are_read_beside_planted_modules(tmp_path: Path) -> None:
    mark = plant(tmp_path)
    html(tmp_path)
    found = run([sys.executable, str(ROOT / "cli.py"), "ingest", "page.html", "--json"], tmp_path)
    assert '"added": 1' in found.stdout, found.stderr
    assert not mark.exists(), mark.read_text()


def test_what_is_imported_late_isnt_from_the_working_folder_either(tmp_path: Path) -> None:
    """``python -m`` itself puts the folder first: the program takes it away at once."""
    (tmp_path / "torch.py").write_text("open('gotcha', 'w')\nraise ImportError\n")
    done = run([sys.executable, "-m", "kgbuild", "doctor"], tmp_path)
    assert "torch 2" in done.stdout, done.stderr
    assert not (tmp_path / "gotcha").exists()


def test_the_working_folder_isnt_on_a_child_s_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", ".", "lib", str(tmp_path), "/opt/packages", *sys.path])
    assert launch.entries()[0] == launch.PACKAGES
    assert "/opt/packages" in launch.entries()
    assert all(map(os.path.isabs, launch.entries()))
    assert str(tmp_path) not in launch.entries()


def test_a_checkout_that_one_works_in_is_found_behind_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(launch.PACKAGES)
    library = os.path.dirname(os.__file__)
    monkeypatch.setattr(sys, "path", ["", launch.PACKAGES, library, "/site-packages"])
    launch.forget_working_folder()
    assert sys.path == [library, launch.PACKAGES, "/site-packages"]


def child_environment(process: subprocess.Popen[bytes]) -> str:
    return Path(f"/proc/{process.pid}/environ").read_text("utf-8", "replace")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_parser_gets_no_secret_and_works_in_a_safe_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KGBUILD_TOKEN", "HF_TOKEN", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "KGBUILD_DB"):
        monkeypatch.setenv(name, "hunter2")
    child = Child()
    try:
        child._start()
        assert child._process is not None
        assert "hunter2" not in child_environment(child._process)
        assert os.readlink(f"/proc/{child._process.pid}/cwd") == "/"
    finally:
        child.close()


def test_what_a_rebuild_needs_is_kept_and_tokens_arent(monkeypatch: pytest.MonkeyPatch) -> None:
    from kgbuild.cli.switching import _VARIABLES

    wanted = ("KGBUILD_STORE", "HF_HOME", "PGPASSWORD", "PATH")
    for name in (*wanted, "KGBUILD_TOKEN", "KGBUILD_READ_TOKEN", "HF_TOKEN", "PGSECRET", "OTHER"):
        monkeypatch.setenv(name, "x")
    found = launch.environment(_VARIABLES, KGBUILD_DB="postgresql://u:p@h/n")
    assert {*wanted, "KGBUILD_DB"} <= set(found)
    assert not {"KGBUILD_TOKEN", "KGBUILD_READ_TOKEN", "HF_TOKEN", "PGSECRET", "OTHER"} & set(found)


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp")
def test_a_process_that_reads_others_files_has_no_network() -> None:
    code = (
        "from kgbuild.confine import without_network\nimport socket\nassert without_network()\n"
        "try:\n socket.create_connection(('127.0.0.1', 9))\n"
        "except PermissionError:\n print('refused')\n"
    )
    done = run([sys.executable, "-P", "-c", code], ROOT)
    assert done.stdout == "refused\n", done.stderr


def starts_processes(source: str) -> bool:
    """Whether a module starts processes other than by :mod:`kgbuild.launch`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import) and STARTERS & {a.name for a in node.names}:
            return True
        if isinstance(node, ast.ImportFrom) and node.module in STARTERS:
            names = {a.name for a in node.names}
            if not names <= {"Popen", "DEVNULL", "PIPE", "TimeoutExpired"}:
                return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "Popen", "subprocess.Popen", *(f"os.{name}" for name in CALLS)
        ):  # fmt: skip
            return True
        if isinstance(node, ast.Attribute) and node.attr.startswith(("execv", "execl", "spawn")):
            return True
    return False


def test_one_module_starts_processes() -> None:
    starting = [p.relative_to(ROOT).as_posix() for p in SOURCES if starts_processes(p.read_text())]
    assert starting == ["kgbuild/launch.py"]
    assert starts_processes("import os\nos.system('x')")
    assert starts_processes("from subprocess import run")
