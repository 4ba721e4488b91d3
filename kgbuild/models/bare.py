"""BERT's forward pass as bare tensor operations.

transformers' modules take a quarter of the time of a short text for themselves: hooks, checks,
recorded outputs. These are the same operations in the same order, so the same numbers come out,
bit for bit. For inference alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, gelu, layer_norm, linear, softmax

if TYPE_CHECKING:
    from transformers import BertModel


@dataclass(frozen=True, slots=True)
class BareLayer:
    """An encoder layer's weights; those of query, key and value are one matrix."""

    heads: int
    scaling: float
    qkv: tuple[Tensor, Tensor]
    out: tuple[Tensor, Tensor]
    attended: nn.LayerNorm
    wide: tuple[Tensor, Tensor]
    narrow: tuple[Tensor, Tensor]
    done: nn.LayerNorm

    def __call__(self, states: Tensor, bias: Tensor) -> Tensor:
        """States [b, t, dimension] and a bias added to attention [b, 1, 1, t] → states."""
        rows, length, size = states.shape
        shape = rows, length, 3, self.heads, size // self.heads
        query, key, value = linear(states, *self.qkv).view(shape).permute(2, 0, 3, 1, 4)
        weights = torch.matmul(query, key.transpose(2, 3)) * self.scaling
        weights = softmax(weights + bias, dim=-1)
        joined = torch.matmul(weights, value).transpose(1, 2).reshape(rows, length, size)
        states = _normed(linear(joined, *self.out) + states, self.attended)
        widened = gelu(linear(states, *self.wide))
        return _normed(linear(widened, *self.narrow) + states, self.done)


def _normed(states: Tensor, norm: nn.LayerNorm) -> Tensor:
    return layer_norm(states, norm.normalized_shape, norm.weight, norm.bias, norm.eps)


def bare_layers(layers: Iterable[Any]) -> tuple[BareLayer, ...]:
    """BERT's layers with their weights as they are now; ``layer(states, bias)`` as theirs."""
    with torch.no_grad():
        return tuple(map(_layer, layers))


def has_bare_form(config: Any) -> bool:
    """Whether an encoder's layers are of the kind that is written down here."""
    return bool(config._attn_implementation == "eager" and config.hidden_act == "gelu")


def _layer(layer: Any) -> BareLayer:
    attention, added = layer.attention.self, layer.attention.output
    parts = attention.query, attention.key, attention.value
    joined = torch.cat([p.weight for p in parts]), torch.cat([p.bias for p in parts])
    wide, narrow = layer.intermediate.dense, layer.output.dense
    return BareLayer(
        attention.num_attention_heads,
        attention.scaling,
        joined,
        (added.dense.weight, added.dense.bias),
        added.LayerNorm,
        (wide.weight, wide.bias),
        (narrow.weight, narrow.bias),
        layer.output.LayerNorm,
    )


class BareBert:
    """The hidden states of a ``BertModel`` with eager attention and GELU, as it was loaded."""

    def __init__(self, model: BertModel) -> None:
        self._layers = bare_layers(model.encoder.layer)
        self._embeddings: Any = model.embeddings

    @torch.inference_mode()
    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Ids and their 0/1 mask [b, t] → states [b, t, dimension]; those of padding mean
        nothing."""
        e = self._embeddings
        states = embedding(ids, e.word_embeddings.weight) + e.token_type_embeddings.weight[0]
        states = states + e.position_embeddings.weight[: ids.shape[1]]
        states = _normed(states, e.LayerNorm)
        lowest = torch.finfo(states.dtype).min
        bias = torch.zeros(mask.shape, dtype=states.dtype).masked_fill_(mask == 0, lowest)
        bias = bias[:, None, None, :]
        for layer in self._layers:
            states = layer(states, bias)
        return states
