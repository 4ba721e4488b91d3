"""The Dockerfile and the compose file, as far as they can be tried without an engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from image.dockerfile import Stage, read
from serve.conftest import FakeCardExtractor, fakes  # noqa: F401 - a fixture
from serve.running import free_port, in_thread

from kgbuild.config import Settings
from kgbuild.serve.settings import ServeSettings
from tests.cli.conftest import Run, bare_run  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
STAGES = read(ROOT / "Dockerfile")


@pytest.fixture(scope="module")
def last() -> Stage:
    return STAGES[-1]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return found


def test_what_is_copied_is_there_and_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    sent = {line[1:].rstrip("/") for line in lines if line.startswith("!")}
    names = [stage.name for stage in STAGES]
    for place, stage in enumerate(STAGES):
        for copy in (i for i in stage.instructions if i.word == "COPY"):
            origin = copy.flag("from")
            for source in copy.words[:-1]:
                if origin is not None:
                    assert origin in names[:place]
                    continue
                assert (ROOT / source).exists(), source
                assert Path(source).parts[0] in sent


def test_the_wheel_s_sources_are_copied() -> None:
    """What pyproject.toml needs to build is in the stage that builds."""
    [build] = [stage for stage in STAGES if stage.name == "build"]
    copied = {Path(w).name for i in build.instructions if i.word == "COPY" for w in i.words[:-1]}
    assert {"pyproject.toml", "README.md", "kgbuild", "storage", "alembic"} <= copied


def test_it_runs_as_nobody_special_over_a_volume(last: Stage) -> None:
    user, group = last.last("USER").rest.split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert last.last("VOLUME").rest == "/graph"
    words = [i.word for i in last.instructions]
    assert words.index("USER") > words.index("COPY")
    assert words[-1] == "CMD"


def test_images_are_pinned_to_a_version() -> None:
    for stage in STAGES:
        name, _, tag = stage.image.partition(":")
        assert name in ("node", "python")
        assert tag[:1].isdigit()


def health(last: Stage, port: int) -> int:
    """What the health check's command, at another port, ends with."""
    check = last.last("HEALTHCHECK")
    assert {flag.split("=")[0] for flag in check.flags} == {
        "--interval",
        "--timeout",
        "--start-period",
        "--retries",
    }
    python, *words = yaml.safe_load(check.rest.removeprefix("CMD"))
    assert python == "python"
    changed = [word.replace("8765", str(port)) for word in words]
    assert changed != words
    command = [sys.executable, *changed]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode


def test_the_health_check_tells_a_running_service_from_none(
    last: Stage,
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
) -> None:
    with in_thread(ServeSettings(Settings(store=tmp_path / "kg"), everybody=True)) as url:
        assert health(last, int(url.rpartition(":")[2])) == 0
    assert health(last, free_port()) != 0


def test_without_a_token_it_says_what_to_give(bare_run: Run, last: Stage) -> None:  # noqa: F811
    program, *words = last.last("CMD").words
    assert program == "kgbuild"
    result = bare_run(*words)
    assert result.code == 1
    assert "give a token" in result.err
    assert "KGBUILD_TOKEN" in result.err


def test_a_secret_s_file_gives_the_token(
    bare_run: Run,  # noqa: F811
    last: Stage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "tokens").touch(0o600)
    (tmp_path / "tokens").write_text("editor short\n")
    monkeypatch.setenv("KGBUILD_TOKEN_FILE", str(tmp_path / "tokens"))
    result = bare_run(*last.last("CMD").words[1:])
    assert result.code == 1
    assert "at least 16" in result.err


def test_the_composed_services_hold_little_power(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "/tmp" in service["tmpfs"]
        assert not any("PASSWORD" in key and not key.endswith("_FILE")
                       for key in service["environment"])  # fmt: skip
        assert set(service["secrets"]) <= set(compose["secrets"])
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(compose["volumes"])
    service, database = compose["services"]["kgbuild"], compose["services"]["db"]
    assert service["depends_on"]["db"]["condition"] == "service_healthy"
    assert database["image"] == "postgres:17"
    assert database["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_composed_variables_are_settings(compose: dict[str, Any]) -> None:
    known = {f"KGBUILD_{name.upper()}" for name in Settings.model_fields} | {"KGBUILD_TOKEN_FILE"}
    assert set(compose["services"]["kgbuild"]["environment"]) <= known
