"""What training hides from the network: random tokens, and whole mentions of relations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from kgbuild.extract.windows import Window
from kgbuild.models.folder import ModelFolder
from kgbuild.train.examples import TrainBatch, collate, prepare
from kgbuild.train.fit import Task, special_ids
from tests.train.gold import documents
from tests.train.test_fit import RECIPE, trainer_of


def batch_of(tokenizer: Tokenizer) -> TrainBatch:
    examples = prepare(documents() * 10, tokenizer, 254)
    group = [(e, Window(0, len(e.table.starts))) for e in examples]
    return collate(group, special_ids(tokenizer), 4)


def hidden_by(
    folder: ModelFolder, tokenizer: Tokenizer, task: Task, **shares: float
) -> tuple[TrainBatch, torch.Tensor, torch.Tensor]:
    """The batch as it was, its ids after, and which of them are the mask."""
    trainer = trainer_of(folder, tokenizer, Path("unused"), replace(RECIPE, **shares), task)  # type: ignore[arg-type]
    before, after = batch_of(tokenizer), batch_of(tokenizer)
    trainer._hide(after, torch.Generator().manual_seed(1))
    return before, after.text.ids, after.text.ids == trainer.mask_id


def covered(batch: TrainBatch, entity: int) -> tuple[int, slice]:
    """The window of a mention and its tokens."""
    window, first, last, _ = batch.pairs.entities[entity].tolist()
    text = batch.text
    return window, slice(int(text.first[window, first]), int(text.last[window, last]) + 1)


def test_a_share_of_tokens_is_hidden_and_no_padding(
    tiny_folder: ModelFolder, tokenizer: Tokenizer
) -> None:
    before, ids, masked = hidden_by(tiny_folder, tokenizer, "ner", mask=0.3)
    assert torch.equal(ids[~masked], before.text.ids[~masked])
    assert not masked[~before.text.mask].any()
    assert not before.text.mask.all()
    share = masked.sum() / before.text.mask.sum()
    assert share == pytest.approx(0.3, abs=0.04)


def test_without_shares_nothing_is_hidden(tiny_folder: ModelFolder, tokenizer: Tokenizer) -> None:
    before, ids, masked = hidden_by(
        tiny_folder, tokenizer, "relations", mask=0.0, mask_mentions=0.0
    )
    assert torch.equal(ids, before.text.ids)
    assert not masked.any()


def test_a_hidden_mention_is_hidden_whole_and_the_rest_stays(
    tiny_folder: ModelFolder, tokenizer: Tokenizer
) -> None:
    before, _, masked = hidden_by(tiny_folder, tokenizer, "relations", mask=0.0, mask_mentions=0.3)
    explained = torch.zeros_like(masked)
    whole = 0
    for entity in range(len(before.pairs.entities)):
        window, tokens = covered(before, entity)
        if masked[window, tokens].all():
            explained[window, tokens] = True
            whole += 1
    assert torch.equal(explained, masked)
    assert 0.15 < whole / len(before.pairs.entities) < 0.5  # some lie inside hidden ones


@pytest.mark.parametrize("task", ["ner", "joint"])
def test_mentions_are_hidden_only_where_relations_are_trained_alone(
    tiny_folder: ModelFolder, tokenizer: Tokenizer, task: Task
) -> None:
    _, _, masked = hidden_by(tiny_folder, tokenizer, task, mask=0.0, mask_mentions=1.0)
    assert not masked.any()
