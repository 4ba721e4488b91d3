"""Trains the last decision of asking (:mod:`kgbuild.ask.decision`).

An exercise is a question with its options over a graph, ranked by a ranker that hadn't learnt
from that graph's questions: rankers of the other folds stand in for the one that will be used.
The loss is a softmax over options and «no answer»; where no option is right, abstaining is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.asker import Asker, Tools
from kgbuild.ask.decision import Decision
from kgbuild.ask.features import Vectors
from kgbuild.ask.options import Options
from kgbuild.ask.ranker import Ranker
from kgbuild.errors import FormatError
from kgbuild.ports import Store
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.train.ranking import SKIPPED, Asking, Lesson, fit_of_name, spread

MEMBERS = 3
"""Nets of a decision."""

HIDDEN, NONE_HIDDEN, DROPOUT = 32, 12, 0.2
EPOCHS, RATE, DECAY, BATCH = 12, 3e-3, 3e-2, 32

THRESHOLD = 0.16
"""Least probability of an answer; chosen on the dossiers' development questions."""

_SHAPED = frozenset({"yes_no", "connection", "connect"})
_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question with its options; ``right`` bool [n]."""

    asking: Asking
    options: Options
    right: NDArray[np.bool_]


def folded(
    learnt: Sequence[Sequence[Lesson]], folds: int
) -> Iterator[tuple[list[Lesson], dict[int, list[Asking]]]]:
    """Parts the questions of all graphs: for each fold the lessons of the others, and its own
    questions by the graph's place. A graph's questions are one fold's, unless they are a tenth
    of all or more."""
    whole = sum(map(len, learnt))
    turn = 0
    places: list[list[int]] = []
    for some in learnt:
        if len(some) * 10 >= whole:
            places.append([at % folds for at in range(len(some))])
        else:
            places.append([turn % folds] * len(some))
            turn += 1
    for fold in range(folds):
        learn, ask = [], {}
        for at, (some, put) in enumerate(zip(learnt, places, strict=True)):
            learn += [one for one, place in zip(some, put, strict=True) if place != fold]
            own = [one.asking for one, place in zip(some, put, strict=True) if place == fold]
            if own:
                ask[at] = own
        yield learn, ask


def exercises(
    store: Store, ranker: Ranker, vectors: Vectors, askings: Iterable[Asking]
) -> list[Exercise]:
    """The options of every question that asks for an entity or a value."""

    def none() -> Decision:
        raise AssertionError("an exercise isn't decided")

    asker = Asker(store, Tools(RussianNormalizer, lambda: ranker, none, lambda: vectors))
    found = []
    for asking in askings:
        if asking.kind in SKIPPED | _SHAPED:
            continue
        considered = asker.considered(asking.question)
        if considered.options is None:
            continue
        right = []
        for option in considered.options.all:
            if option.at < 0:
                entity = store.entity(considered.spoken.items[0].entity)
            else:
                entity = considered.ranked.proposed.entities.get(option.end)
            right.append(entity is not None and fit_of_name(asking.forms, entity) > 0)
        found.append(Exercise(asking, considered.options, np.array(right, dtype=bool)))
    return found


def fit_decision(
    given: Sequence[Exercise],
    epochs: int = EPOCHS,
    seed: int = 0,
    progress: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Decision:
    """Train a decision of ``MEMBERS`` nets; ``progress`` is told the epoch of all and its loss.

    Raises:
        FormatError: no exercise has an option.
    """
    if not any(len(one.right) for one in given):
        raise FormatError("no question has an option: the graphs answer none of them")
    members = []
    for number in range(MEMBERS):

        def told(epoch: int, loss: float, before: int = number * epochs) -> None:
            progress(before + epoch, loss)

        members.append(_trained(given, epochs, seed + number, told))
    return Decision(tuple(members), THRESHOLD)


def _trained(
    given: Sequence[Exercise], epochs: int, seed: int, progress: Callable[[int, float], None]
) -> dict[str, NDArray[np.float32]]:
    """One member, from its own seed."""
    import torch
    from torch import nn
    from torch.nn import functional

    from kgbuild.ask.ranker import CLIP

    every = np.concatenate([one.options.figures for one in given])
    nones = np.stack([one.options.none for one in given])
    scale = [torch.from_numpy(v) for v in (every.mean(0), spread(every))]
    none_scale = [torch.from_numpy(v) for v in (nones.mean(0), spread(nones))]
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    a, c = nn.Linear(every.shape[1], HIDDEN), nn.Linear(HIDDEN, 1, bias=False)
    n, m = nn.Linear(nones.shape[1], NONE_HIDDEN), nn.Linear(NONE_HIDDEN, 1)
    drop = nn.Dropout(DROPOUT)
    weights = [p for part in (a, c, n, m) for p in part.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=RATE, weight_decay=DECAY)
    steps = epochs * -(-len(given) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for epoch in range(epochs):
        order, total = rng.permutation(len(given)), 0.0
        for begin in range(0, len(given), BATCH):
            some = [given[at] for at in order[begin : begin + BATCH]]
            width = max(len(one.right) for one in some)
            figures = np.zeros((len(some), width, every.shape[1]), dtype=np.float32)
            held = np.zeros((len(some), width), dtype=bool)
            right = np.zeros((len(some), width + 1), dtype=bool)
            for row, one in enumerate(some):
                count = len(one.right)
                figures[row, :count], held[row, :count] = one.options.figures, True
                right[row, :count] = one.right
                right[row, -1] = not one.right.any()
            seen = torch.clamp((torch.from_numpy(figures) - scale[0]) / scale[1], -CLIP, CLIP)
            scores = c(drop(functional.relu(a(drop(seen)))))[..., 0]
            scores = scores.masked_fill(~torch.from_numpy(held), _NEVER)
            none = torch.from_numpy(np.stack([one.options.none for one in some]))
            none = torch.clamp((none - none_scale[0]) / none_scale[1], -CLIP, CLIP)
            logits = torch.cat([scores, m(functional.relu(n(none)))], 1)
            wanted = logits.masked_fill(~torch.from_numpy(right), _NEVER)
            loss = (torch.logsumexp(logits, 1) - torch.logsumexp(wanted, 1)).mean()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(some)
        progress(epoch, total / len(given))
    named = {
        "mean": scale[0], "std": scale[1], "a": a.weight, "a_bias": a.bias, "c": c.weight[0],
        "none_mean": none_scale[0], "none_std": none_scale[1], "n": n.weight, "n_bias": n.bias,
        "m": m.weight[0], "m_bias": m.bias,
    }  # fmt: skip
    return {name: tensor.detach().numpy().copy() for name, tensor in named.items()}
