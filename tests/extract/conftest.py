"""A tiny encoder of the real class, shared by the tests of extraction."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from models_support import tiny_weights
from tokenizers import Tokenizer

from kgbuild.extract.windows import word_tokenizer
from kgbuild.models import encoder
from kgbuild.models.encoder import LoadedEncoder, load_encoder_folder
from kgbuild.models.folder import ModelFolder, publish


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """Three random layers whose vocabulary is the letters."""
    weights = tiny_weights(layers=3)
    target = tmp_path_factory.mktemp("tiny") / "base"
    return publish(target, lambda draft: encoder.convert(weights, draft))


@pytest.fixture
def tiny_encoder(tiny_folder: ModelFolder) -> LoadedEncoder:
    """A fresh copy: a network that trains would change a shared one."""
    return load_encoder_folder(tiny_folder, "cpu", torch.float32)


@pytest.fixture(scope="session")
def tokenizer(tiny_folder: ModelFolder) -> Tokenizer:
    """One token a letter, never one for two words."""
    return word_tokenizer(load_encoder_folder(tiny_folder, "cpu", torch.float32).tokenizer)
