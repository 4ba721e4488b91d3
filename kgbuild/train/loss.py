"""The losses of the joint network: binary cross-entropies in nats, summed over labels."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from kgbuild.extract.batch import COREFERENCE, PairBatch, allowed_labels
from kgbuild.ontology import ENTITY_TYPES
from kgbuild.train.examples import TrainBatch

UNREACHABLE = -30.0
"""The logit of a label that a pair can't have."""


def span_loss(logits: Tensor, batch: TrainBatch) -> Tensor:
    """Sum over all real spans and types of the binary cross-entropy.

    Computed as −Σ log(1 − p) over everything, corrected at the few gold cells. Where
    references aren't annotated nothing is said of them.
    """
    words = batch.text.words
    inside = torch.nn.functional.pad(words, (0, logits.shape[2] - 1))
    valid = inside.unfold(1, logits.shape[2], 1).unsqueeze(-1)
    negative = -logsigmoid(-logits.float()).masked_fill(~valid, 0.0)
    unsure = negative[tuple(batch.unsure.unbind(1))].sum()
    names = negative[..., : len(ENTITY_TYPES)].sum() - unsure
    references = negative[batch.referring][..., len(ENTITY_TYPES) :].sum()
    window, word, width, kind = batch.spans[batch.spans[:, 3] < logits.shape[3]].unbind(1)
    return names + references - logits[window, word, width, kind].float().sum()


def pair_loss(logits: Tensor, batch: TrainBatch, weights: Tensor | None = None) -> Tensor:
    """Sum over bags of pairs of the multi-label loss on the relations allowed for their types,
    and over references of that on what they mean.

    A bag's logit is the log-sum-exp of its pairs': one that states the fact is enough
    (multi-instance learning; over mentions of two entities as in Jia et al. 2019).
    ``weights`` [49] multiply the positives of each relation.
    """
    if len(logits) == 0:
        return logits.sum().float()
    allowed = allowed_of(batch.pairs)[:, : min(logits.shape[1], COREFERENCE)]
    columns = allowed.shape[1]
    scores = logits[:, :columns].float().masked_fill(~allowed, UNREACHABLE)
    pooled = log_sum_exp(scores, batch.bags, len(batch.labels))
    counted = torch.zeros_like(pooled)
    counted = counted.index_add(0, batch.bags, allowed.float()).clamp(max=1.0)
    positive = torch.ones(columns, device=logits.device)
    if weights is not None:
        positive[: len(weights)] = weights
    loss = binary_cross_entropy_with_logits(
        pooled, batch.labels[:, :columns], weight=batch.known[:, :columns] * counted,
        pos_weight=positive, reduction="sum",
    )  # fmt: skip
    meant = batch.coreference >= 0
    if logits.shape[1] > COREFERENCE and meant.any():
        loss = loss + binary_cross_entropy_with_logits(
            logits[meant, COREFERENCE].float(), batch.coreference[meant], reduction="sum"
        )
    return loss


def allowed_of(pairs: PairBatch) -> Tensor:
    """[P, 50]: the relations allowed for each pair's types, and denial where any is."""
    table = torch.from_numpy(allowed_labels()).to(pairs.pairs.device)
    kinds = pairs.entities[:, 3][pairs.pairs]
    allowed = table[kinds[:, 0], kinds[:, 1]] & pairs.related.unsqueeze(1)
    return torch.cat([allowed, allowed.any(1, keepdim=True)], 1)


def log_sum_exp(values: Tensor, groups: Tensor, count: int) -> Tensor:
    """Log-sum-exp within groups: [P, k], [P] → [count, k]."""
    index = groups.unsqueeze(1).expand_as(values)
    highest = values.new_full((count, values.shape[1]), UNREACHABLE)
    highest = highest.scatter_reduce(0, index, values.detach(), "amax", include_self=False)
    summed = values.new_zeros(count, values.shape[1])
    summed = summed.index_add(0, groups, (values - highest[groups]).exp())
    return highest + summed.clamp(min=1e-30).log()
