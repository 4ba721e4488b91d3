"""Pairs a second: one encoder pass a window for all pairs, against one pass a pair.

Run:  python benchmarks/models/one_pass.py --data NEREL/dev [--documents 8] [--pairs 96] [--rounds 3]
                                    [--weights DIR] [--classic DIR] [--f1-documents 4]

Both read the same windows with the same encoder on the same device in the same run, taking
turns. The one-pass side scores every candidate pair of the windows. The classic R-BERT, which
needs a pass for each, scores pairs drawn evenly from the same windows; its pass reads the
window whole, with the two mentions marked. Both times begin with the tokenised text. Weights
don't matter for speed, so without ``--weights`` and ``--classic`` they are random; with both,
the F1 of each over whole documents is printed beside the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.models.classic import ClassicExtractor, ClassicRBert, MarkedPair, load, mark
from kgbuild.extract.batch import PairBatch, TextBatch, inside, locate_all, pair_batch, text_batch
from kgbuild.extract.joint import BATCH_TOKENS, JointExtractor
from kgbuild.extract.network import JointNetwork, NetworkConfig
from kgbuild.extract.task_weights import ExtractionSettings
from kgbuild.extract.windows import Window, WordTable, plan, tabulate
from kgbuild.models.bases import find_base
from kgbuild.train.corpora.nerel import GoldDocument, read_folder
from kgbuild.train.scoring.evaluate import evaluate_relations


@dataclass(frozen=True, slots=True)
class Item:
    """A window of a document."""

    document: GoldDocument
    table: WordTable
    window: Window

    @property
    def tokens(self) -> int:
        return int(self.table.last[self.window.end - 1] - self.table.first[self.window.start] + 3)


def windows_of(extractor: JointExtractor, documents: Sequence[GoldDocument]) -> list[Item]:
    """Every window of the documents, by length, without a header: the classic side reads what
    stands together."""
    tokens = extractor.settings.tokens
    tables = [(d, tabulate(d.text, extractor.tokenizer, tokens)) for d in documents]
    items = [
        Item(d, table, Window(w.start, w.end))
        for d, table in tables
        for w in plan(table, tokens, 0)
    ]
    return sorted(items, key=lambda item: item.tokens)


def batches_of(items: Sequence[Item]) -> list[Sequence[Item]]:
    """Windows of like length, as many as a pass works well with."""
    groups: list[list[Item]] = [[]]
    for item in items:
        if groups[-1] and item.tokens * (len(groups[-1]) + 1) > BATCH_TOKENS:
            groups.append([])
        groups[-1].append(item)
    return list(groups)


def arrays_of(extractor: JointExtractor, items: Sequence[Item]) -> tuple[TextBatch, PairBatch]:
    """The windows as tensors on the device, and their candidate pairs."""
    windows = [(item.table, item.window) for item in items]
    found = [
        inside(i.window, i.document.mentions, locate_all(i.table, i.document.mentions))
        for i in items
    ]
    text, pairs = text_batch(windows, extractor.specials), pair_batch(windows, found)
    return tuple(
        type(x)(*(getattr(x, n).to(extractor.device) for n in x.__slots__)) for x in (text, pairs)
    )  # type: ignore[return-value]


@torch.inference_mode()
def score_all(extractor: JointExtractor, items: Sequence[Item]) -> int:
    """One pass a window; returns how many pairs were scored."""
    count = 0
    for group in batches_of(items):
        text, pairs = arrays_of(extractor, group)
        if len(pairs.pairs) == 0:
            continue
        with torch.autocast(extractor.device.type, torch.bfloat16, enabled=extractor.low_precision):
            states = extractor.network.encode(text)
            scores = extractor.network.score_pairs(states, text, pairs)
        count += len(scores.float().cpu())
    return count


def score_each(
    classic: ClassicExtractor, items: Sequence[Item], wanted: Sequence[tuple[int, int, int]]
) -> int:
    """One pass a pair over whole windows; ``wanted`` are (window, subject, object)."""
    marked: list[MarkedPair] = []
    for row, subject, obj in wanted:
        item = items[row]
        mentions = item.document.mentions
        found = inside(item.window, mentions, locate_all(item.table, mentions))
        words = [found.spans[end] + item.window.start for end in (subject, obj)]
        kinds = int(found.types[subject]), int(found.types[obj])
        pair = mark(item.table, item.window, words, kinds, classic.frame)
        assert pair is not None
        marked.append(pair)
    return len(classic.probabilities(marked))


def drawn(
    extractor: JointExtractor, items: Sequence[Item], count: int
) -> list[tuple[int, int, int]]:
    """Pairs (window, subject, object) at even distances through all pairs of the windows."""
    every: list[tuple[int, int, int]] = []
    for row, item in enumerate(items):
        _, pairs = arrays_of(extractor, [item])
        every += [(row, s, o) for s, o in pairs.pairs.tolist()]
    step = max(len(every) // count, 1)
    return every[::step][:count]


def extractors(arguments: argparse.Namespace) -> tuple[JointExtractor, ClassicExtractor]:
    """Both sides, each over its own copy of one encoder."""
    base = find_base(arguments.encoder)
    encoder, other = (base.load(arguments.device) for _ in range(2))
    if arguments.weights:
        one_pass = JointExtractor.open(arguments.weights, device=arguments.device)
        if one_pass.settings.base != base.reference.sha256:
            raise SystemExit(f"{arguments.weights}: not trained on --encoder {arguments.encoder}")
    else:
        config = NetworkConfig()
        network = JointNetwork(encoder.model, config).to(encoder.device)
        settings = ExtractionSettings(base.reference.sha256, config.to_dict())
        one_pass = JointExtractor(network, encoder, settings)
    if arguments.classic:
        return one_pass, load(arguments.classic, other)
    return one_pass, ClassicExtractor(ClassicRBert(other).to(other.device), other)


def print_f1(
    one_pass: JointExtractor, classic: ClassicExtractor, documents: Sequence[GoldDocument]
) -> None:
    """Relations between gold mentions, whole documents, micro, of both sides."""
    for name, extractor in (("one pass a window", one_pass), ("one pass a pair", classic)):
        report = evaluate_relations(extractor, documents)
        print(f"{name}: {report.micro.to_dict()} over {len(documents)} documents")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--data", type=Path, required=True, help="folder of brat files")
    parser.add_argument("--encoder", default="embedded")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--documents", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=96, help="pairs of the classic side a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--weights", type=Path, help="a weight folder for the one-pass side")
    parser.add_argument("--classic", type=Path, help="a folder that classic_train.py wrote")
    parser.add_argument("--f1-documents", type=int, default=4)
    arguments = parser.parse_args()
    one_pass, classic = extractors(arguments)
    documents = read_folder(arguments.data)
    items = windows_of(one_pass, documents[: arguments.documents])
    wanted = drawn(one_pass, items, arguments.pairs)
    print(f"{len(items)} windows of {arguments.documents} documents, {classic.device.type}")
    score_all(one_pass, items[:1])
    score_each(classic, items, wanted[:1])
    ratios = []
    for number in range(1, arguments.rounds + 1):
        speeds = []
        for work in (
            lambda: score_all(one_pass, items),
            lambda: score_each(classic, items, wanted),
        ):
            began = time.perf_counter()
            count = work()
            speeds.append((count, count / (time.perf_counter() - began)))
        (every, fast), (some, slow) = speeds
        ratios.append(fast / slow)
        print(
            f"round {number}: one pass a window {fast:.1f} pairs/s ({every} pairs), one pass a "
            f"pair {slow:.2f} pairs/s ({some} pairs), ratio {fast / slow:.1f}",
            flush=True,
        )
    print(f"median ratio {statistics.median(ratios):.1f}")
    if arguments.weights and arguments.classic:
        print_f1(one_pass, classic, documents[: arguments.f1_documents])


if __name__ == "__main__":
    main()
