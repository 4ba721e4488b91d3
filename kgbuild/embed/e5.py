"""The embedded embedder: multilingual-e5-small, whose weights come with the install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kgbuild.embed.inference import PromptedEmbedder, SentenceEncoder
from kgbuild.embed.pooling import windows_of
from kgbuild.models.registry import E5_SMALL

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
        loop = SentenceEncoder(
            model=encoder.model,
            windows=windows_of(encoder.tokenizer, encoder.max_length),
            device=encoder.device,
            pad_id=encoder.pad_id,
            pooling="mean",
            dimension=E5_SMALL.dimension,
            token_budget=token_budget,
        )
        super().__init__(loop, E5_SMALL.prompts, encoder.fingerprint)
