"""The ranker as a network that learns, and its loss; NumPy runs what it exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from kgbuild.ask.candidates import STEPS
from kgbuild.ask.decide import LEAST_SURE
from kgbuild.ask.features import BUCKETS, FIGURES, TYPE, QuestionView
from kgbuild.ask.ranker import BUCKET_SCALE, CLIP, SHAPES, STATS, VECTOR_SCALE

if TYPE_CHECKING:
    from kgbuild.train.ranking import Hint, Lesson

HINTS, SHAPE_LOSS, MISSED = 0.3, 0.3, 0.3
"""Weights of the losses over hints and shapes, and of a question whose answer isn't proposed."""

FORGOTTEN = 0.12
"""Share of lessons whose right candidates are left out, as if the graph lacked the fact."""

_NEVER = -1e9
_CONFIDENCE = FIGURES.index("confidence")


class Net(nn.Module):
    """What :class:`kgbuild.ask.ranker.Ranker` computes, with dropout."""

    def __init__(
        self, k: int, h: int, drop: float, mean: NDArray[np.float32], std: NDArray[np.float32]
    ) -> None:
        super().__init__()
        self.vector = nn.Linear(768, k)
        self.words = nn.EmbeddingBag(BUCKETS, k, mode="sum")
        self.first = nn.Embedding(len(STEPS) + 1, k)
        self.last = nn.Embedding(len(STEPS) + 1, k)
        self.types = nn.Parameter(torch.randn(3, len(TYPE) + 1, k) * 0.2)
        nn.init.normal_(self.words.weight, 0, 0.02)
        nn.init.normal_(self.first.weight, 0, 0.2)
        nn.init.normal_(self.last.weight, 0, 0.2)
        self.mean = nn.Parameter(torch.from_numpy(mean), requires_grad=False)
        self.std = nn.Parameter(torch.from_numpy(std), requires_grad=False)
        self.a = nn.Linear(len(FIGURES) + 5 + k, h)
        self.b = nn.Linear(h, h)
        self.c = nn.Linear(h, 1)
        self.none = nn.Linear(k + len(STATS), 1)
        self.shape = nn.Linear(k, len(SHAPES))
        self.drop = nn.Dropout(drop)

    def query(self, seen: Sequence[QuestionView]) -> Tensor:
        """Questions in the ranker's space [b, k]."""
        vectors = torch.from_numpy(np.stack([one.vector for one in seen]))
        words = torch.from_numpy(np.concatenate([one.buckets for one in seen]))
        counts = torch.tensor([len(one.buckets) for one in seen])
        offsets = torch.cat([torch.zeros(1, dtype=torch.long), counts.cumsum(0)[:-1]])
        said = self.words(words, offsets) / counts.clamp(min=1).sqrt()[:, None]
        found: Tensor = self.drop(self.vector(vectors * VECTOR_SCALE) + BUCKET_SCALE * said)
        return found

    def scores(self, query: Tensor, paths: Tensor, figures: Tensor) -> Tensor:
        """A score of each candidate [n], whose question's vectors are ``query`` [n, k]."""
        steps = self.first(paths[:, 0]), self.last(paths[:, 1])
        types = [self.types[slot][paths[:, 2 + slot]] for slot in range(3)]
        products = torch.stack([(query * part).sum(1) for part in (*steps, *types)], 1)
        seen = torch.clamp((figures - self.mean) / self.std, -CLIP, CLIP)
        joint = (steps[0] + steps[1] + types[2]) * query
        hidden = functional.relu(self.a(torch.cat([seen, products, joint], 1)))
        hidden = functional.relu(self.b(self.drop(hidden)))
        found: Tensor = self.c(hidden)[:, 0] + products[:, 0] + products[:, 1] + products[:, 4]
        return found

    def exported(self) -> dict[str, NDArray[np.float32]]:
        """The weights by the ranker's names."""
        named = {
            "vector": self.vector.weight, "vector_bias": self.vector.bias,
            "words": self.words.weight, "first": self.first.weight, "last": self.last.weight,
            "type": self.types, "mean": self.mean, "std": self.std, "a": self.a.weight,
            "a_bias": self.a.bias, "b": self.b.weight, "b_bias": self.b.bias,
            "c": self.c.weight[0], "c_bias": self.c.bias, "none": self.none.weight[0],
            "none_bias": self.none.bias, "shape": self.shape.weight, "shape_bias": self.shape.bias,
        }  # fmt: skip
        return {name: tensor.detach().numpy().copy() for name, tensor in named.items()}


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lessons with their candidates one below the other; ``of`` [n] is each one's lesson."""

    seen: list[QuestionView]
    stats: Tensor
    shapes: Tensor
    answerable: Tensor
    paths: Tensor
    figures: Tensor
    right: Tensor
    of: Tensor


