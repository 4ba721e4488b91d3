"""int8 weights with a scale a row: a quarter of float32's bytes in a safetensors file."""

from __future__ import annotations

import torch
from torch import Tensor

SMALL = 40_000
"""Tensors of fewer values stay float16: they cost little and some are tables of embeddings."""


def quantise(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Large matrices become int8 ``name`` and float32 ``name.scale`` [rows]; vectors stay float32."""
    packed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if tensor.ndim < 2:
            packed[name] = tensor.float().contiguous()
        elif tensor.numel() < SMALL:
            packed[name] = tensor.half().contiguous()
        else:
            rows = tensor.float()
            scale = rows.abs().amax(1).clamp(min=1e-12) / 127
            packed[name] = (rows / scale[:, None]).round().to(torch.int8)
            packed[f"{name}.scale"] = scale
    return packed


def dequantise(packed: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors again, float32; the largest error is half a step of each row's scale."""
    tensors = {}
    for name, tensor in packed.items():
        if name.endswith(".scale"):
            continue
        scale = packed.get(f"{name}.scale")
        tensors[name] = tensor.float() if scale is None else tensor.float() * scale[:, None]
    return tensors
