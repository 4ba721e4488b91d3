"""A whole training run, from a folder of annotations to weights that extract."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kgbuild.errors import FormatError, InputError, WeightsError
from kgbuild.extract import task_weights
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.network import NetworkConfig
from kgbuild.models import bases, encoder
from kgbuild.models.encoder import LoadedEncoder, load_encoder_folder
from kgbuild.models.folder import ModelFolder
from kgbuild.train.corpora.corpus import read_corpus
from kgbuild.train.partial import with_unsure
from kgbuild.train.recipe import Recipe
from kgbuild.train.run import Order, as_start_sees, train_weights, trainable
from kgbuild.train.scoring.evaluate import evaluate_ner
from tests.train.dossier import NOTE, NOTE_FACTS, write
from tests.train.gold import documents, write_brat

pytestmark = pytest.mark.slow

CONFIG = NetworkConfig(
    frozen=1, shared=2, span_size=32, pair_size=32, max_width=4, dropout=0.0, noise=0.0
)
RECIPE = Recipe(
    epochs=40, encoder_rate=3e-3, head_rate=1e-2, layer_decay=1.0, warmup=0.05, mask=0.0,
    window_tokens=120, batch_tokens=300, held_out=2, network=CONFIG,
)  # fmt: skip


@pytest.fixture(autouse=True)
def tiny_base(tiny_folder: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded encoder is a tiny one, loaded anew each time."""

    def load(device: str = "auto", dtype: torch.dtype | None = None) -> LoadedEncoder:
        return load_encoder_folder(tiny_folder, "cpu", torch.float32)

    monkeypatch.setattr(bases, "load_base_encoder", load)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Every document twice, under two names: one of each is held out."""
    for gold in documents():
        write_brat(tmp_path / "data", replace(gold, name=f"{gold.name}-a"))
        write_brat(tmp_path / "data", replace(gold, name=f"{gold.name}-b"))
    return tmp_path / "data"


def quiet(done: int, total: int, state: str) -> None:
    """No progress is shown."""


def test_a_folder_of_annotations_becomes_weights(data: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, held_out=4)  # every second: the -b of each
    result = train_weights(Order("joint", (data,), tmp_path / "out"), recipe, quiet)
    assert len(result.reports) == 40
    assert result.reports[-1].held_out_span_loss < result.reports[0].held_out_span_loss / 2
    extractor = JointExtractor.open(tmp_path / "out")
    assert evaluate_ner(extractor, documents()).micro.f1 > 0.7
    settings = extractor.settings
    assert result.thresholds == {"span": settings.span_threshold, "pair": settings.pair_threshold}
    assert settings.tokens == 120
    assert settings.notes["task"] == "joint"
    assert json.loads(json.dumps(settings.notes["recipe"])) == json.loads(
        json.dumps(recipe.to_dict())
    )
    assert (tmp_path / ".out.run" / "report.json").is_file()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "manifest.json", "settings.json", "weights.safetensors",
    ]  # fmt: skip


def test_what_earlier_weights_see_in_partial_annotations_does_not_count(
    data: Path, tmp_path: Path
) -> None:
    train_weights(Order("joint", (data,), tmp_path / "first"), RECIPE, quiet)
    bare = [replace(gold, mentions=(), relations=()) for gold in documents()]
    seen = with_unsure(bare, JointExtractor.open(tmp_path / "first"))
    missed = {m for gold in documents() for m in gold.mentions}
    found = {m for document in seen for m in document.unsure}
    assert len(found & missed) > 0.7 * len(missed)
    for gold in bare:
        write_brat(tmp_path / "partial", replace(gold, name=f"{gold.name}-p"))
    order = Order(
        "ner", (data,), tmp_path / "second", tmp_path / "first", partial=(tmp_path / "partial",)
    )
    train_weights(order, replace(RECIPE, epochs=4), quiet)
    extractor = JointExtractor.open(tmp_path / "second")
    assert evaluate_ner(extractor, documents()).micro.f1 > 0.7


def test_relations_are_learnt_between_mentions_that_earlier_weights_find(tmp_path: Path) -> None:
    for name in ("mill", "yard"):
        write(tmp_path / "data" / name, "one", NOTE, NOTE_FACTS)
        write(tmp_path / "partial" / name, "two", NOTE, "p1 SPOUSE p2")
    data, partial = (tmp_path / "data",), (tmp_path / "partial",)
    network = replace(CONFIG, references=1)
    recipe = replace(RECIPE, network=network, held_out=1, epochs=60)
    train_weights(Order("joint", data, tmp_path / "first"), recipe, quiet)
    learnt = as_start_sees(
        Order("relations", data, tmp_path / "second", tmp_path / "first", partial=partial),
        replace(recipe, found=0.5),
        read_corpus(data).train,
    )
    found = [document.as_found for document in learnt]
    assert [document.name for document in learnt] == [
        "mill/one",
        "yard/one",
        "mill/two",
        "yard/two",
    ]
    assert all(read is not None and len(read.mentions) >= 4 for read in found)
    unsaid = {(f.subject[5:], f.relation, f.object[5:]) for d in learnt[2:] for f in d.unsaid}
    assert ("p1", "WORKPLACE", "o1") in unsaid
    assert not any({s, o} == {"p1", "p2"} for s, _, o in unsaid)
    with pytest.raises(InputError, match="--start"):
        train_weights(Order("relations", data, tmp_path / "x"), replace(recipe, found=0.5), quiet)
    with pytest.raises(InputError, match="for relations, not ner"):
        train_weights(Order("ner", data, tmp_path / "x"), replace(recipe, found=0.5), quiet)


def test_partial_annotations_need_weights_that_see_what_they_lack(
    data: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="--start"):
        train_weights(Order("ner", (data,), tmp_path / "out", partial=(data,)), RECIPE, quiet)


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [({"avx2"}, torch.float32), ({"avx512_bf16"}, torch.bfloat16), ({"amx_bf16"}, torch.bfloat16)],
)
def test_a_network_trains_in_what_the_processor_is_fast_at(
    flags: set[str], dtype: torch.dtype, tiny_folder: ModelFolder, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(encoder, "cpu_flags", lambda: frozenset(flags))
    made = trainable(
        load_encoder_folder(tiny_folder, "cpu"), RECIPE, Order("joint", (), tmp_path / "out")
    )
    layers = [p.dtype for name, p in made.named_parameters() if name.startswith("trunk.")]
    assert layers
    assert set(layers) == {dtype}


def test_training_leaves_the_arithmetic_of_the_process_exact(data: Path, tmp_path: Path) -> None:
    train_weights(Order("joint", (data,), tmp_path / "out"), replace(RECIPE, epochs=1), quiet)
    smallest = np.array([np.finfo(np.float64).tiny])
    assert float(smallest[0]) / 2 > 0
    assert (smallest / 2 > 0).all()


def test_running_again_goes_on_and_writes_again(data: Path, tmp_path: Path) -> None:
    order = Order("joint", (data,), tmp_path / "out")
    first = train_weights(order, replace(RECIPE, epochs=1), quiet)
    again = train_weights(order, replace(RECIPE, epochs=2), quiet)
    assert again.reports[:1] == first.reports
    assert len(again.reports) == 2


def test_a_single_task_from_weights_leaves_the_other_as_it_was(data: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=3)
    train_weights(Order("joint", (data,), tmp_path / "both"), recipe, quiet)
    order = Order("ner", (data,), tmp_path / "ner", start=tmp_path / "both")
    train_weights(order, recipe, quiet)
    before, after = (
        task_weights.trained_state(JointExtractor.open(tmp_path / name).network)
        for name in ("both", "ner")
    )
    for name, tensor in before.items():
        changed = not torch.equal(tensor, after[name])
        part = name.split(".")[0]
        if part in ("trunk", "relation_branch", "type_inputs", "pairs"):
            assert not changed, name
    assert any(not torch.equal(before[n], after[n]) for n in before if n.startswith("spans"))


def test_without_held_out_documents_thresholds_keep_their_defaults(
    data: Path, tmp_path: Path
) -> None:
    order = Order("joint", (data,), tmp_path / "out")
    result = train_weights(order, replace(RECIPE, epochs=1, held_out=0), quiet)
    assert result.thresholds == {"span": 0.5, "pair": 0.5}


def test_held_out_documents_without_mentions_are_borne(tmp_path: Path) -> None:
    for number, gold in enumerate(documents()):
        empty = replace(gold, name=str(number), text="Да", mentions=(), relations=())
        write_brat(tmp_path / "data", gold if number % 2 == 0 else empty)
    order = Order("joint", (tmp_path / "data",), tmp_path / "out")
    train_weights(order, replace(RECIPE, epochs=1), quiet)
    assert JointExtractor.open(tmp_path / "out").extract([""])


def test_a_folder_of_other_files_is_refused_before_training(data: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="data holds other files"):
        train_weights(Order("joint", (data,), data), RECIPE, quiet)
    assert len(list(data.iterdir())) == 16
    assert not list(tmp_path.glob(".*.run"))


def test_data_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FormatError, match="empty"):
        train_weights(Order("joint", (tmp_path / "empty",), tmp_path / "out"), RECIPE, quiet)


def test_a_checkpoint_of_another_recipe_is_refused(data: Path, tmp_path: Path) -> None:
    order = Order("joint", (data,), tmp_path / "out")
    train_weights(order, replace(RECIPE, epochs=1), quiet)
    other = replace(RECIPE, epochs=2, network=replace(CONFIG, span_size=16))
    with pytest.raises(WeightsError, match=r"checkpoint\.safetensors"):
        train_weights(order, other, quiet)
