"""The joint network: one encoder pass a window feeds nested NER and R-BERT.

The lower layers of the encoder (the trunk) are shared; two copies of the upper
layers (the branches) serve the two tasks. Pairs are scored by
:mod:`kgbuild.extract.pair_scorer`; for its ``pairs`` head the relation branch is given the
entity types at its input, for the ``card`` head it isn't.
Span scoring follows the biaffine family (Yu et al. 2020), spans up to
``max_width`` words.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu
from transformers import BertModel

from kgbuild.errors import ModelError
from kgbuild.extract import low_rank
from kgbuild.extract.batch import PAIR_LABELS, SPAN_TYPES, PairBatch, TextBatch
from kgbuild.extract.pair_scorer import HEADS, CardScorer, PairScorer
from kgbuild.extract.words import gather, type_marks
from kgbuild.models.bare import BareLayer, bare_layers, has_bare_form
from kgbuild.ontology import ENTITY_TYPES, RELATIONS


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Shape of the trained part.

    ``frozen`` lower layers keep their published weights and ``shared`` layers (those
    included) serve both tasks; ``heads`` are those of the pair scorer. ``dropout`` acts
    on what the scorers read, ``noise`` on the inputs of the trained layers, there the
    same features for all tokens of a window. ``head`` is the pair scorer: ``pairs``, or
    ``card``, which is R-BERT as its model card describes it. With a ``rank`` the trained
    layers keep their published matrices and learn low-rank deltas to them. With
    ``references`` the network also finds pronouns, descriptions and verbs without a subject,
    what they refer to, and what is denied.
    """

    frozen: int = 3
    shared: int = 3
    span_size: int = 256
    pair_size: int = 256
    heads: int = 8
    max_width: int = 16
    dropout: float = 0.2
    noise: float = 0.1
    head: str = "pairs"
    rank: int = 0
    references: int = 0

    @property
    def types(self) -> int:
        """How many types of span the network knows."""
        return len(SPAN_TYPES) if self.references else len(ENTITY_TYPES)

    @property
    def labels(self) -> int:
        """How many labels of a pair the network knows."""
        return PAIR_LABELS if self.references else len(RELATIONS)

    def to_dict(self) -> dict[str, int | float | str]:
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
        self.out = nn.Linear(size, config.types)
        nn.init.constant_(self.out.bias, -5.0)
        nn.init.normal_(self.width.weight, std=0.02)

    def forward(self, states: Tensor, batch: TextBatch) -> Tensor:
        """States [B, L, H] → logits [B, W, max_width, types] of spans (first word, words − 1)."""
        starts, ends = gather(states, batch.first), gather(states, batch.last)
        add_s, mul_s = self.start(self.dropout(starts)).chunk(2, -1)
        both = self.end(self.dropout(ends))
        both = nn.functional.pad(both, (0, 0, 0, self.max_width - 1))
        add_e, mul_e = both.unfold(1, self.max_width, 1).transpose(-1, -2).chunk(2, -1)
        hidden = add_s.unsqueeze(2) + add_e + mul_s.unsqueeze(2) * mul_e + self.width.weight
        return self.out(self.dropout(gelu(hidden)))  # type: ignore[no-any-return]


LAYERS = ("trunk", "mention_branch", "relation_branch")
"""The trained parts that are encoder layers."""


def _check(config: NetworkConfig, layers: int) -> None:
    """Refuse a shape that can't be built.

    Raises:
        ModelError: naming the setting.
    """
    if not config.frozen <= config.shared <= layers:
        raise ModelError(
            f"frozen = {config.frozen} and shared = {config.shared} layers of an encoder that"
            f" has {layers}: frozen may not exceed shared, nor shared the encoder"
        )
    if config.head == "card" and config.references:
        raise ModelError("the card's head knows no references: references = 0")
    if config.head not in HEADS:
        raise ModelError(f"head = {config.head!r}: one of {', '.join(HEADS)}")
    if config.pair_size % config.heads:
        raise ModelError(
            f"pair_size = {config.pair_size} isn't a multiple of heads = {config.heads}"
        )


def _pair_scorer(hidden: int, config: NetworkConfig) -> nn.Module:
    if config.head == "card":
        return CardScorer(hidden, config.pair_size, config.dropout)
    counts = config.types, config.labels
    return PairScorer(hidden, config.pair_size, config.heads, config.dropout, counts)


