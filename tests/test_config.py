"""Settings: flag > environment > kgbuild.toml > default."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.config import Settings, load_settings
from kgbuild.errors import InputError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No kgbuild.toml, none of our variables."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KGBUILD_{name.upper()}", raising=False)
    return tmp_path


def test_defaults() -> None:
    settings = load_settings()
    assert settings.store == Path("kg")
    assert settings.database == str(Path("kg") / "graph.db")
    assert settings.index_folder == Path("kg") / "index"
    assert (settings.device, settings.embedder, settings.extractor) == (
        "auto",
        "embedded",
        "embedded",
    )
    assert settings.db is None
    assert settings.ner_url is None


FLAG, VARIABLE, FILE, DEFAULT = "flag", "variable", "file", "embedded"


@pytest.mark.parametrize("name", ["embedder", "extractor"])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((FLAG, VARIABLE, FILE), FLAG),
        ((FLAG, FILE), FLAG),
        ((VARIABLE, FILE), VARIABLE),
        ((FILE,), FILE),
        ((), DEFAULT),
    ],
)
def test_precedence(
    empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    given: tuple[str, ...],
    expected: str,
) -> None:
    if FILE in given:
        (empty_folder / "kgbuild.toml").write_text(f'{name} = "{FILE}"\n')
    if VARIABLE in given:
        monkeypatch.setenv(f"KGBUILD_{name.upper()}", VARIABLE)
    settings = load_settings(**{name: FLAG if FLAG in given else None})
    assert getattr(settings, name) == expected


def test_sources_are_mixed_setting_by_setting(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "kgbuild.toml").write_text('store = "a"\ndevice = "cpu"\n')
    monkeypatch.setenv("KGBUILD_STORE", "b")
    settings = load_settings(embedder="BERTA")
    assert (settings.store, settings.device, settings.embedder) == (Path("b"), "cpu", "BERTA")


def test_a_database_url_takes_the_store_s_place_but_not_the_index_s() -> None:
    settings = load_settings(db="postgresql://host/graph", store="here")
    assert settings.database == "postgresql://host/graph"
    assert settings.index_folder == Path("here") / "index"


@pytest.mark.parametrize(
    "text", ['stroe = "x"', "store = [1]", "store = ", "db = 5", "[table]\nstore = 'x'", "\ufeff="]
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(empty_folder: Path, text: str) -> None:
    (empty_folder / "kgbuild.toml").write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"kgbuild\.toml") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_an_unknown_key_is_named(empty_folder: Path) -> None:
    (empty_folder / "kgbuild.toml").write_text('stroe = "x"\n')
    with pytest.raises(InputError, match="stroe"):
        load_settings()


def test_a_file_in_another_encoding_is_refused(empty_folder: Path) -> None:
    (empty_folder / "kgbuild.toml").write_bytes('store = "граф"'.encode("cp1251"))
    with pytest.raises(InputError, match=r"kgbuild\.toml"):
        load_settings()


def test_variables_of_other_parts_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGBUILD_CACHE", "somewhere")
    monkeypatch.setenv("KGBUILD_NEREL", "somewhere")
    assert load_settings().store == Path("kg")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().device = "cuda"  # type: ignore[misc]
