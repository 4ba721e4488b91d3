"""mteb runs our embedders: a task of its own class over sentences of ours."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models_support import tiny_embedder

from kgbuild.measure.mteb_encoder import MtebEncoder, prompt_of

mteb = pytest.importorskip("mteb")

PAIRS = [
    ("Кот спит на окне.", "Кот спит на окне.", 5.0),
    ("Кот спит на окне.", "Кот спал на окне!", 4.0),
    ("Завод выпускает трубы.", "Театр открыл сезон.", 0.5),
    ("Река вышла из берегов.", "Биржа закрылась ростом.", 1.0),
]


def local_task() -> Any:
    """An STS task whose data is made here."""
    from datasets import Dataset, DatasetDict
    from mteb.abstasks.sts import AbsTaskSTS
    from mteb.abstasks.task_metadata import TaskMetadata

    class LocalSTS(AbsTaskSTS):
        metadata = TaskMetadata(
            name="LocalSTS", description="Pairs.", dataset={"path": "local", "revision": "1"},
            type="STS", category="t2t", modalities=["text"], eval_splits=["test"],
            eval_langs=["rus-Cyrl"], main_score="cosine_spearman", date=None, domains=None,
            task_subtypes=None, license=None, annotations_creators=None, dialect=None,
            sample_creation=None, bibtex_citation=None, reference=None,
        )  # fmt: skip
        min_score, max_score = 0, 5

        def load_data(self, *args: object, **kwargs: object) -> None:
            names = ("sentence1", "sentence2", "score")
            rows = dict(zip(names, map(list, zip(*PAIRS, strict=True)), strict=True))
            self.dataset = DatasetDict({"test": Dataset.from_dict(rows)})
            self.data_loaded = True

    return LocalSTS()


def test_mteb_scores_our_cosines(tmp_path: Path) -> None:
    from scipy.stats import spearmanr

    from kgbuild.embed import TransformerEmbedder

    folder = tiny_embedder(tmp_path / "model")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mteb's own and its libraries'
        result = mteb.evaluate(MtebEncoder(str(folder)), local_task(), cache=None)
    [found] = result.task_results
    embedder = TransformerEmbedder.open(folder)
    one, two = (embedder.embed([pair[i] for pair in PAIRS], "paraphrase") for i in (0, 1))
    expected = spearmanr([gold for *_, gold in PAIRS], (one * two).sum(1)).statistic
    assert found.get_score() == pytest.approx(expected, abs=1e-6)


def test_prompts_follow_the_card_of_frida() -> None:
    assert prompt_of("RuBQRetrieval", "Retrieval", "query") == "search_query"
    assert prompt_of("RuBQRetrieval", "Retrieval", "document") == "search_document"
    assert prompt_of("RiaNewsRetrieval", "Retrieval", "query") == "categorize"
    assert prompt_of("TERRa", "PairClassification", None) == "categorize_entailment"
    assert prompt_of("RuSTSBenchmarkSTS", "STS", None) == "paraphrase"
    assert prompt_of("SomethingNew", "Regression", None) == "none"


def test_similarities_are_cosines(tmp_path: Path) -> None:
    encoder = MtebEncoder(str(tiny_embedder(tmp_path / "model")))
    vectors = np.eye(3, dtype=np.float32)
    assert encoder.similarity(vectors, vectors).tolist() == np.eye(3).tolist()
    assert encoder.similarity_pairwise(vectors, vectors[::-1]).tolist() == [0, 1, 0]
