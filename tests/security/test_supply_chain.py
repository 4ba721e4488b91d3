"""What the README's commands install is pinned by content, with no address of a registry."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "hashes").glob("*.txt"))
WEB = ROOT / "kgbuild" / "serve" / "web"


def entries(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Package → its versions and what follows them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in re.findall(r"^\S.*(?:\n[ \t]+.*)*", path.read_text("utf-8"), re.MULTILINE):
        match = re.match(r"([\w.-]+)==([\w.]+)", entry)
        assert match, entry[:80]
        found.setdefault(match[1], []).append((match[2], entry))
    return found


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=; ]", name)[0]).lower()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_package_has_its_sums_and_no_address(path: Path) -> None:
    for name, versions in entries(path).items():
        for _, entry in versions:
            assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), name
    assert "://" not in path.read_text("utf-8")
    assert "torch" not in entries(path)  # its files differ by index: pinned by version


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_versions_are_those_that_are_tested(path: Path) -> None:
    tested = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "constraints.txt").read_text(), re.M))
    for name, versions in entries(path).items():
        wanted = next((v for n, v in tested.items() if plain(n) == name), None)
        assert wanted is None or wanted in {version for version, _ in versions}, name


def test_what_is_needed_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    base = {plain(name) for name in project["dependencies"]} - {"torch"}
    extras = project["optional-dependencies"]
    for file, groups in (("base", ()), ("test", ("test",)), ("service", ("serve", "mcp"))):
        wanted = base | {plain(name) for group in groups for name in extras[group]}
        listed = {plain(name) for name in entries(ROOT / "hashes" / f"{file}.txt")}
        assert not wanted - listed, f"make hashes: {file} lacks {wanted - listed}"


def test_the_explorer_s_packages_have_their_sums_and_no_address() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    package = json.loads((WEB / "package.json").read_text("utf-8"))
    root = lock["packages"].pop("")
    for group in ("dependencies", "devDependencies"):
        assert root.get(group, {}) == package.get(group, {}), "npm install --package-lock-only"
    assert all(one["integrity"].startswith("sha512-") for one in lock["packages"].values())
    assert "resolved" not in (WEB / "package-lock.json").read_text("utf-8")
    assert "://" not in (WEB / "package-lock.json").read_text("utf-8")
