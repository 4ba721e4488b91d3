"""The bare forward pass: bit for bit the numbers of transformers' model."""

from __future__ import annotations

import pytest
import torch

from kgbuild.models.bare import BareBert
from kgbuild.models.encoder import load_encoder_folder
from kgbuild.models.folder import ModelFolder


@pytest.mark.slow
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("lengths", [(7,), (1, 1), (9, 3, 5)])
def test_the_same_numbers(
    tiny_folder: ModelFolder, kind: torch.dtype, lengths: tuple[int, ...]
) -> None:
    model = load_encoder_folder(tiny_folder, "cpu", kind).model
    noise = torch.Generator().manual_seed(len(lengths))
    ids = torch.randint(4, 20, (len(lengths), max(lengths)), generator=noise)
    mask = torch.arange(max(lengths))[None, :] < torch.tensor(lengths)[:, None]
    with torch.inference_mode():
        wanted = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
    found = BareBert(model)(ids, mask.long())
    assert torch.equal(found[mask], wanted[mask])