def batch_of(lessons: Sequence[Lesson], negatives: int, rng: np.random.Generator) -> Batch:
    """Lessons with all right candidates and at most so many others of each."""
    paths, figures, right, of, held = [], [], [], [], []
    for at, lesson in enumerate(lessons):
        good, bad = np.flatnonzero(lesson.right > 0), np.flatnonzero(lesson.right == 0)
        forgotten = rng.random() < FORGOTTEN
        if forgotten:
            good = good[:0]
        held.append(bool(lesson.asking.forms) and not forgotten)
        if len(bad) > negatives:
            bad = rng.choice(bad, negatives, replace=False)
        chosen = np.concatenate([good, bad]) if lesson.shape == 0 else bad[:0]
        paths.append(lesson.view.paths[chosen])
        figures.append(lesson.view.figures[chosen])
        right.append(lesson.right[chosen])
        of.append(np.full(len(chosen), at))
    return Batch(
        [lesson.seen for lesson in lessons],
        torch.from_numpy(np.stack([lesson.stats for lesson in lessons])),
        torch.tensor([lesson.shape for lesson in lessons]),
        torch.tensor(held),
        *(torch.from_numpy(np.concatenate(some)) for some in (paths, figures, right, of)),
    )


def _summed(scores: Tensor, of: Tensor, count: int) -> Tensor:
    """The logarithm of the sum of exponentials of each lesson's scores."""
    top = torch.full((count,), _NEVER).scatter_reduce(0, of, scores, "amax", include_self=True)
    total = torch.zeros(count).index_add(0, of, torch.exp(scores - top[of]))
    return torch.log(total.clamp(min=1e-30)) + top


def joined_loss(net: Net, batch: Batch, hints: Sequence[Hint]) -> Tensor:
    """Of candidates against «none», of shapes, and of hints; a candidate counts by how likely
    its facts are true, as it does when a question is asked."""
    query, count = net.query(batch.seen), len(batch.seen)
    scores = net.scores(query[batch.of], batch.paths, batch.figures)
    scores = scores + torch.log(batch.figures[:, _CONFIDENCE].clamp(min=LEAST_SURE))
    none = net.none(torch.cat([query, batch.stats], 1))[:, 0]
    every = torch.logaddexp(_summed(scores, batch.of, count), none)
    counted = torch.where(
        batch.right > 0, scores + torch.log(batch.right.clamp(min=1e-6)), torch.tensor(_NEVER)
    )
    has = torch.zeros(count).index_add(0, batch.of, batch.right) > 0
    wanted = torch.where(has, _summed(counted, batch.of, count), none)
    weight = torch.where(has | ~batch.answerable, 1.0, MISSED) * (batch.shapes == 0)
    loss = ((every - wanted) * weight).mean()
    loss = loss + SHAPE_LOSS * functional.cross_entropy(net.shape(query), batch.shapes)
    if hints:
        logits = net.query([hint.seen for hint in hints]) @ net.last.weight[: len(STEPS)].T
        steps = torch.from_numpy(np.stack([hint.steps for hint in hints]))
        meant = torch.logsumexp(logits.masked_fill(~steps, _NEVER), 1)
        loss = loss + HINTS * (torch.logsumexp(logits, 1) - meant).mean()
    return loss
