"""Texts to unit vectors. Importing this loads neither torch nor transformers."""

from __future__ import annotations

from kgbuild.embed.e5 import E5Embedder, LateE5Embedder
from kgbuild.embed.transformer import TransformerEmbedder

__all__ = ["E5Embedder", "LateE5Embedder", "TransformerEmbedder"]
