"""The tasks of encodechka, by its published protocol.

Source: https://github.com/avidale/encodechka (its README and evaluators). Texts are cut to
128 tokens; each figure is the best over the poolings (first token, mean) and, for
accuracies, over two classifiers. The published code scales all vectors to length 1; the
figures that cards print for e5's classes come out without that, so classifiers can read both
(``Length``); similarities are cosines. Its oddities are kept, so that figures can be compared:
the first word of a text never carries a label in NE1 and NE2.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from kgbuild.embed.inference import PromptedEmbedder
from kgbuild.embed.pooling import unit
from kgbuild.errors import FormatError
from kgbuild.measure import scorers
from kgbuild.measure.probe import BothPoolings, word_vectors
from kgbuild.ports import PromptName
from kgbuild.search.cache import cached_vectors

MAX_TOKENS = 128

Floats = NDArray[np.float32]

Length = Literal["unit", "as-is"]
LENGTHS: tuple[Length, ...] = get_args(Length)
"""Classifiers read vectors of length 1, or as long as the network makes them: their penalty
then holds them back less."""


@dataclass(frozen=True, slots=True)
class PairTask:
    """Two texts a row: the similarity against ``gold``, as rank correlation or as a class."""

    name: str
    what: str
    file: str
    texts: tuple[str, str]
    gold: str
    score: Callable[[Floats, Sequence[str]], float]
    figure: str


@dataclass(frozen=True, slots=True)
class ClassTask:
    """Labels of single texts, learnt on one file and scored on another.

    ``columns`` are the text columns of the training and of the test file.
    """

    name: str
    what: str
    file: str
    columns: tuple[str, str]
    gold: str
    scores: Mapping[str, Callable[[scorers.Split], float]]
    figure: str


@dataclass(frozen=True, slots=True)
class WordTask:
    """Labels of words, learnt on one half of the texts and scored on the other."""

    name: str
    what: str
    file: str
    figure: str = "macro F1 of a linear classifier of words, trained on half of the texts"


Task = PairTask | ClassTask | WordTask

_ACCURACY = {"lr": scorers.logistic_accuracy, "knn": scorers.neighbour_accuracy}
_AREA = {"lr": scorers.logistic_area}
_TEXT = ("text", "text")
_RANKS = "Spearman's correlation of the cosine"
_FOLDS = "accuracy of a logistic regression over the cosine alone, three folds"
_BEST = "accuracy, the better of a logistic regression and the 3 nearest neighbours"
_ROC = "area under the ROC curve of a logistic regression"

TASKS: tuple[Task, ...] = (
    PairTask("STS", "similarity of meaning", "stsb_dev.csv", ("sentence1", "sentence2"),
             "similarity_score", scorers.rank_correlation, _RANKS),
    PairTask("PI", "paraphrases of headlines", "para_gold.csv", ("text_1", "text_2"), "class",
             scorers.rank_correlation, _RANKS),
    PairTask("NLI", "inference", "xnli_ru.csv", ("sentence1", "sentence2"), "gold_label",
             scorers.similarity_accuracy, _FOLDS),
    ClassTask("SA", "sentiment", "SentiRuEval2016_small", _TEXT, "answer", _ACCURACY, _BEST),
    ClassTask("TI", "toxicity", "toxic", _TEXT, "toxic", _AREA, _ROC),
    ClassTask("IA", "inappropriateness", "inappropriate", _TEXT, "y", _AREA, _ROC),
    ClassTask("IC", "intents", "intents", _TEXT, "label", _ACCURACY, _BEST),
    ClassTask("ICX", "intents learnt in English, asked in Russian", "intents",
              ("answer", "text"), "label", _ACCURACY, _BEST),
    WordTask("NE1", "entities of news", "factru.json"),
    WordTask("NE2", "entities of drug reviews", "rudrec.json"),
)  # fmt: skip

TASK_NAMES = tuple(task.name.lower() for task in TASKS)

SENTENCE_TASKS = tuple(task.name for task in TASKS if not isinstance(task, WordTask))


@dataclass(frozen=True, slots=True)
class TaskScore:
    """A task's figure, and what each pooling and classifier gave."""

    task: str
    score: float
    by_way: dict[str, float]