class JointNetwork(nn.Module):
    """Trunk, two branches and two scorers over a BERT encoder."""

    def __init__(self, base: BertModel, config: NetworkConfig) -> None:
        super().__init__()
        hidden = base.config.hidden_size
        layers = base.encoder.layer
        _check(config, len(layers))
        self.config = config
        self.embeddings = base.embeddings
        self.frozen = layers[: config.frozen]
        self.trunk = copy.deepcopy(layers[config.frozen : config.shared])
        self.mention_branch = copy.deepcopy(layers[config.shared :])
        self.relation_branch = copy.deepcopy(layers[config.shared :])
        self.type_inputs: nn.Linear | None = None
        if config.head == "pairs":
            self.type_inputs = nn.Linear(2 * config.types, hidden, bias=False)
            nn.init.zeros_(self.type_inputs.weight)
        self.spans = SpanScorer(hidden, config)
        self.pairs = _pair_scorer(hidden, config)
        self.dropout = nn.Dropout(config.dropout)
        self.base_config = base.config
        self._bare: dict[str, tuple[BareLayer, ...]] = {}
        if config.rank:
            for name in LAYERS:
                low_rank.attach(getattr(self, name), config.rank)

    def trained_parts(self) -> dict[str, nn.Module]:
        """The modules that training changes."""
        names = (*LAYERS, "type_inputs", "spans", "pairs")
        parts = {name: getattr(self, name) for name in names}
        return {name: part for name, part in parts.items() if part is not None}

    def saved_names(self) -> list[str]:
        """The parameters that a weight file holds: those of the trained parts, and of layers
        with low-rank deltas only these."""
        return [
            f"{part}.{name}"
            for part, module in self.trained_parts().items()
            for name, _ in module.named_parameters()
            if not (self.config.rank and part in LAYERS) or name.endswith(low_rank.DELTAS)
        ]

    def merge_deltas(self) -> None:
        """Add the low-rank deltas to their matrices: the same answers from plain layers."""
        for name in LAYERS:
            low_rank.merge(getattr(self, name))
        self.config = replace(self.config, rank=0)

    def encode(self, batch: TextBatch) -> Tensor:
        """The shared layers: states [B, L, H]."""
        bias = attention_bias(batch.mask, self.embeddings.word_embeddings.weight.dtype)
        with torch.no_grad():
            states: Tensor = self.embeddings(batch.ids)
            states = run(self._bare.get("frozen", self.frozen), states, bias)
        return self._run("trunk", states, bias)

    def go_bare(self) -> None:
        """From now on run the encoder's layers as bare tensor operations, where there is such a
        form of them: the same numbers in less time, with the weights of this moment. For
        inference on the CPU."""
        if has_bare_form(self.base_config):
            self._bare = {name: bare_layers(getattr(self, name)) for name in ("frozen", *LAYERS)}

    def _run(self, part: str, states: Tensor, bias: Tensor) -> Tensor:
        layers = self._bare.get(part, getattr(self, part))
        return run(layers, states, bias, self.config.noise if self.training else 0.0)

    def score_spans(self, states: Tensor, batch: TextBatch) -> Tensor:
        """Shared states → span logits [B, W, max_width, 29]."""
        states = self._run("mention_branch", states, attention_bias(batch.mask, states.dtype))
        return self.spans(states, batch)  # type: ignore[no-any-return]

    def score_pairs(self, states: Tensor, batch: TextBatch, pairs: PairBatch) -> Tensor:
        """Shared states and mentions → pair logits [P, 49]."""
        bias = attention_bias(batch.mask, states.dtype)
        if self.type_inputs is not None:
            types = self.type_inputs(
                type_marks(batch, pairs.entities, self.config.types).to(states.dtype)
            )
            states = states + types.to(states.dtype)
        states = self._run("relation_branch", states, bias)
        return self.pairs(self.dropout(states), batch, pairs)  # type: ignore[no-any-return]


def run(
    layers: Iterable[Callable[[Tensor, Tensor], Any]],
    states: Tensor,
    bias: Tensor,
    noise: float = 0.0,
) -> Tensor:
    """Pass states through encoder layers; ``noise`` is a dropout of whole features of a
    window before each, whose masks cost next to nothing."""
    for layer in layers:
        if noise:
            kept = torch.rand(len(states), 1, states.shape[-1], device=states.device) >= noise
            states = states * (kept / (1.0 - noise)).to(states.dtype)
        out = layer(states, bias)
        states = out[0] if isinstance(out, tuple) else out
    return states


def attention_bias(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """A padding mask [B, L] as an additive bias [B, 1, 1, L]."""
    lowest = torch.finfo(dtype).min
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(~mask, lowest)[
        :, None, None, :
    ]
