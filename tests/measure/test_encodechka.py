"""Encodechka's protocol over small files of ours and a small real model."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models_support import tiny_embedder
from scipy.stats import spearmanr

from kgbuild.embed import TransformerEmbedder
from kgbuild.embed.pooling import unit
from kgbuild.errors import FormatError
from kgbuild.measure import scorers
from kgbuild.measure.encodechka import LENGTHS, TASK_NAMES, ClassTask, Encodechka, by_name
from kgbuild.measure.probe import BothPoolings, word_vectors

pytest.importorskip("sklearn")

PAIRS = [
    ("Кот спит на окне.", "Кот уснул у окна.", 4.5),
    ("Завод выпускает трубы.", "На заводе делают трубы.", 4.0),
    ("Река вышла из берегов.", "Биржа закрылась ростом.", 0.5),
    ("Театр открыл сезон.", "Театр закрыл сезон.", 2.0),
    ("Дети играют во дворе.", "Совет утвердил бюджет.", 0.0),
]


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every task's file, in small: texts of two kinds that letters alone tell apart."""
    folder = tmp_path_factory.mktemp("encodechka")
    rows = [{"a": a, "b": b, "gold": gold} for a, b, gold in PAIRS]
    for name, (one, two, gold) in {
        "stsb_dev": ("sentence1", "sentence2", "similarity_score"),
        "para_gold": ("text_1", "text_2", "class"),
    }.items():
        write_csv(
            folder / f"{name}.csv", [{one: r["a"], two: r["b"], gold: r["gold"]} for r in rows]
        )
    kinds = ("entailment", "neutral")
    nli = [{"sentence1": a, "sentence2": a if i % 2 else b, "gold_label": kinds[i % 2]}
           for i, (a, b, _) in enumerate(PAIRS * 4)]  # fmt: skip
    write_csv(folder / "xnli_ru.csv", nli)
    for name, gold in (("SentiRuEval2016_small", "answer"), ("toxic", "toxic"),
                       ("inappropriate", "y"), ("intents", "label")):  # fmt: skip
        for part, offset in (("train", 0), ("test", 1)):
            texts = [("ааа " * (i + 1 + offset), 0) for i in range(8)]
            texts += [("zzz " * (i + 1 + offset), 1) for i in range(8)]
            write_csv(
                folder / f"{name}_{part}.csv",
                [{"text": t, "answer" if gold != "answer" else "x": t, gold: k} for t, k in texts],
            )
    for name in ("factru", "rudrec"):
        texts = ["Вчера в zzz пришёл ааа." for _ in range(8)]
        labels = [[["Place", 8, 11]]] * 8
        (folder / f"{name}.json").write_text(json.dumps({"texts": texts, "labels": labels}))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_embedder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def embedder(folder: Path) -> TransformerEmbedder:
    return TransformerEmbedder.open(folder)


def test_every_task_has_a_figure(data: Path, embedder: TransformerEmbedder) -> None:
    run = Encodechka(data, embedder, "search_query")
    scores = {task.name: run.score(task) for task in by_name(())}
    assert [name.lower() for name in scores] == list(TASK_NAMES)
    for name in ("SA", "TI", "IA", "IC", "NE1"):
        assert scores[name].score == 1.0, name
    assert set(scores["IC"].by_way) == {"cls, lr", "cls, knn", "mean, lr", "mean, knn"}
    assert set(scores["TI"].by_way) == {"cls, lr", "mean, lr"}
    assert all(s.score == max(s.by_way.values()) for s in scores.values())


def test_sts_is_the_rank_correlation_of_cosines(data: Path, embedder: TransformerEmbedder) -> None:
    [task] = by_name(["sts"])
    one, two = (embedder.embed([pair[i] for pair in PAIRS], "search_query") for i in (0, 1))
    expected = spearmanr([gold for *_, gold in PAIRS], (one * two).sum(1)).statistic
    found = Encodechka(data, embedder, "search_query").score(task)
    assert found.by_way["mean"] == pytest.approx(expected, abs=1e-6)


