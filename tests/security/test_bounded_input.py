"""What is read in lines or cells has bounds, and cells are no formulas."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pytest

from kgbuild.errors import FormatError, WeightsError
from kgbuild.exchange.registers import wikidata
from kgbuild.exchange.tables import read_cell, safe_cell
from kgbuild.models import hub
from kgbuild.models.folder import sha256_of
from kgbuild.models.registry import RUBERT_TINY2


@pytest.mark.parametrize(
    "lead", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u00a0+"]
)
def test_no_cell_is_a_formula(lead: str) -> None:
    text = f"{lead}cmd|' /C calc'!A0"
    assert safe_cell(text) == "'" + text
    assert read_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["Иван", "3-й", "", "'x", "a=b"])
def test_others_stay(text: str) -> None:
    assert read_cell(safe_cell(text)) == text
    assert safe_cell(-1) == "-1"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, bytes])
def test_a_line_without_an_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: object
) -> None:
    monkeypatch.setattr(wikidata, "LONGEST_LINE", 1 << 20)
    path = tmp_path / "slice.json"
    path.write_bytes(pack(b'[\n{"id": "' + b"Q" * (8 << 20)))  # type: ignore[operator]
    with pytest.raises(FormatError, match=r"slice\.json:2: is longer than 1 MB"):
        list(wikidata.read_items(path))


def test_pulled_weights_are_hashed_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGBUILD_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "model"
    folder.mkdir()
    weights = folder / "model.safetensors"
    weights.write_bytes(b"weights")
    assert RUBERT_TINY2.revision is not None
    files = {weights.name: sha256_of(weights)}
    hub.record(
        hub.Pulled(
            RUBERT_TINY2.name, str(RUBERT_TINY2.hub_id), RUBERT_TINY2.revision, folder, files
        )
    )
    assert hub.find_snapshot(RUBERT_TINY2) == folder
    weights.write_bytes(b"others")
    with pytest.raises(WeightsError, match=r"model\.safetensors is altered"):
        hub.find_snapshot(RUBERT_TINY2)
