"""The joint network: one encoder pass a window feeds nested NER and R-BERT.

The lower layers of the encoder (the trunk) are shared; two copies of the upper
layers (the branches) serve the two tasks. The relation branch is given the
entity types at its input. From R-BERT (Wu and He 2019; multi-label after the
bertre model card) it keeps the sentence vector, the averaged entity tokens and
the type embeddings; its first layer is a sum of projections made once per
mention and gathered per pair, so that all pairs of a window cost one pass.
Span scoring follows the biaffine family (Yu et al. 2020), spans up to
``max_width`` words.
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu
from transformers import BertModel

from kgbuild.extract.batch import BUCKETS, PairBatch, TextBatch
from kgbuild.ontology import ENTITY_TYPES, RELATIONS


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Shape of the trained part. ``frozen`` lower layers keep their published weights."""

    frozen: int = 3
    shared: int = 8
    span_size: int = 256
    pair_size: int = 256
    max_width: int = 16
    dropout: float = 0.2

    def to_dict(self) -> dict[str, int | float]:
        """As JSON."""
        return asdict(self)


class SpanScorer(nn.Module):
    """Scores every span of up to ``max_width`` words for every entity type."""

    def __init__(self, hidden: int, config: NetworkConfig) -> None:
        super().__init__()
        size = config.span_size
        self.max_width = config.max_width
        self.start = nn.Linear(hidden, 2 * size)
        self.end = nn.Linear(hidden, 2 * size)
        self.width = nn.Embedding(config.max_width, size)
        self.dropout = nn.Dropout(config.dropout)
        self.out = nn.Linear(size, len(ENTITY_TYPES))
        nn.init.constant_(self.out.bias, -5.0)
        nn.init.normal_(self.width.weight, std=0.02)

    def forward(self, states: Tensor, batch: TextBatch) -> Tensor:
        """States [B, L, H] → logits [B, W, max_width, 29] of spans (first word, words − 1)."""
        starts, ends = gather(states, batch.first), gather(states, batch.last)
        add_s, mul_s = self.start(self.dropout(starts)).chunk(2, -1)
        both = self.end(self.dropout(ends))
        both = nn.functional.pad(both, (0, 0, 0, self.max_width - 1))
        add_e, mul_e = both.unfold(1, self.max_width, 1).transpose(-1, -2).chunk(2, -1)
        hidden = add_s.unsqueeze(2) + add_e + mul_s.unsqueeze(2) * mul_e + self.width.weight
        return self.out(self.dropout(gelu(hidden)))  # type: ignore[no-any-return]


class PairScorer(nn.Module):
    """R-BERT's head over all candidate pairs of a batch at once."""

    def __init__(self, hidden: int, config: NetworkConfig) -> None:
        super().__init__()
        size = config.pair_size
        self.entity = nn.Linear(3 * hidden, 4 * size)
        self.types = nn.Embedding(len(ENTITY_TYPES), 4 * size)
        self.context = nn.Linear(hidden, size)
        self.between = nn.Linear(hidden, size, bias=False)
        self.features = nn.ModuleList(nn.Embedding(count, size) for count in BUCKETS)
        self.dropout = nn.Dropout(config.dropout)
        self.out = nn.Linear(size, len(RELATIONS))
        nn.init.constant_(self.out.bias, -5.0)
        nn.init.normal_(self.types.weight, std=0.02)
        for table in self.features.parameters():
            nn.init.zeros_(table)

    def forward(self, states: Tensor, batch: TextBatch, pairs: PairBatch) -> Tensor:
        """States [B, L, H] → logits [P, 49]."""
        window, first, last, kind = pairs.entities.unbind(1)
        starts, ends = gather(states, batch.first), gather(states, batch.last)
        sums = cumulate(starts)
        length = (last - first + 1).unsqueeze(1)
        mean = (sums[window, last + 1] - sums[window, first]) / length
        entity = torch.cat([mean.to(starts.dtype), starts[window, first], ends[window, last]], 1)
        projected = self.entity(self.dropout(entity)) + self.types(kind)
        add_s, add_o, mul_s, mul_o = projected.chunk(4, 1)
        subject, obj = pairs.pairs.unbind(1)
        hidden = add_s[subject] + add_o[obj] + mul_s[subject] * mul_o[obj]
        hidden = hidden + self.context(states[:, 0])[window[subject]]
        hidden = hidden + self._between(starts, (window, first, last), (subject, obj))
        for table, feature in zip(self.features, pairs.features.unbind(1), strict=True):
            hidden = hidden + table(feature)
        return self.out(self.dropout(gelu(hidden)))  # type: ignore[no-any-return]

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


