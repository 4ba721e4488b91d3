"""The cross-encoder, with small models of the real classes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from models_support import tiny_bert
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from kgbuild.config import Settings
from kgbuild.errors import ModelError, WeightsError
from kgbuild.search.rerank import CrossEncoder
from kgbuild.types import Passage
from kgbuild.wiring import make_reranker

TEXTS = ("Ловят рыбу.", "Солят рыбу, много рыбы, и ещё " + "рыбы " * 400, "Не о том.")


def classifier(folder: Path, outputs: int = 1) -> Path:
    tiny_bert(folder)
    config = BertConfig.from_pretrained(folder, num_labels=outputs)
    torch.manual_seed(5)
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def passages() -> list[Passage]:
    return [Passage(f"{i}.txt", 0, len(text), text, 0.0) for i, text in enumerate(TEXTS)]


def test_scores_are_the_models_own(tmp_path: Path) -> None:
    folder = classifier(tmp_path)
    found = CrossEncoder(folder, "cpu").scores("рыба", passages())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BertForSequenceClassification.from_pretrained(folder, dtype="float32").eval()
    for text, score in zip(TEXTS, found, strict=True):
        one = tokenizer("рыба", text, truncation="longest_first", max_length=160,
                        return_tensors="pt")  # fmt: skip
        with torch.inference_mode():
            assert score == pytest.approx(float(model(**one).logits[0, 0].sigmoid()), abs=1e-5)
    assert len(set(found)) == 3


def test_what_is_no_reranker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="holds no model"):
        CrossEncoder(tmp_path, "cpu")
    with pytest.raises(ModelError, match="3 outputs"):
        CrossEncoder(classifier(tmp_path / "three", 3), "cpu")
    bare = tiny_bert(tmp_path / "bare")
    BertConfig.from_pretrained(bare, num_labels=1).save_pretrained(bare)
    with pytest.raises(WeightsError, match="lack 2 tensors"):
        CrossEncoder(bare, "cpu")


def test_settings_name_it(tmp_path: Path) -> None:
    assert make_reranker(Settings()) is None
    made = make_reranker(Settings(reranker=classifier(tmp_path)))
    assert made is not None
    assert made() is made()
