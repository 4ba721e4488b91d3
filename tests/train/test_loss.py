"""The losses equal naive dense computations."""

from __future__ import annotations

from dataclasses import replace

import torch
from tokenizers import Tokenizer
from torch.nn.functional import binary_cross_entropy_with_logits

from kgbuild.extract.batch import allowed_labels
from kgbuild.extract.windows import Window
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.examples import TrainBatch, collate, prepare
from kgbuild.train.fit import special_ids
from kgbuild.train.loss import pair_loss, span_loss
from tests.train.gold import document, documents

WIDTH = 4


def batch_of(tokenizer: Tokenizer, gold: list[GoldDocument]) -> TrainBatch:
    examples = prepare(gold, tokenizer, 254)
    group = [(e, Window(0, len(e.table.starts))) for e in examples]
    return collate(group, special_ids(tokenizer), WIDTH)


def test_the_span_loss_is_the_dense_cross_entropy(tokenizer: Tokenizer) -> None:
    batch = batch_of(tokenizer, documents())
    count, words = batch.text.words.shape
    torch.manual_seed(0)
    logits = torch.randn(count, words, WIDTH, 29) * 3
    expected = 0.0
    gold = {tuple(row) for row in batch.spans.tolist()}
    for window in range(count):
        real = int(batch.text.words[window].sum())
        for word in range(real):
            for width in range(min(WIDTH, real - word)):
                target = torch.tensor(
                    [float((window, word, width, kind) in gold) for kind in range(29)]
                )
                expected += float(
                    binary_cross_entropy_with_logits(
                        logits[window, word, width], target, reduction="sum"
                    )
                )
    torch.testing.assert_close(
        span_loss(logits, batch), torch.tensor(expected), rtol=1e-4, atol=0.01
    )


def test_spans_that_nothing_is_known_of_cost_nothing(tokenizer: Tokenizer) -> None:
    known = documents()[0]
    doubtful = known.mentions[0]
    rest = replace(known, mentions=known.mentions[1:], relations=(), links={})
    open_to = replace(rest, unsure=(doubtful,))
    batch, sure = batch_of(tokenizer, [open_to]), batch_of(tokenizer, [rest])
    [cell] = batch.unsure.tolist()
    logits = torch.randn(*batch.text.words.shape, WIDTH, 29)
    other = logits.clone()
    other[tuple(cell)] = 9.0
    assert torch.equal(span_loss(logits, batch), span_loss(other, batch))
    assert span_loss(other, sure) > span_loss(other, batch) + 8


def test_the_span_loss_reads_no_padding(tokenizer: Tokenizer) -> None:
    batch = batch_of(tokenizer, documents())
    logits = torch.zeros(*batch.text.words.shape, WIDTH, 29)
    before = span_loss(logits, batch)
    for window, real in enumerate(batch.text.words.sum(1).tolist()):
        logits[window, real:] = 99.0
        for width in range(1, WIDTH):
            logits[window, real - width :, width] = 99.0
    assert torch.equal(span_loss(logits, batch), before)


def test_the_pair_loss_is_the_cross_entropy_over_allowed_labels(tokenizer: Tokenizer) -> None:
    batch = batch_of(tokenizer, documents())
    torch.manual_seed(0)
    logits = torch.randn(len(batch.pairs.pairs), 49) * 3
    expected = 0.0
    for row, (s, o) in enumerate(batch.pairs.pairs.tolist()):
        kinds = batch.pairs.entities[[s, o], 3].tolist()
        for label in range(49):
            if allowed_labels()[kinds[0], kinds[1], label]:
                expected += float(
                    binary_cross_entropy_with_logits(logits[row, label], batch.labels[row, label])
                )
    loss = pair_loss(logits, batch)
    torch.testing.assert_close(loss, torch.tensor(expected), rtol=1e-4, atol=0.01)


def test_without_pairs_the_loss_is_zero_and_has_a_gradient(tokenizer: Tokenizer) -> None:
    batch = batch_of(tokenizer, [document("a", "[Иван|PERSON]")])
    logits = torch.zeros(0, 49, requires_grad=True)
    loss = pair_loss(logits, batch)
    torch.autograd.backward(loss)
    assert loss.item() == 0.0


def test_better_scores_cost_less(tokenizer: Tokenizer) -> None:
    batch = batch_of(tokenizer, documents())
    good = torch.full((*batch.text.words.shape, WIDTH, 29), -8.0)
    window, word, width, kind = batch.spans.unbind(1)
    good[window, word, width, kind] = 8.0
    assert span_loss(good, batch) < 5 < span_loss(torch.zeros_like(good), batch)
    assert pair_loss(batch.labels[:, :49] * 16 - 8, batch) < 0.2