class JointNetwork(nn.Module):
    """Trunk, two branches and two scorers over a BERT encoder."""

    def __init__(self, base: BertModel, config: NetworkConfig) -> None:
        super().__init__()
        hidden = base.config.hidden_size
        layers = base.encoder.layer
        self.config = config
        self.embeddings = base.embeddings
        self.frozen = layers[: config.frozen]
        self.trunk = copy.deepcopy(layers[config.frozen : config.shared])
        self.mention_branch = copy.deepcopy(layers[config.shared :])
        self.relation_branch = copy.deepcopy(layers[config.shared :])
        self.type_inputs = nn.Linear(2 * len(ENTITY_TYPES), hidden, bias=False)
        nn.init.zeros_(self.type_inputs.weight)
        self.spans = SpanScorer(hidden, config)
        self.pairs = PairScorer(hidden, config)
        self.dropout = nn.Dropout(config.dropout)

    def trained_parts(self) -> dict[str, nn.Module]:
        """The modules that training changes and a weight file holds."""
        names = ("trunk", "mention_branch", "relation_branch", "type_inputs", "spans", "pairs")
        return {name: getattr(self, name) for name in names}

    def encode(self, batch: TextBatch) -> Tensor:
        """The shared layers: states [B, L, H]."""
        bias = attention_bias(batch.mask, self.embeddings.word_embeddings.weight.dtype)
        with torch.no_grad():
            states: Tensor = self.embeddings(batch.ids)
            states = run(self.frozen, states, bias)
        return run(self.trunk, states, bias)

    def score_spans(self, states: Tensor, batch: TextBatch) -> Tensor:
        """Shared states → span logits [B, W, max_width, 29]."""
        states = run(self.mention_branch, states, attention_bias(batch.mask, states.dtype))
        return self.spans(states, batch)  # type: ignore[no-any-return]

    def score_pairs(self, states: Tensor, batch: TextBatch, pairs: PairBatch) -> Tensor:
        """Shared states and mentions → pair logits [P, 49]."""
        types = self.type_inputs(type_marks(batch, pairs.entities).to(states.dtype))
        bias = attention_bias(batch.mask, states.dtype)
        states = run(self.relation_branch, states + types.to(states.dtype), bias)
        return self.pairs(self.dropout(states), batch, pairs)  # type: ignore[no-any-return]


def run(layers: nn.ModuleList, states: Tensor, bias: Tensor) -> Tensor:
    """Pass states through encoder layers."""
    for layer in layers:
        out = layer(states, bias)
        states = out[0] if isinstance(out, tuple) else out
    return states


def attention_bias(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """A padding mask [B, L] as an additive bias [B, 1, 1, L]."""
    lowest = torch.finfo(dtype).min
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(~mask, lowest)[
        :, None, None, :
    ]


def gather(states: Tensor, index: Tensor) -> Tensor:
    """Rows of each window's states: [B, L, H] and [B, W] → [B, W, H]."""
    return states.gather(1, index.unsqueeze(-1).expand(-1, -1, states.shape[-1]))


def cumulate(values: Tensor) -> Tensor:
    """Prefix sums over words with a leading zero row: [B, W, H] → float32 [B, W + 1, H]."""
    return nn.functional.pad(values.float().cumsum(1), (0, 0, 1, 0))


def type_marks(batch: TextBatch, entities: Tensor) -> Tensor:
    """Which types cover each token and which start there: [B, L, 58], zeros and ones."""
    window, first, last, kind = entities.unbind(1)
    length, count = batch.ids.shape[1], len(ENTITY_TYPES)
    begin = batch.first[window, first]
    end = batch.last[window, last]
    marks = torch.zeros(batch.ids.shape[0], length + 1, 2 * count, device=batch.ids.device)
    one = torch.ones(len(kind), device=batch.ids.device)
    marks.index_put_((window, begin, kind), one, accumulate=True)
    marks.index_put_((window, end + 1, kind), -one, accumulate=True)
    covered = marks[..., :count].cumsum(1).clamp(max=1.0)
    starts = torch.zeros_like(covered)
    starts.index_put_((window, begin, kind), one)
    return torch.cat([covered, starts], -1)[:, :length]
