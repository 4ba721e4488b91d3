"""Trains the classic R-BERT for a bounded number of steps: every positive, sampled negatives.

Windows are cut around the pair, at most ``--limit`` tokens. Prints the loss as it goes and,
before and after, what held-out pairs say; at the end a threshold is fitted on held-out
documents and the weights are written for ``one_pass.py --classic``.

Run:  python benchmarks/models/classic_train.py --data NEREL/train --output DIR --steps 5000
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.models.classic import LIMIT, ClassicExtractor, ClassicRBert, MarkedPair, candidates
from kgbuild.extract.batch import RELATION_INDEX, allowed_labels, symmetric_labels
from kgbuild.models.bases import find_base
from kgbuild.train.corpora.corpus import read_corpus
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.thresholds import choose_for_pairs

NEGATIVES, BATCH_PAIRS, EVERY = 3, 32, 10
KEPT = 20
"""Negatives of a document kept for sampling, in multiples of its positives."""

Row = tuple[MarkedPair, Tensor]


def rows_of(
    extractor: ClassicExtractor, documents: Sequence[GoldDocument]
) -> tuple[list[Row], list[Row]]:
    """Pairs with a relation, and a sample of those without, each with its labels [49]."""
    positive: list[Row] = []
    negative: list[Row] = []
    shuffle, nothing = random.Random(3), torch.zeros(len(RELATION_INDEX))
    for document in documents:
        labels = labels_of(document)
        others = [ends for ends in candidates(document.mentions) if ends not in labels]
        kept = shuffle.sample(others, min(len(others), KEPT * len(labels)))
        for ends, pair in extractor.pairs(document.text, document.mentions, [*labels, *kept]):
            (positive if ends in labels else negative).append((pair, labels.get(ends, nothing)))
    return positive, negative


def labels_of(document: GoldDocument) -> dict[tuple[int, int], Tensor]:
    """The labels [49] of each related pair that the ontology allows, symmetric ones both ways."""
    number = {mention: i for i, mention in enumerate(document.mentions)}
    possible = set(candidates(document.mentions))
    labels: dict[tuple[int, int], Tensor] = {}
    for relation in document.relations:
        label = RELATION_INDEX[relation.relation]
        ends = number[relation.subject], number[relation.object]
        for pair in (ends, ends[::-1]) if symmetric_labels()[label] else (ends,):
            if pair in possible:
                labels.setdefault(pair, torch.zeros(len(RELATION_INDEX)))[label] = 1.0
    return labels


def loss_of(logits: Tensor, rows: Sequence[Row]) -> Tensor:
    """Mean over pairs of the cross-entropy summed over the labels their types allow, in nats."""
    kinds = np.array([pair.kinds for pair, _ in rows])
    mask = torch.from_numpy(allowed_labels()[kinds[:, 0], kinds[:, 1]]).float().to(logits.device)
    wanted = torch.stack([label for _, label in rows]).to(logits.device)
    total = binary_cross_entropy_with_logits(logits.float(), wanted, mask, reduction="sum")
    return total / len(rows)


def train(extractor: ClassicExtractor, rows: tuple[list[Row], list[Row]], steps: int) -> None:
    """A bounded number of steps of AdamW over all positives and sampled negatives."""
    model, shuffle = extractor.model.train(), random.Random(1)
    head = [*model.types.parameters(), *model.out.parameters()]
    groups = [{"params": list(model.layers.parameters()), "lr": 1e-4}, {"params": head, "lr": 1e-3}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    warmup = max(steps // 10, 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda done: min((done + 1) / warmup, (steps - done) / max(steps - warmup, 1))
    )
    positive, negative = rows
    recent, began = 0.0, time.monotonic()
    for step in range(1, steps + 1):
        each = BATCH_PAIRS // (1 + NEGATIVES)
        batch = shuffle.choices(positive, k=each) + shuffle.choices(negative, k=each * NEGATIVES)
        with torch.autocast(extractor.device.type, torch.bfloat16):
            logits = model([pair for pair, _ in batch], extractor.frame.pad)
        loss = loss_of(logits, batch)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        recent += loss.item()
        if step % EVERY == 0:
            seconds = time.monotonic() - began
            print(
                f"step {step}: loss {recent / EVERY:.4f} nats a pair, {seconds:.0f} s", flush=True
            )
            recent = 0.0
    model.eval()


@torch.inference_mode()
def check(extractor: ClassicExtractor, rows: tuple[list[Row], list[Row]], count: int) -> str:
    """Loss on held-out pairs, and how often a related pair's best label is right."""
    shuffle = random.Random(2)
    positive, negative = (shuffle.sample(r, min(n, len(r))) for r, n in zip(rows, (count, 3 * count), strict=True))  # fmt: skip
    scores = torch.from_numpy(extractor.probabilities([p for p, _ in [*positive, *negative]]))
    loss = loss_of(torch.logit(scores, 1e-6), [*positive, *negative])
    right = 0
    for row, (pair, labels) in enumerate(positive):
        allowed = torch.from_numpy(allowed_labels()[pair.kinds])
        right += int(labels[scores[row].where(allowed, torch.tensor(-1.0)).argmax()])
    return (
        f"loss {float(loss):.4f} nats a pair, {right} of {len(positive)} related pairs named right"
    )


def save(extractor: ClassicExtractor, documents: Sequence[GoldDocument], folder: Path) -> None:
    """Write weights, and calibration and threshold fitted on documents, where there are any."""
    folder.mkdir(parents=True, exist_ok=True)
    values: dict[str, object] = {"limit": extractor.limit, "calibration": {}, "threshold": 0.5}
    if documents:
        given = [d.mentions for d in documents]
        choice = choose_for_pairs(extractor, documents, given)  # type: ignore[arg-type]
        values |= {"calibration": choice.calibration, "threshold": choice.levels.common}
        print(f"threshold {choice.levels.common}: {choice.score.to_dict()}")
    save_file(
        {n: t.half().contiguous() for n, t in extractor.model.trained().items()},
        folder / "classic.safetensors",
    )
    (folder / "classic.json").write_text(json.dumps(values, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of brat files to learn")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--encoder", default="embedded")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--limit", type=int, default=LIMIT, help="tokens of a pair's window")
    parser.add_argument("--documents", type=int, default=700, help="how many to learn from")
    parser.add_argument("--fit", type=int, default=4, help="held-out documents for the threshold")
    arguments = parser.parse_args()
    corpus = read_corpus([arguments.data], held_out=46)
    encoder = find_base(arguments.encoder).load(arguments.device, torch.float32)
    torch.manual_seed(1)
    model = ClassicRBert(encoder).to(encoder.device)
    for parameter in model.layers.parameters():
        parameter.requires_grad_(True)
    extractor = ClassicExtractor(model, encoder, arguments.limit)
    learnt = corpus.train[: arguments.documents]
    rows, aside = rows_of(extractor, learnt), rows_of(extractor, corpus.held_out[:12])
    print(f"{len(rows[0])} related pairs, {len(rows[1])} others; {len(learnt)} documents")
    print(f"before: held-out {check(extractor, aside, 128)}", flush=True)
    train(extractor, rows, arguments.steps)
    print(f"after: held-out {check(extractor, aside, 128)}", flush=True)
    save(extractor, corpus.held_out[: arguments.fit], arguments.output)


if __name__ == "__main__":
    main()
