"""An embedder as mteb's encoder, for ruMTEB and other tasks of https://github.com/embeddings-benchmark/mteb.

    import mteb
    from kgbuild.measure.mteb_encoder import MtebEncoder
    mteb.evaluate(MtebEncoder("BERTA"), mteb.get_tasks(["RuSTSBenchmarkSTS"]))

The prompts of tasks are those of FRIDA's card; a model of another family reads them as it
maps them to its own prefixes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.embed.inference import PromptedEmbedder
from kgbuild.errors import require
from kgbuild.ports import PromptName

Floats = NDArray[np.float32]

_BY_TYPE: Mapping[str, PromptName] = {
    "Classification": "categorize",
    "MultilabelClassification": "categorize",
    "Clustering": "categorize_topic",
    "PairClassification": "paraphrase",
    "Reranking": "paraphrase",
    "STS": "paraphrase",
    "Summarization": "categorize",
}
_BY_TASK: Mapping[str, PromptName] = {
    "CEDRClassification": "categorize_sentiment",
    "GeoreviewClassification": "categorize_sentiment",
    "KinopoiskClassification": "categorize_sentiment",
    "RuReviewsClassification": "categorize_sentiment",
    "HeadlineClassification": "categorize_topic",
    "InappropriatenessClassification": "categorize_topic",
    "RuSciBenchGRNTIClassification": "categorize_topic",
    "RuSciBenchOECDClassification": "categorize_topic",
    "SensitiveTopicsClassification": "categorize_topic",
    "MassiveIntentClassification": "paraphrase",
    "MassiveScenarioClassification": "paraphrase",
    "TERRa": "categorize_entailment",
    "RiaNewsRetrieval": "categorize",
}
_BY_SIDE: Mapping[str, PromptName] = {"query": "search_query", "document": "search_document"}


class MtebEncoder:
    """mteb's ``EncoderProtocol`` over an embedder of kgbuild."""

    def __init__(
        self,
        model_name: str | PromptedEmbedder,
        revision: str | None = None,
        *,
        device: str | None = None,
        **_: Any,
    ) -> None:
        """``model_name`` is what ``--embedder`` takes, or an embedder.

        Raises:
            MissingExtraError: mteb isn't installed.
            ModelError: there is no such model.
        """
        meta: Any = require("mteb.models.model_meta", extra="mteb").ModelMeta
        if isinstance(model_name, str):
            spec = f"{model_name}@{revision}" if revision else model_name
            self._embedder = _opened(spec, device or "auto")
        else:
            self._embedder = model_name
        self._meta = meta.create_empty(
            {
                "name": f"kgbuild/{self._embedder.fingerprint}",
                "revision": self._embedder.fingerprint,
                "embed_dim": self._embedder.dimension,
                "similarity_fn_name": "cosine",
            }
        )

    @property
    def mteb_model_meta(self) -> Any:
        """What mteb notes of the model: its fingerprint, its dimension, cosine."""
        return self._meta

    def encode(
        self,
        inputs: Iterable[Mapping[str, Sequence[str]]],
        *,
        task_metadata: Any,
        hf_split: str,
        hf_subset: str,
        prompt_type: Any = None,
        **_: Any,
    ) -> Floats:
        """Vectors float32 [n, dimension] of the texts of all batches, in order."""
        texts = [text for batch in inputs for text in batch["text"]]
        side = None if prompt_type is None else str(getattr(prompt_type, "value", prompt_type))
        name = prompt_of(str(task_metadata.name), str(task_metadata.type), side)
        return self._embedder.embed(texts, name)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Floats:
        """Cosines [n, m]."""
        one, two = (np.atleast_2d(np.asarray(x, np.float32)) for x in (embeddings1, embeddings2))
        found: Floats = one @ two.T
        return found

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Floats:
        """Cosines [n] of vectors of the same row."""
        one, two = (np.atleast_2d(np.asarray(x, np.float32)) for x in (embeddings1, embeddings2))
        found: Floats = (one * two).sum(1)
        return found


def _opened(spec: str, device: str) -> PromptedEmbedder:
    from kgbuild.embed import E5Embedder, TransformerEmbedder
    from kgbuild.models.encoder import load_base_encoder
    from kgbuild.models.registry import embedder_for

    card = embedder_for(spec)
    if card.profile == "embedded":
        return E5Embedder(load_base_encoder(device))
    return TransformerEmbedder(card, device=device)


def prompt_of(task: str, kind: str, side: str | None) -> PromptName:
    """The prompt for a task: by its name, else by query or document, else by its kind."""
    if task in _BY_TASK:
        return _BY_TASK[task]
    if side is not None and side in _BY_SIDE:
        return _BY_SIDE[side]
    return _BY_TYPE.get(kind, "none")
