"""R-BERT's head over all candidate pairs of a batch of windows at once.

From R-BERT (Wu and He 2019; multi-label after the bertre model card) it keeps the
sentence vector, the averaged entity tokens and the type embeddings. Three things are
added. The two mentions attend to the window together, so that a pair reads the words
that relate just these two (localised context pooling, Zhou et al. 2021, "ATLOP"). A
mention hears of the other pairs it stands in, so that rivals for one role know of each
other (:class:`Rivals`). And the words between, the distance, the nesting and the likeness
of the two names are features.

Projections are made once a mention and gathered a pair: scoring every pair of a window
costs little beside the encoder.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from kgbuild.extract.batch import BUCKETS, PairBatch, TextBatch
from kgbuild.extract.words import cumulate, gather
from kgbuild.ontology import ENTITY_TYPES, RELATIONS

HEADS = ("pairs", "card")
"""The scorers by their names in a recipe: :class:`PairScorer`, :class:`CardScorer`."""


class PairScorer(nn.Module):
    """Logits of every label for every candidate pair; ``size`` is a multiple of ``heads``,
    ``counts`` are those of types of spans and of labels."""

    def __init__(
        self, hidden: int, size: int, heads: int, dropout: float, counts: tuple[int, int]
    ) -> None:
        super().__init__()
        types, labels = counts
        self.entity = nn.Linear(3 * hidden, 4 * size)
        self.types = nn.Embedding(types, 4 * size)
        self.context = nn.Linear(hidden, size)
        self.between = nn.Linear(hidden, size, bias=False)
        self.features = nn.ModuleList(nn.Embedding(count, size) for count in BUCKETS)
        self.focus = Focus(hidden, size, heads)
        self.rivals = Rivals(size, heads)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(size, labels)
        nn.init.constant_(self.out.bias, -5.0)
        nn.init.normal_(self.types.weight, std=0.02)
        for table in self.features.parameters():
            nn.init.zeros_(table)

    def forward(self, states: Tensor, batch: TextBatch, pairs: PairBatch) -> Tensor:
        """States [B, L, H] → logits [P, labels]."""
        window, first, last, kind = pairs.entities.unbind(1)
        starts, ends = gather(states, batch.first), gather(states, batch.last)
        sums = cumulate(starts)
        length = (last - first + 1).unsqueeze(1)
        mean = (sums[window, last + 1] - sums[window, first]) / length
        entity = torch.cat([mean.to(starts.dtype), starts[window, first], ends[window, last]], 1)
        entity = self.dropout(entity)
        projected = self.entity(entity) + self.types(kind)
        add_s, add_o, mul_s, mul_o = projected.chunk(4, 1)
        subject, obj = pairs.pairs.unbind(1)
        hidden = add_s[subject] + add_o[obj] + mul_s[subject] * mul_o[obj]
        hidden = hidden + self.context(states[:, 0])[window[subject]]
        hidden = hidden + self._between(starts, (window, first, last), (subject, obj))
        hidden = hidden + self.focus(states, batch, pairs, entity)
        for table, feature in zip(self.features, pairs.features.unbind(1), strict=True):
            hidden = hidden + table(feature)
        hidden = self.rivals(self.dropout(gelu(hidden)), pairs)
        return self.out(self.dropout(hidden))  # type: ignore[no-any-return]

    def _between(
        self,
        words: Tensor,
        place: tuple[Tensor, Tensor, Tensor],
        pair: tuple[Tensor, Tensor],
    ) -> Tensor:
        """The mean of the words between the two mentions [P, size]; zero where there are none."""
        window, first, last = place
        subject, obj = pair
        sums = cumulate(self.between(words))
        begin = torch.minimum(last[subject], last[obj]) + 1
        end = torch.maximum(first[subject], first[obj]).maximum(begin)
        total = sums[window[subject], end] - sums[window[subject], begin]
        return total / (end - begin).clamp(min=1).unsqueeze(1)


class Focus(nn.Module):
    """What a pair reads in its window: attention by the product of its mentions' attentions."""

    def __init__(self, hidden: int, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.subject = nn.Linear(3 * hidden, size)
        self.object = nn.Linear(3 * hidden, size)
        self.key = nn.Linear(hidden, size, bias=False)
        self.value = nn.Linear(hidden, size)
        self.out = nn.Linear(size, size, bias=False)

    def forward(
        self, states: Tensor, batch: TextBatch, pairs: PairBatch, entities: Tensor
    ) -> Tensor:
        """States [B, L, H] and mentions [N, 3H] → context [P, size]."""
        keys, values = self._split(self.key(states)), self._split(self.value(states))
        asks = self._split(self.subject(entities)), self._split(self.object(entities))
        window = pairs.entities[:, 0]
        mentions = torch.bincount(window, minlength=len(states)).tolist()
        counts = torch.bincount(window[pairs.pairs[:, 0]], minlength=len(states)).tolist()
        lengths = batch.mask.sum(1).tolist()
        found: list[Tensor] = []
        begin = base = 0
        for row, (held, count) in enumerate(zip(mentions, counts, strict=True)):
            mine = pairs.pairs[begin : begin + count] - base
            key = (keys[row, : lengths[row]] * (keys.shape[-1] ** -0.5)).permute(1, 2, 0)
            subject, obj = (ask[base : base + held].transpose(0, 1) @ key for ask in asks)
            weights = (subject[:, mine[:, 0]] + obj[:, mine[:, 1]]).softmax(-1)
            read = weights.to(values.dtype) @ values[row, : lengths[row]].transpose(0, 1)
            found.append(read.transpose(0, 1).flatten(1))
            begin, base = begin + count, base + held
        return self.out(torch.cat(found))  # type: ignore[no-any-return]

    def _split(self, values: Tensor) -> Tensor:
        """[..., size] → [..., heads, size / heads]."""
        return values.view(*values.shape[:-1], self.heads, values.shape[-1] // self.heads)


class Rivals(nn.Module):
    """A residual layer in which a pair hears of the other pairs of its two mentions.

    Each mention sums up, by attention, the pairs it is the subject of and those it is
    the object of.
    """

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.score = nn.Linear(size, 2 * heads)
        self.news = nn.Linear(size, 2 * size)
        self.mention = nn.Linear(2 * size, 2 * size)
        self.pair = nn.Linear(size, size)
        self.out = nn.Linear(size, size)
        nn.init.zeros_(self.out.weight)

    def forward(self, hidden: Tensor, pairs: PairBatch) -> Tensor:
        """Pairs [P, size] → the same, informed."""
        count = len(pairs.entities)
        scores, news = self.score(hidden).chunk(2, 1), self.news(hidden).chunk(2, 1)
        ends = pairs.pairs.unbind(1)
        told = [pool(s, n, e, count) for s, n, e in zip(scores, news, ends, strict=True)]
        subject, obj = self.mention(torch.cat(told, 1).to(hidden.dtype)).chunk(2, 1)
        mixed = self.pair(hidden) + subject[ends[0]] + obj[ends[1]]
        return hidden + self.out(gelu(mixed))  # type: ignore[no-any-return]


def pool(scores: Tensor, values: Tensor, groups: Tensor, count: int) -> Tensor:
    """Softmax means within groups: [P, heads], [P, size], [P] → [count, size]; empty ones zero."""
    heads = scores.shape[1]
    weights = (10.0 * torch.tanh(scores.float() / 10.0)).exp()
    total = weights.new_zeros(count, heads).index_add(0, groups, weights)
    shares = weights / total[groups]
    each = values.float().reshape(len(values), heads, values.shape[1] // heads)
    spread = each * shares.unsqueeze(-1)
    summed = spread.new_zeros(count, *spread.shape[1:]).index_add(0, groups, spread)
    return summed.flatten(1)


class CardScorer(nn.Module):
    """R-BERT's head as the bertre model card has it, for every pair of a window.

    One linear classifier reads the sentence vector, the mean of each entity's token
    vectors, and an embedding of each entity's type. On their concatenation it is a sum of
    projections, made once a window, a mention and a type. ``size`` is the embedding's.
    """

    def __init__(self, hidden: int, size: int, dropout: float) -> None:
        super().__init__()
        labels = len(RELATIONS)
        self.types = nn.Embedding(len(ENTITY_TYPES), size)
        self.sentence = nn.Linear(hidden, labels)
        self.subject = nn.Linear(hidden + size, labels, bias=False)
        self.object = nn.Linear(hidden + size, labels, bias=False)
        self.dropout = nn.Dropout(dropout)
        nn.init.constant_(self.sentence.bias, -5.0)

    def forward(self, states: Tensor, batch: TextBatch, pairs: PairBatch) -> Tensor:
        """States [B, L, H] → logits [P, 49]."""
        window, first, last, kind = pairs.entities.unbind(1)
        begin, end = batch.first[window, first], batch.last[window, last] + 1
        sums = cumulate(states)
        mean = (sums[window, end] - sums[window, begin]) / (end - begin).unsqueeze(1)
        entity = self.dropout(torch.cat([mean.to(states.dtype), self.types(kind)], 1))
        subject, obj = pairs.pairs.unbind(1)
        sentence = self.sentence(self.dropout(states[:, 0]))
        scores = self.subject(entity)[subject] + self.object(entity)[obj]
        return scores + sentence[window[subject]]  # type: ignore[no-any-return]