@dataclass(slots=True)
class Encodechka:
    """The tasks of a data folder for one embedder and one prompt.

    ``cache`` is a folder that keeps vectors between runs. Words (NE1, NE2) are never scaled.
    """

    data: Path
    embedder: PromptedEmbedder
    prompt: PromptName
    cache: Path | None = None
    length: Length = "unit"
    progress: Callable[[str], None] = lambda _: None
    _seen: dict[tuple[str, ...], Floats] = field(default_factory=dict)

    def score(self, task: Task) -> TaskScore:
        """Run one task.

        Raises:
            FormatError: its files are missing or don't have its columns.
            MissingExtraError: scikit-learn isn't installed.
        """
        self.progress(task.name)
        match task:
            case PairTask():
                found = self._pairs(task)
            case ClassTask():
                found = self._classes(task)
            case WordTask():
                found = self._words(task)
        return TaskScore(task.name, max(found.values()), found)

    def _pairs(self, task: PairTask) -> dict[str, float]:
        rows = _read_csv(self.data / task.file, (*task.texts, task.gold))
        one, two = (self._vectors([row[column] for row in rows]) for column in task.texts)
        gold = [row[task.gold] for row in rows]
        cosines = {name: (unit(one[name]) * unit(two[name])).sum(1) for name in ("cls", "mean")}
        return {name: task.score(found, gold) for name, found in cosines.items()}

    def _classes(self, task: ClassTask) -> dict[str, float]:
        parts = [
            _read_csv(self.data / f"{task.file}_{part}.csv", (column, task.gold))
            for part, column in zip(("train", "test"), task.columns, strict=True)
        ]
        vectors = [
            self._vectors([row[column] for row in rows])
            for rows, column in zip(parts, task.columns, strict=True)
        ]
        labels = [np.array([row[task.gold] for row in rows]) for rows in parts]
        found: dict[str, float] = {}
        for name in ("cls", "mean"):
            split = scorers.Split(vectors[0][name], labels[0], vectors[1][name], labels[1])
            found |= {f"{name}, {way}": score(split) for way, score in task.scores.items()}
        return found

    def _words(self, task: WordTask) -> dict[str, float]:
        texts, labels = scorers.read_words(self.data / task.file)
        vectors = word_vectors(self.embedder, texts, self.prompt)
        return {"sgd": scorers.word_f1(vectors, labels)}

    def _vectors(self, texts: Sequence[str]) -> dict[Literal["cls", "mean"], Floats]:
        """The vectors [len(texts), dimension] of each pooling; equal texts are read once."""
        distinct = tuple(dict.fromkeys(texts))
        if distinct not in self._seen:
            model = BothPoolings(self.embedder, MAX_TOKENS)
            kept = cached_vectors(model, distinct, self.prompt, self.cache)
            self._seen[distinct] = kept.astype(np.float32)
        place = {text: number for number, text in enumerate(distinct)}
        rows = self._seen[distinct][[place[text] for text in texts]]
        halves = rows[:, : self.embedder.dimension], rows[:, self.embedder.dimension :]
        cls, mean = (unit(half) if self.length == "unit" else half for half in halves)
        return {"cls": cls, "mean": mean}


def _read_csv(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [name for name in columns if name not in (reader.fieldnames or ())]
            if lacking:
                raise FormatError(f"{path} has no column {', '.join(lacking)}")
            return [{name: row[name] for name in columns} for row in reader]
    except (OSError, UnicodeError, csv.Error) as error:
        raise FormatError(f"{path}: encodechka's file can't be read: {error}") from error


def by_name(names: Sequence[str]) -> tuple[Task, ...]:
    """The tasks of these names in the table's order; all of them for none."""
    return tuple(task for task in TASKS if not names or task.name.lower() in names)


_NAMES = ("STS", "PI", "NLI", "SA", "TI", "IA", "IC", "ICX", "NE1", "NE2")


def _row(*scores: float) -> dict[str, float]:
    return dict(zip(_NAMES, scores, strict=True))


PUBLISHED: Mapping[str, Mapping[str, float]] = {
    "multilingual-e5-small":
        _row(0.822, 0.714, 0.457, 0.758, 0.957, 0.761, 0.779, 0.691, 0.234, 0.275),
    "multilingual-e5-base":
        _row(0.835, 0.704, 0.459, 0.796, 0.964, 0.783, 0.802, 0.738, 0.235, 0.376),
    "multilingual-e5-large":
        _row(0.862, 0.727, 0.473, 0.810, 0.979, 0.798, 0.819, 0.773, 0.224, 0.374),
    "rubert-tiny2":
        _row(0.750, 0.651, 0.417, 0.737, 0.937, 0.746, 0.757, 0.638, 0.360, 0.386),
    "LaBSE-ru-turbo":
        _row(0.864, 0.748, 0.490, 0.814, 0.974, 0.806, 0.815, 0.801, 0.305, 0.404),
}  # fmt: skip
"""Task → score, by the model's name in the registry, as the models' cards print them: the tables of
https://huggingface.co/sergeyzh/LaBSE-ru-turbo and https://huggingface.co/sergeyzh/rubert-tiny-turbo."""

__all__ = [
    "LENGTHS",
    "PUBLISHED",
    "SENTENCE_TASKS",
    "TASKS",
    "TASK_NAMES",
    "Encodechka",
    "Length",
    "TaskScore",
    "by_name",
]
