"""Settings of trained weights → how to read their scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import WeightsError
from kgbuild.extract.batch import RELATION_INDEX, TYPE_INDEX
from kgbuild.extract.calibration import table_of
from kgbuild.extract.decode import DecodingConfig
from kgbuild.extract.precision import Curve, thresholds_for
from kgbuild.extract.task_weights import ExtractionSettings


def span_config(settings: ExtractionSettings) -> DecodingConfig:
    """How mentions are read."""
    return DecodingConfig(
        table_of(settings.span_calibration, TYPE_INDEX),
        vector(settings.span_thresholds, settings.span_threshold, TYPE_INDEX),
    )


def given_config(
    settings: ExtractionSettings, min_precision: float | None = None
) -> DecodingConfig:
    """How relations between given mentions are read.

    Raises:
        WeightsError: a precision is wanted and the weights came without curves.
    """
    table = table_of(settings.pair_calibration, RELATION_INDEX)
    best = vector(settings.pair_thresholds, settings.pair_threshold, RELATION_INDEX)
    return DecodingConfig(table, _levels(best, settings.given_curves, min_precision))


def found_config(
    settings: ExtractionSettings, min_precision: float | None = None
) -> DecodingConfig:
    """How relations between mentions found by the same weights are read; errors as above.

    Weights without a calibration of their own for these take that of given mentions.
    """
    own = settings.found_calibration
    if not own:
        given = given_config(settings)
        return DecodingConfig(
            given.calibration, _levels(given.thresholds, settings.found_curves, min_precision)
        )
    best = vector(settings.found_thresholds, settings.found_threshold, RELATION_INDEX)
    return DecodingConfig(
        table_of(own, RELATION_INDEX), _levels(best, settings.found_curves, min_precision)
    )


CANDIDATE = 0.1
"""The least probability of a relation that is kept for questions no fact answers. Chosen on
NEREL dev: `kgbuild eval questions --predicted`; docs/decisions/037."""


def candidate_config(settings: ExtractionSettings) -> DecodingConfig:
    """How relations too weak to state are read: as found ones, down to ``CANDIDATE``."""
    found = found_config(settings)
    return replace(found, thresholds=np.minimum(found.thresholds, np.float32(CANDIDATE)))


def _levels(
    best: NDArray[np.float32], curves: Mapping[str, Curve], min_precision: float | None
) -> NDArray[np.float32]:
    """The thresholds of best F1, or those of a wanted precision."""
    if min_precision is None:
        return best
    if not curves:
        raise WeightsError(
            "the weights hold no precision curves, which --min-precision needs: train with"
            " held-out documents, or leave it out"
        )
    return thresholds_for(min_precision, curves, RELATION_INDEX)


def vector(
    by_name: Mapping[str, float], default: float, index: Mapping[str, int]
) -> NDArray[np.float32]:
    """Thresholds by name → an array in the order of the network's outputs."""
    values = np.full(len(index), default, np.float32)
    for name, value in by_name.items():
        values[index[name]] = value
    return values
