"""Thresholds for a wanted precision, by numbers computed by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kgbuild.config import Settings
from kgbuild.errors import InputError, WeightsError
from kgbuild.extract.decoding import found_config, given_config
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.precision import NEVER, SHOWN, WEIGHT, curve_of, thresholds_for
from kgbuild.extract.task_weights import SETTINGS
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.wiring import make_extractor
from tests.extract.test_joint import TEXTS, saved, settings_of, tiny_base

__all__ = ["tiny_base"]

AB = {"a": 0, "b": 1}


def test_a_curve_counts_by_hundredths_rounded_down() -> None:
    confidences = np.array([0.901, 0.909, 0.3, 0.05, 1.0], np.float32)
    right = np.array([True, False, True, True, True])
    assert curve_of(confidences, right) == [[30, 1, 1], [90, 2, 1], [99, 1, 1]]


def test_the_least_threshold_that_is_precise_enough_is_taken() -> None:
    """Alone, a relation is its own average: the smoothing changes nothing."""
    curves = {"a": [[20, 10, 0], [50, 10, 8], [90, 10, 10]]}  # 18 of 30, 18 of 20, 10 of 10
    for wanted, expected in [(0.55, 0.0), (0.65, 0.21), (0.9, 0.21), (0.95, 0.51)]:
        assert thresholds_for(wanted, curves, AB)[0] == pytest.approx(expected)


def test_few_examples_are_smoothed_towards_all() -> None:
    """b: 6 of 6 right where half of all is: (6 + 10 · 0.5…) / 16, too little for 0.9."""
    curves = {"a": [[80, 94, 44]], "b": [[80, 6, 6]]}
    average = 50 / 100
    estimate = (6 + WEIGHT * average) / (6 + WEIGHT)
    assert thresholds_for(estimate - 0.01, curves, AB)[1] <= 0.8
    assert thresholds_for(estimate + 0.01, curves, AB)[1] == NEVER


def test_a_relation_that_cannot_reach_it_or_showed_nothing_is_never_emitted() -> None:
    curves = {"a": [[90, 100, 40]], "b": [[90, SHOWN - 1, SHOWN - 1]]}
    assert thresholds_for(0.3, curves, AB).tolist() == [0.0, NEVER]
    assert thresholds_for(0.95, curves, AB).tolist() == [NEVER, NEVER]
    assert thresholds_for(0.95, {}, AB).tolist() == [NEVER, NEVER]


def test_more_precision_never_lowers_a_threshold() -> None:
    generator = np.random.default_rng(5)
    rows = [[i, 4, int(generator.binomial(4, i / 100))] for i in range(10, 100)]
    levels = [thresholds_for(p, {"a": rows}, AB)[0] for p in (0.5, 0.7, 0.9, 0.95, 0.99)]
    assert levels == sorted(levels)


CURVE = {"WORKPLACE": [[40, 20, 10], [90, 20, 20]]}


def test_given_and_found_mentions_have_their_own_curves() -> None:
    settings = settings_of(given_curves=CURVE, found_curves={"SPOUSE": [[50, 20, 20]]})
    given, found = given_config(settings, 0.9), found_config(settings, 0.9)
    assert sorted(set(given.thresholds.tolist())) == [pytest.approx(0.41), NEVER]
    assert (given.thresholds != found.thresholds).sum() == 2
    plain = given_config(settings)
    assert set(plain.thresholds.tolist()) == {np.float32(settings.pair_threshold)}


def test_weights_without_curves_refuse_a_wanted_precision() -> None:
    with pytest.raises(WeightsError, match="--min-precision"):
        found_config(settings_of(), 0.9)


def test_a_wanted_precision_reaches_the_extractor(tiny_base: LoadedEncoder, tmp_path: Path) -> None:
    names = ("WORKPLACE", "PLACE_OF_BIRTH", "WORKS_AS")
    curves = {name: [[10, 50, 50]] for name in names}
    saved(tiny_base, tmp_path / "w", given_curves=curves, found_curves=curves)
    plain = JointExtractor.open(tmp_path / "w")
    precise = JointExtractor.open(tmp_path / "w", min_precision=0.9)
    assert plain.silenced == ()
    assert set(precise.silenced).isdisjoint(names)
    assert len(precise.silenced) == 49 - len(names)
    assert plain.fingerprint != precise.fingerprint
    found = {r.relation for e in precise.extract(TEXTS) for r in e.relations}
    assert found <= set(names)
    assert {r.relation for e in plain.extract(TEXTS) for r in e.relations} - set(names)


def test_curves_lie_with_the_weights_a_row_a_line(tiny_base: LoadedEncoder, tmp_path: Path) -> None:
    saved(tiny_base, tmp_path / "w", given_curves=CURVE)
    text = (tmp_path / "w" / SETTINGS).read_text("utf-8")
    assert "[40, 20, 10]" in text
    assert json.loads(text)["given_curves"] == CURVE


def test_a_remote_service_has_no_curves() -> None:
    settings = Settings(
        extractor="http://localhost:1", ner_url="http://localhost:1", min_precision=0.9
    )
    with pytest.raises(InputError, match="precision"):
        make_extractor(settings)


@pytest.mark.parametrize("value", ["0", "1", "1.5", "high"])
def test_a_precision_that_is_none_is_refused(value: str) -> None:
    from kgbuild.cli.ingest import ingest

    result = CliRunner().invoke(ingest, [".", "--min-precision", value])
    assert result.exit_code == 2
    assert "--min-precision" in result.output
