"""int8 weights come back within half a step of their row's scale."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.models.quantise import SMALL, dequantise, quantise

ROWS = SMALL // 100 + 1


def matrix(seed: int = 0, scale: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(ROWS, 100, generator=generator)
    return rows * torch.logspace(-6, 2, ROWS)[:, None] * scale


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.floats(1e-3, 1e3))
def test_no_value_moves_by_more_than_half_a_step_of_its_row(seed: int, scale: float) -> None:
    tensor = matrix(seed, scale)
    [found] = dequantise(quantise({"w": tensor})).values()
    step = tensor.abs().amax(1) / 127
    assert ((found - tensor).abs().amax(1) <= step * 0.5001).all()


def test_what_it_makes_of_each_kind_of_tensor() -> None:
    packed = quantise(
        {"matrix": matrix(), "small": torch.randn(10, 20), "vector": torch.randn(50_000)}
    )
    assert {name: t.dtype for name, t in packed.items()} == {
        "matrix": torch.int8, "matrix.scale": torch.float32, "small": torch.float16,
        "vector": torch.float32,
    }  # fmt: skip
    assert packed["matrix.scale"].shape == (ROWS,)


def test_names_shapes_and_type_come_back() -> None:
    tensors = {
        "a.weight": matrix().bfloat16(), "b.scale_table": torch.randn(3, 4),
        "c.bias": torch.randn(7).bfloat16(), "empty": torch.zeros(0, 5),
    }  # fmt: skip
    found = dequantise(quantise(tensors))
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].shape == tensor.shape
        assert found[name].dtype is torch.float32


def test_vectors_are_exact_and_small_tables_nearly() -> None:
    tensors = {"v": torch.randn(1000), "t": torch.randn(30, 30)}
    found = dequantise(quantise(tensors))
    assert torch.equal(found["v"], tensors["v"])
    assert torch.equal(found["t"], tensors["t"].half().float())


def test_quantising_again_changes_nothing() -> None:
    once = dequantise(quantise({"w": matrix()}))
    twice = dequantise(quantise(once))
    torch.testing.assert_close(once["w"], twice["w"], rtol=1e-6, atol=0)


@pytest.mark.parametrize("value", [0.0, 1e-20])
def test_rows_of_nothing_stay_finite(value: float) -> None:
    tensor = torch.full((ROWS, 100), value)
    found = dequantise(quantise({"w": tensor}))["w"]
    assert torch.isfinite(found).all()
    assert found.abs().max() <= 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_weights_read_and_written_again_stay_as_they_are(seed: int) -> None:
    """Merging and fitting anew write weights that were read: they must not drift."""
    tensors = {"matrix": matrix(seed), "small": matrix(seed)[:3], "vector": matrix(seed)[0]}
    once = quantise(tensors)
    twice = quantise(dequantise(once))
    assert twice.keys() == once.keys()
    for name in ("matrix", "small", "vector"):
        assert torch.equal(twice[name], once[name]), name
    torch.testing.assert_close(twice["matrix.scale"], once["matrix.scale"], rtol=1e-6, atol=0)
