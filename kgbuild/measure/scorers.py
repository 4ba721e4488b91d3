"""How encodechka turns vectors into a figure: scikit-learn's classifiers and scores.

Settings are those of the published protocol (https://github.com/avidale/encodechka).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import FormatError, require

Floats = NDArray[np.float32]
Labels = NDArray[np.str_]

_PATIENCE = 10_000  # iterations of a logistic regression


@dataclass(frozen=True, slots=True)
class Split:
    """Vectors [n, d] and labels [n], to learn from and to score on."""

    train: Floats
    train_labels: Labels
    test: Floats
    test_labels: Labels


def _sklearn(module: str) -> Any:
    return require(f"sklearn.{module}", extra="eval")


def rank_correlation(similarities: Floats, gold: Sequence[str]) -> float:
    """Spearman's correlation of similarities [n] with gold numbers."""
    stats: Any = require("scipy.stats", extra="eval")
    return float(stats.spearmanr([float(x) for x in gold], similarities).statistic)


def similarity_accuracy(similarities: Floats, gold: Sequence[str]) -> float:
    """How often the class is told from the similarity alone, over three folds."""
    selection = _sklearn("model_selection")
    labels = np.array(gold)
    folds = selection.KFold(n_splits=3, shuffle=True, random_state=1)
    found = selection.cross_val_predict(_logistic(), similarities[:, None], labels, cv=folds)
    return float(np.mean(found == labels))


def logistic_accuracy(split: Split) -> float:
    """Accuracy of a logistic regression."""
    model = _logistic().fit(split.train, split.train_labels)
    return float(np.mean(model.predict(split.test) == split.test_labels))


def neighbour_accuracy(split: Split) -> float:
    """Accuracy of the three nearest neighbours, weighed by distance."""
    made = _sklearn("neighbors").KNeighborsClassifier(n_neighbors=3, weights="distance")
    model = made.fit(split.train, split.train_labels)
    return float(np.mean(model.predict(split.test) == split.test_labels))


def logistic_area(split: Split) -> float:
    """Area under the ROC curve of a logistic regression between two classes."""
    model = _logistic().fit(split.train, split.train_labels)
    chances = model.predict_proba(split.test)[:, 1]
    right = split.test_labels == model.classes_[1]
    return float(_sklearn("metrics").roc_auc_score(right, chances))


def _logistic() -> Any:
    return _sklearn("linear_model").LogisticRegression(max_iter=_PATIENCE)


def read_words(path: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The words of a file's texts and their labels: O, B-TYPE or I-TYPE.

    The file holds ``texts`` and ``labels``, lists of [type, start, end] in characters.

    Raises:
        FormatError: it doesn't.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        pairs = list(zip(data["texts"], data["labels"], strict=True))
        found = [_labelled(str(text), spans) for text, spans in pairs]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: encodechka's file can't be read: {error}") from error
    return [words for words, _ in found], [labels for _, labels in found]


def _labelled(text: str, spans: Iterable[Sequence[Any]]) -> tuple[list[str], list[str]]:
    """Words by razdel and their labels; of spans that overlap the first counts."""
    from razdel import tokenize

    words = list(tokenize(text))
    labels = ["O"] * len(words)
    for kind, start, end in spans:
        inside = False
        for number, word in enumerate(words):
            free = number > 0 and labels[number] == "O"  # number 0: the protocol's oddity
            if free and word.start < int(end) and word.stop > int(start):
                labels[number] = f"{'I' if inside else 'B'}-{kind}"
                inside = True
    return [word.text for word in words], labels


def word_f1(vectors: Sequence[Floats], labels: Sequence[Sequence[str]]) -> float:
    """Macro F1 of the labels besides O, of a linear classifier learnt on half of the texts."""
    split = _sklearn("model_selection").train_test_split
    parts = split(list(vectors), list(labels), test_size=0.5, random_state=1)
    train, test = (np.concatenate(part) for part in parts[:2])
    known, gold = (np.concatenate([list(row) for row in part]) for part in parts[2:])
    model = _sklearn("linear_model").SGDClassifier(
        loss="log_loss", shuffle=True, random_state=1, early_stopping=False, tol=1e-4
    )
    found = model.fit(train, known).predict(test)
    kinds = sorted(set(gold) - {"O"})
    score = _sklearn("metrics").f1_score(
        gold, found, average="macro", labels=kinds, zero_division=0
    )
    return float(score)
