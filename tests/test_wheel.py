"""The wheel: what is in it, and that it works where no checkout is."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
QUESTION = "Кто супруга Дмитрия Менделеева?"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(importlib.util.find_spec(name) for name in ("pip", "hatchling")),
        reason="building a wheel needs pip and hatchling:  pip install 'kgbuild[test]'",
    ),
]


def run(*command: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), ".")
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


class Installed:
    """The wheel in a folder of its own, run from an empty folder."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.site, self.work = folder / "site", folder / "work"
        self.work.mkdir()
        run(*PIP, "install", "--no-deps", "--no-index", "--target", str(self.site), str(wheel))

    def python(self, *arguments: str) -> str:
        """Run Python with the wheel and its dependencies, and without the checkout.

        An editable install is a ``.pth`` file in site-packages: Python reads those only
        in folders that it adds itself, which ``-S`` stops, not in those of PYTHONPATH.
        """
        libraries = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
        env = {
            name: value
            for name, value in os.environ.items()
            if name == "KGBUILD_CACHE" or not name.startswith("KGBUILD_")
        }
        env["PYTHONPATH"] = os.pathsep.join([str(self.site), *dict.fromkeys(libraries)])
        env["PYTHONIOENCODING"] = "utf-8"
        return run(sys.executable, "-S", *arguments, cwd=self.work, env=env)

    def kgbuild(self, *arguments: str) -> str:
        """Run the installed console script."""
        return self.python(str(self.site / "bin" / "kgbuild"), *arguments)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed."""
    return Installed(wheel, tmp_path_factory.mktemp("installed"))


def test_top_level_names(names: set[str], wheel: Path) -> None:
    project, version = wheel.name.split("-")[:2]
    assert {name.split("/")[0] for name in names} == {"kgbuild", f"{project}-{version}.dist-info"}


@pytest.mark.parametrize(
    "name",
    [
        "kgbuild/py.typed",
        "kgbuild/storage/__init__.py",
        "kgbuild/storage/sql.py",
        "kgbuild/migrations/env.py",
        "kgbuild/migrations/versions/0001_first_schema.py",
        "kgbuild/ontology_pairs.json",
        "kgbuild/ask/rules/wordings.json",
        "kgbuild/train/recipe.toml",
        "kgbuild/models/weights/joint/manifest.json",
        "kgbuild/models/weights/joint/settings.json",
        "kgbuild/models/weights/joint/weights.safetensors",
        "kgbuild/models/weights/decision.safetensors",
        "kgbuild/models/weights/ranker.safetensors",
        "kgbuild/read/letter_pairs.txt",
    ],
)
def test_it_holds(names: set[str], name: str) -> None:
    assert name in names


def test_it_holds_every_file_of_the_packages(names: set[str]) -> None:
    homes = {"kgbuild": "kgbuild", "storage": "kgbuild/storage", "alembic": "kgbuild/migrations"}
    expected = {
        f"{home}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, home in homes.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and _shipped(path)
    }
    assert {name for name in names if name.startswith("kgbuild/")} == expected
    assert not [name for name in names if "__pycache__" in name]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def _shipped(path: Path) -> bool:
    """The explorer ships as it was built, if it was, without its sources."""
    web = ROOT / "kgbuild" / "serve" / "web"
    return not path.is_relative_to(web) or path.is_relative_to(web / "dist")


def test_it_runs_its_own_code(installed: Installed) -> None:
    code = (
        "import importlib.util, json, kgbuild, kgbuild.wiring as wiring\n"
        "print(json.dumps({'kgbuild': kgbuild.__file__, 'sql': wiring.storage('sql').__file__,\n"
        "    'scripts': str(wiring.storage('migrate').scripts_folder()),\n"
        "    'storage': importlib.util.find_spec('storage') is not None}))"
    )
    site = installed.site
    assert json.loads(installed.python("-c", code)) == {
        "kgbuild": str(site / "kgbuild" / "__init__.py"),
        "sql": str(site / "kgbuild" / "storage" / "sql.py"),
        "scripts": str(site / "kgbuild" / "migrations"),
        "storage": False,
    }


def test_it_reads_a_document_and_answers(installed: Installed) -> None:
    text = (ROOT / "examples" / "docs" / "01-mendeleev.txt").read_text("utf-8")
    (installed.work / "01-mendeleev.txt").write_text(text, "utf-8")
    report = json.loads(installed.kgbuild("ingest", "--json", "01-mendeleev.txt"))
    assert (report["added"], report["failed"]) == (1, [])
    answer = json.loads(installed.kgbuild("query", "--json", QUESTION))
    assert not answer["abstained"]
    assert {"Анна Ивановна Попова", "Феозва Никитична Лещева"} & {
        item["text"] for item in answer["answers"]
    }
    for item in answer["answers"]:
        for evidence in item["evidence"]:
            assert evidence["document"] == "01-mendeleev.txt"
            assert evidence["text"] == text[evidence["start"] : evidence["end"]]
