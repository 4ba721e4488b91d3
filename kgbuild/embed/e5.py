"""The embedded embedder: multilingual-e5-small, whose weights come with the install."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgbuild.embed.engine import WheelEngine
from kgbuild.embed.inference import PromptedEmbedder, SentenceEncoder, fingerprint
from kgbuild.embed.pooling import windows_of
from kgbuild.embed.prompts import prefix
from kgbuild.errors import InputError
from kgbuild.models.registry import E5_SMALL
from kgbuild.ports import PromptName

if TYPE_CHECKING:
    from kgbuild.models.encoder import LoadedEncoder


class E5Embedder(PromptedEmbedder):
    """multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672): mean pooling, 384 numbers."""

    def __init__(
        self, encoder: LoadedEncoder | None = None, *, token_budget: int | None = None
    ) -> None:
        """``encoder`` is the extractor's where one is loaded already, else it is loaded.

        Raises:
            WeightsError: the base weights are missing or altered.
        """
        if encoder is None:
            from kgbuild.models.encoder import load_base_encoder

            encoder = load_base_encoder()
        super().__init__(_loop(encoder, token_budget), E5_SMALL.prompts, encoder.fingerprint)


class LateE5Embedder(PromptedEmbedder):
    """The same embedder, whose torch model loads when there is more than a few texts to read.

    Until then the wheel's engine makes the vectors: a question, or a handful of labels,
    costs a tenth of a second in a new process instead of five. Once the model is loaded, by
    this or by the extractor that shares it, it reads everything.
    """

    def __init__(
        self, load: Callable[[], LoadedEncoder], loaded: Callable[[], bool], weights: str
    ) -> None:
        """``load`` gives the encoder, ``loaded`` says if that is done already, ``weights`` is
        the encoder's fingerprint."""
        self._load, self._loaded = load, loaded
        self._family = E5_SMALL.prompts
        self._fingerprint = fingerprint(weights, self._family, "mean")

    @cached_property
    def _loop(self) -> SentenceEncoder:
        return _loop(self._load(), None)

    @cached_property
    def _engine(self) -> WheelEngine | None:
        return WheelEngine.open()

    @property
    def encoder(self) -> SentenceEncoder:
        """The loop that makes the vectors of many texts; asking for it loads the model."""
        return self._loop

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return E5_SMALL.dimension

    def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
        """Vectors float32 [len(texts), dimension], L2 norm 1, in the order of ``texts``.

        Raises:
            InputError: as :meth:`PromptedEmbedder.embed`.
        """
        if isinstance(texts, str):
            raise InputError("embed takes a list of texts, not one string")
        lead = prefix(self._family, prompt)
        if not self._loaded() and self._engine and self._engine.suits(texts, lead):
            return self._engine.embed(texts, lead)
        return super().embed(texts, prompt)


def _loop(encoder: LoadedEncoder, token_budget: int | None) -> SentenceEncoder:
    from kgbuild.models.bare import BareBert

    return SentenceEncoder(
        model=encoder.model,
        windows=windows_of(encoder.tokenizer, encoder.max_length),
        device=encoder.device,
        pad_id=encoder.pad_id,
        pooling="mean",
        dimension=E5_SMALL.dimension,
        token_budget=token_budget,
        bare=BareBert(encoder.model) if encoder.device.type == "cpu" else None,
    )
