"""The same training on a BERT from a folder: what the reference profile runs, made small."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from models_support import tiny_bert
from safetensors.torch import load_file

from kgbuild.errors import FormatError, ModelError, WeightsError
from kgbuild.extract import task_weights
from kgbuild.extract.joint import OUTPUT, JointExtractor
from kgbuild.extract.network import NetworkConfig
from kgbuild.train.recipe import Recipe, reshaped
from kgbuild.train.run import Order, train_weights
from kgbuild.train.scoring.evaluate import evaluate_ner, evaluate_relations
from kgbuild.wiring import joint_extractor
from tests.train.gold import documents, write_brat
from tests.train.test_run import quiet

pytestmark = pytest.mark.slow

CONFIG = NetworkConfig(
    frozen=2, shared=2, span_size=16, pair_size=16, heads=2, max_width=4, dropout=0.0, noise=0.0
)
RECIPE = Recipe(
    epochs=1, encoder_rate=3e-3, head_rate=1e-2, layer_decay=1.0, warmup=0.05, mask=0.0,
    window_tokens=120, batch_tokens=300, held_out=2, network=CONFIG,
)  # fmt: skip


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("encoder") / "bert")


@pytest.fixture
def order(bert: Path, tmp_path: Path) -> Order:
    for gold in documents():
        for half in "ab":
            write_brat(tmp_path / "data", replace(gold, name=f"{gold.name}-{half}"))
    return Order("joint", (tmp_path / "data",), tmp_path / "out", encoder=str(bert))


def test_weights_trained_on_it_open_with_it_and_extract(order: Order, bert: Path) -> None:
    result = train_weights(order, replace(RECIPE, epochs=24), quiet)
    assert result.reports[-1].span_loss < result.reports[0].span_loss / 3
    assert result.reports[-1].pair_loss < result.reports[0].pair_loss / 3
    extractor = joint_extractor(order.output, "cpu")
    assert extractor.settings.encoder == str(bert.resolve())
    assert len(extractor.network.frozen) == 2
    assert len(extractor.network.mention_branch) == 3
    assert evaluate_ner(extractor, documents()).micro.f1 > 0.6
    assert evaluate_relations(extractor, documents()).micro.f1 > 0.6
    [extraction] = extractor.extract([documents()[0].text])
    assert extraction.mentions
    assert extractor.fingerprint.endswith(extractor.settings.base[:16] + OUTPUT)


def test_without_its_encoder_weights_are_refused_by_name(order: Order, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(order.encoder, mine)
    train_weights(replace(order, encoder=str(mine)), RECIPE, quiet)
    vocabulary = mine / "vocab.txt"
    whole = vocabulary.read_text("utf-8")
    vocabulary.write_text(whole.replace("##a\n", "##α\n"), "utf-8")
    with pytest.raises(WeightsError, match=r"out: trained on an encoder .*mine.*altered"):
        JointExtractor.open(order.output)
    vocabulary.write_text(whole, "utf-8")
    assert JointExtractor.open(order.output).extract(["Иван"])
    mine.rename(tmp_path / "elsewhere")
    with pytest.raises(WeightsError, match=r"out: the encoder that the weights were trained on"):
        JointExtractor.open(order.output)


def test_full_training_moves_and_saves_every_layer(order: Order) -> None:
    train_weights(order, reshaped(RECIPE, full=True), quiet)
    names = load_file(order.output / task_weights.WEIGHTS)
    assert {n.split(".")[1] for n in names if n.startswith("trunk.")} == {"0", "1"}
    extractor = JointExtractor.open(order.output)
    assert len(extractor.network.frozen) == 0
    assert len(extractor.network.trunk) == 2
    assert extractor.extract(["Иван Петров"])


def test_low_rank_training_learns_saves_deltas_and_takes_less_room(
    order: Order, tmp_path: Path
) -> None:
    recipe = reshaped(replace(RECIPE, epochs=16), lora=True)
    assert recipe.network.rank == 16
    recipe = replace(recipe, network=replace(recipe.network, rank=4))
    result = train_weights(order, recipe, quiet)
    assert result.reports[-1].span_loss < result.reports[0].span_loss * 0.7
    assert result.reports[-1].pair_loss < result.reports[0].pair_loss / 3
    deltas = [n for n in load_file(order.output / task_weights.WEIGHTS) if "_branch." in n]
    assert deltas
    assert all(name.endswith((".down", ".up")) for name in deltas)
    assert evaluate_relations(JointExtractor.open(order.output), documents()).micro.f1 > 0.3
    whole = replace(order, output=tmp_path / "whole")
    train_weights(whole, RECIPE, quiet)
    assert task_weights.size_of(order.output) < task_weights.size_of(whole.output)


def test_the_card_s_head_trains_without_type_inputs(order: Order) -> None:
    recipe = replace(RECIPE, epochs=24, network=replace(CONFIG, head="card"))
    result = train_weights(replace(order, task="relations"), recipe, quiet)
    assert result.reports[-1].pair_loss < result.reports[0].pair_loss / 3
    assert not [
        n for n in load_file(order.output / task_weights.WEIGHTS) if n.startswith("type_inputs")
    ]
    assert evaluate_relations(JointExtractor.open(order.output), documents()).micro.f1 > 0.6


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        ({"frozen": 3}, "frozen = 3 and shared = 2 layers of an encoder that has 5"),
        ({"shared": 6}, "shared = 6"),
        ({"heads": 3}, "pair_size = 16 isn't a multiple of heads = 3"),
    ],
)
def test_a_network_that_does_not_fit_it_is_refused(
    order: Order, network: dict[str, int], reason: str
) -> None:
    changed = replace(CONFIG, **network)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=reason):
        train_weights(order, replace(RECIPE, network=changed), quiet)


def test_windows_longer_than_it_reads_are_refused(order: Order) -> None:
    with pytest.raises(FormatError, match="window_tokens = 159: the encoder reads 158"):
        train_weights(order, replace(RECIPE, window_tokens=159), quiet)


def test_weights_of_another_encoder_are_no_start(order: Order, tmp_path: Path) -> None:
    train_weights(order, RECIPE, quiet)
    other = tiny_bert(tmp_path / "other", seed=4)
    again = replace(order, encoder=str(other), start=order.output, output=tmp_path / "again")
    with pytest.raises(WeightsError, match="trained on another encoder than"):
        train_weights(again, RECIPE, quiet)
