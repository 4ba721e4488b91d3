"""Low-rank deltas on the matrices of encoder layers (Hu et al. 2021, "LoRA").

A matrix W [out, in] keeps its published values; up [out, rank] · down [rank, in] is added
to it and is all that training changes and a weight file holds. ``up`` begins at zero, so
an untrained delta changes nothing. For inference the sum takes W's place.
"""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

Kind = TypeVar("Kind", bound=nn.Module)

SCALE = 2.0
"""What the product is multiplied by (the paper's α / r)."""

DELTAS = (".down", ".up")
"""How the names of delta parameters end."""


class LowRankLinear(nn.Module):
    """A linear layer with a low-rank delta beside it."""

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = base
        place = base.weight.device
        self.down = nn.Parameter(torch.empty(rank, base.in_features, device=place))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank, device=place))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, states: Tensor) -> Tensor:
        """[..., in] → [..., out]."""
        low = linear(states, self.down.to(states.dtype))
        delta = linear(low, self.up.to(low.dtype))
        return self.base(states) + SCALE * delta  # type: ignore[no-any-return]

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """The plain layer that does the same."""
        weight = self.base.weight
        weight.copy_(weight.float() + SCALE * (self.up.float() @ self.down.float()))
        return self.base


def attach(layers: nn.Module, rank: int) -> None:
    """Give every linear layer inside (attention and feed-forward) a delta of a rank."""
    for parent, name, child in _children(layers, nn.Linear):
        setattr(parent, name, LowRankLinear(child, rank))


def merge(layers: nn.Module) -> None:
    """Put the sum of matrix and delta in the place of each layer with a delta."""
    for parent, name, child in _children(layers, LowRankLinear):
        setattr(parent, name, child.merged())


def _children(layers: nn.Module, kind: type[Kind]) -> list[tuple[nn.Module, str, Kind]]:
    return [
        (parent, name, child)
        for parent in layers.modules()
        for name, child in parent.named_children()
        if isinstance(child, kind)
    ]
