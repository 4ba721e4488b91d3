"""The losses of the joint network: binary cross-entropies in nats, summed over labels."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from kgbuild.extract.batch import PairBatch, allowed_labels
from kgbuild.train.examples import TrainBatch


def span_loss(logits: Tensor, batch: TrainBatch) -> Tensor:
    """Sum over all real spans and types of the binary cross-entropy.

    Computed as −Σ log(1 − p) over everything, corrected at the few gold cells.
    """
    words = batch.text.words
    inside = torch.nn.functional.pad(words, (0, logits.shape[2] - 1))
    valid = inside.unfold(1, logits.shape[2], 1).unsqueeze(-1)
    negative = -logsigmoid(-logits.float()).masked_fill(~valid, 0.0)
    window, word, width, kind = batch.spans.unbind(1)
    return negative.sum() - logits[window, word, width, kind].float().sum()


def pair_loss(
    logits: Tensor, labels: Tensor, pairs: PairBatch, weights: Tensor | None = None
) -> Tensor:
    """Sum over candidate pairs of the multi-label loss on the relations allowed for their types.

    ``weights`` [49] multiply the positives of each relation.
    """
    if len(logits) == 0:
        return logits.sum().float()
    table = torch.from_numpy(allowed_labels()).to(logits.device)
    kinds = pairs.entities[:, 3][pairs.pairs]
    mask = table[kinds[:, 0], kinds[:, 1]]
    return binary_cross_entropy_with_logits(
        logits.float(), labels, weight=mask.float(), pos_weight=weights, reduction="sum"
    )
