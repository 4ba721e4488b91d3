"""Reading the states of words and mentions out of a batch of windows."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from kgbuild.extract.batch import TextBatch


def gather(states: Tensor, index: Tensor) -> Tensor:
    """Rows of each window's states: [B, L, H] and [B, W] → [B, W, H]."""
    return states.gather(1, index.unsqueeze(-1).expand(-1, -1, states.shape[-1]))


def cumulate(values: Tensor) -> Tensor:
    """Prefix sums over words with a leading zero row: [B, W, H] → float32 [B, W + 1, H]."""
    return nn.functional.pad(values.float().cumsum(1), (0, 0, 1, 0))


def type_marks(batch: TextBatch, entities: Tensor, count: int) -> Tensor:
    """Which of ``count`` types cover each token and which start there: [B, L, 2 × count],
    zeros and ones."""
    window, first, last, kind = entities.unbind(1)
    length = batch.ids.shape[1]
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
