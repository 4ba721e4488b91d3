"""Trains the classifier of questions (:mod:`kgbuild.ask.classifier`).

It learns from wordings written for it, in ``question_examples.txt``, and from questions of
a file whose ``part`` is ``tune``; of those the relation alone is known, so the direction is
the one that a classifier of the wordings finds likelier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.classifier import NONE, RelationClassifier, masked
from kgbuild.ask.evaluate import GoldQuestion
from kgbuild.ports import Embedder

STEPS, RATE, DECAY, SCALE, SMOOTHING = 400, 0.05, 0.5, 5.0, 0.05
THRESHOLD = 0.5
"""Least probability of a guess, chosen on the ``tune`` questions over gold annotations."""

ONE_HOP = ("one_hop", "inverse", "date", "list")

Class = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Example:
    """A masked question and the relation and direction that it asks for."""

    question: str
    label: Class


def written_examples() -> list[Example]:
    """The wordings of ``question_examples.txt`` as questions."""
    found = []
    text = files("kgbuild.train").joinpath("question_examples.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            head, wordings = line.split(": ", 1)
            relation, direction = head.split()
            label = (NONE if relation == "NONE" else relation, direction == "subject")
            for wording in wordings.split("; "):
                found.append(Example(f"{wording[0].upper()}{wording[1:]}?", label))
    return found


def train_classifier(questions: Sequence[GoldQuestion], embedder: Embedder) -> RelationClassifier:
    """Fit on the written examples and the ``tune`` part of ``questions``."""
    examples = written_examples()
    classes = sorted({example.label for example in examples})
    vectors = embedder.embed([example.question for example in examples], "search_query")
    labels = [classes.index(example.label) for example in examples]
    first = _fit(vectors, labels, classes, embedder.fingerprint)
    known = {relation for relation, _ in classes}
    asked = [
        q
        for q in questions
        if q.part == "tune" and q.kind in ONE_HOP and q.relation is not None and q.relation in known
    ]
    if not asked:
        return first
    more = embedder.embed([masked(q.question) for q in asked], "search_query")
    for question, row in zip(asked, first.probabilities(more), strict=True):
        fitting = [i for i, (relation, _) in enumerate(classes) if relation == question.relation]
        labels.append(max(fitting, key=row.__getitem__))
    return _fit(np.vstack([vectors, more]), labels, classes, embedder.fingerprint)


def _fit(
    vectors: NDArray[np.float32], labels: Sequence[int], classes: Sequence[Class], embedder: str
) -> RelationClassifier:
    """Softmax regression with weight decay, full batches, AdamW."""
    import torch

    torch.manual_seed(0)
    mean = vectors.mean(axis=0)
    inputs = torch.from_numpy((vectors - mean) * np.float32(SCALE))
    targets = torch.tensor(labels)
    layer = torch.nn.Linear(inputs.shape[1], len(classes))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(layer(inputs), targets, label_smoothing=SMOOTHING)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    weights = layer.weight.detach().numpy() * np.float32(SCALE)
    return RelationClassifier(
        tuple(classes), weights, layer.bias.detach().numpy(), mean, THRESHOLD, embedder
    )