def test_classifiers_read_vectors_as_they_are_or_of_length_1(
    data: Path, embedder: TransformerEmbedder
) -> None:
    both = BothPoolings(embedder, 128)
    texts = [letters * (i + 1) for letters in ("ааа ", "zzz ") for i in range(8)]
    plain = both.embed(texts, "search_query")[:, 32:]
    run, [task] = Encodechka(data, embedder, "search_query"), by_name(["ti"])
    assert isinstance(task, ClassTask)
    read: dict[str, np.ndarray[Any, Any]] = {}

    def reader(split: scorers.Split) -> float:
        read[run.length] = split.train
        return scorers.logistic_area(split)

    for run.length in LENGTHS:
        run.score(replace(task, scores={"lr": reader}))
    np.testing.assert_allclose(read["as-is"], plain, atol=2e-3)
    np.testing.assert_allclose(read["unit"], unit(plain), atol=2e-3)


def test_the_similarity_is_a_cosine_at_any_length(
    data: Path, embedder: TransformerEmbedder
) -> None:
    run, [task] = Encodechka(data, embedder, "search_query"), by_name(["sts"])
    found = {}
    for run.length in LENGTHS:
        found[run.length] = run.score(task).by_way
    assert found["unit"] == found["as-is"]


def test_kept_vectors_give_the_same_figures(
    data: Path, embedder: TransformerEmbedder, tmp_path: Path
) -> None:
    tasks = by_name(["sts", "ti"])
    first = [Encodechka(data, embedder, "none", tmp_path).score(task) for task in tasks]
    assert list(tmp_path.iterdir())
    assert [Encodechka(data, embedder, "none", tmp_path).score(task) for task in tasks] == first


def test_texts_are_cut_and_pooled_both_ways(embedder: TransformerEmbedder) -> None:
    texts = ["Кот спит.", "аб " * 20, "Река"]
    vectors = BothPoolings(embedder, 24).embed(texts, "search_query")
    assert vectors.shape == (3, 64)
    whole = embedder.embed([texts[0], "аб " * 6 + "а", texts[2]], "search_query")
    rows = embedder.encoder.windows.first(["аб " * 6 + "а"], "query: ")
    assert len(rows[0]) < 24  # it is the cut that makes the long text another
    np.testing.assert_allclose(unit(vectors[[0, 2], 32:]), whole[[0, 2]], atol=1e-5)
    cut = embedder.encoder.windows.first([texts[1]], "query: ")[0]
    states, _ = embedder.encoder.states([(*cut[:23], cut[-1])])
    first, mean = states[0, 0].numpy(), states[0].mean(0).numpy()
    np.testing.assert_allclose(vectors[1, :32], first, atol=1e-5)
    np.testing.assert_allclose(vectors[1, 32:], mean, atol=1e-5)


def test_a_word_s_vector_is_the_mean_of_its_tokens(embedder: TransformerEmbedder) -> None:
    words = ["Кот", "спит", "."]
    [found] = word_vectors(embedder, [words], "none")
    tokenizer = embedder.encoder.windows.tokenizer
    encoding = tokenizer.encode(words, is_pretokenized=True)
    states, _ = embedder.encoder.states([tuple(encoding.ids)])
    for number in range(3):
        mine = [i for i, word in enumerate(encoding.word_ids) if word == number]
        np.testing.assert_allclose(found[number], states[0, mine].mean(0).numpy(), atol=1e-5)


def test_words_beyond_the_model_are_zeros_and_a_prefix_is_no_word(
    embedder: TransformerEmbedder,
) -> None:
    [found] = word_vectors(embedder, [["аб" * 40, "конец", "слов" * 20, "за"]], "search_query")
    assert found.shape == (4, 32)
    assert found[0].any()
    assert not found[3].any()


def test_the_first_word_never_has_a_label_and_of_spans_the_first_counts() -> None:
    words, labels = scorers._labelled(
        "Иван Петров из Москвы", [["P", 0, 11], ["N", 5, 11], ["L", 15, 21]]
    )
    assert words == ["Иван", "Петров", "из", "Москвы"]
    assert labels == ["O", "B-P", "O", "B-L"]


def test_a_missing_file_or_column_is_named(
    data: Path, embedder: TransformerEmbedder, tmp_path: Path
) -> None:
    [task] = by_name(["sts"])
    with pytest.raises(FormatError, match=r"stsb_dev\.csv"):
        Encodechka(tmp_path, embedder, "none").score(task)
    (tmp_path / "stsb_dev.csv").write_text("sentence1,other\nа,б\n")
    with pytest.raises(FormatError, match="no column sentence2, similarity_score"):
        Encodechka(tmp_path, embedder, "none").score(task)
