"""Seconds that each stage takes for a megabyte of one thing.

    python benchmarks/ingest/hostile_stages.py [--size 1000000] [--stages read split resolve]
        [--inputs "initials" …] [--limit 120]

``read``, ``html``: a .txt and an .html file of it; ``split``; ``tokens``: words, tokens and
windows for the models; ``stated``: what patterns read; ``resolve``, ``store``: with the
mentions of a pattern (words with a capital), not a model's, and relations between neighbours;
``index``: both indexes of the graph it gives; ``found``: a search in that graph; ``search``,
``ask``: the whole input as what is searched for and asked. Embeddings are stand-ins. Seconds
of the processor, in a process an input; «>» where a stage had used ``--limit`` of them. Exit
code 1 where one took more than ``--most``.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.ingest.ingest_memory import Names  # noqa: E402
from benchmarks.stand_ins import StandInEmbedder, StandInExtractor  # noqa: E402

STAGES = (
    "read", "html", "split", "tokens", "stated", "resolve", "store", "index", "found", "search", "ask"
)  # fmt: skip
INPUTS = {
    "one line of words": "Иван Петров живёт в Москве и работает ",
    "brackets": "((", "quotes": "«\"", "digits": "7", "line ends": "\n", "carriage returns": "\r",
    "one word": "а", "capitals": "А", "combining marks": "\u0316\u0301", "stress": "а\u0301",
    "emoji": "😀", "full stops": ".", "hyphens at breaks": "а-\n", "dates": "1.2.1999 ",
    "initials": "А. Б. ", "names": "Иван ", "list items": "1)\n", "tags": "<a", "spaces": " я",
    "questions": "кто где родился ", "and": "А и ", "kin": "его сын Иван, брат Марии и ",
    "births": "Иван родился в Москве и умер, ",
}  # fmt: skip
DRAWN = ("other names", "namesakes", "other words")
"""Inputs that don't repeat: names of ever new people, people of one surname, made-up words."""

_CAPITAL = re.compile(r"[А-ЯЁ][а-яё]+(?: [А-ЯЁ][а-яё]+)*|[А-ЯЁ]\. ?[А-ЯЁ]\.|\d\d?\.\d\d?\.\d{4}")


def text_of(name: str, size: int) -> str:
    """An input of so many bytes."""
    if name in INPUTS:
        piece = INPUTS[name]
        return (piece * (size // len(piece.encode()) + 1)).strip(" ") or " "
    import random

    chance = random.Random(0)
    names, parts, left = Names(1.0, chance), [], size
    while left > 0:
        drawn = names()
        if name == "namesakes":
            drawn = f"{drawn[:8].title()} Петров"
        elif name == "other words":
            drawn = drawn.lower()
        parts.append(f"там {drawn} жил. ")
        left -= len(parts[-1].encode())
    return "".join(parts)


def stages(
    text: str, folder: Path, wanted: Sequence[str]
) -> list[tuple[str, Callable[[], object]]]:
    """What is timed, in order; a later one needs the earlier ones' results."""
    from tokenizers import Tokenizer

    from kgbuild.extract.patterns.reading import stated_in
    from kgbuild.extract.windows import plan, tabulate, word_tokenizer
    from kgbuild.graph import KnowledgeGraph, Makers
    from kgbuild.models.encoder import base_folder
    from kgbuild.read.documents import PART, Reader
    from kgbuild.read.sentences import split_sentences
    from kgbuild.resolve.link import RussianLinker
    from kgbuild.resolve.normalize import RussianNormalizer
    from kgbuild.resolve.resolver import Resolution, resolve_document
    from kgbuild.types import Document, DocumentRecord
    from kgbuild.wiring import make_decision, make_question_vectors, make_ranker
    from storage.index.faiss import open_or_rebuild
    from storage.sql import SqlStore

    normalizer, embedder, extractor = (
        RussianNormalizer(), StandInEmbedder(), StandInExtractor(_CAPITAL)
    )  # fmt: skip
    normalizer.normalize("Москва", "CITY")
    text_file, html_file = folder / "a.txt", folder / "a.html"
    for file in (text_file, html_file):
        file.write_text(text, "utf-8", newline="")
    reader, document = Reader(), Document("a", text, "0" * 64)
    sentences = split_sentences(text)
    found = extractor.extract([text])[0]
    store = SqlStore.open(folder / "graph.db", linker=RussianLinker())
    graph = KnowledgeGraph(
        store,
        Makers(
            extractor=lambda: extractor,
            embedder=lambda: embedder,
            normalizer=lambda: normalizer,
            index=lambda store, kind, model: open_or_rebuild(store, kind, model, folder),
            ranker=make_ranker,
            decision=make_decision,
            vectors=make_question_vectors,
        ),
    )
    resolved: list[Resolution] = []

    tokenizer = word_tokenizer(Tokenizer.from_file(str(base_folder().path / "tokenizer.json")))

    def resolve() -> None:
        resolved.append(resolve_document(document, found.mentions, found.relations, normalizer))

    def put() -> None:
        spans = [text[s.start : s.end] for s in sentences]
        vectors = embedder.embed(spans, "search_document").astype("f2") if spans else None
        made = DocumentRecord(
            document, sentences, resolved[0].mentions, found.relations, extractor.fingerprint,
            vectors, embedder.fingerprint if spans else None, resolved[0].nodes,
        )  # fmt: skip
        store.add_document(made)

    def index() -> None:
        from kgbuild.pipeline import embed_entities

        embed_entities(store, embedder)
        for kind in ("sentence", "entity"):
            graph.index(kind)

    assert len(text) <= PART, "a longer text is stored in parts"
    every = {
        "read": lambda: list(reader(text_file)), "html": lambda: list(reader(html_file)),
        "split": lambda: split_sentences(text), "resolve": resolve,
        "tokens": lambda: plan(tabulate(text, tokenizer, 400), 400, 100),
        "stated": lambda: stated_in(text, found.mentions), "store": put, "index": index, "found": lambda: graph.search("кто живёт в Москве"),
        "search": lambda: graph.search(text), "ask": lambda: graph.ask(text),
    }  # fmt: skip
    return [(name, every[name]) for name in STAGES if name in wanted]


def timed(name: str, given: argparse.Namespace, pipe: int) -> None:
    """Tell the seconds of each stage on the pipe."""
    with tempfile.TemporaryDirectory() as folder:
        for _, run in stages(text_of(name, given.size), Path(folder), given.stages):
            began = time.process_time()
            until = int(began + given.limit) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
            run()
            os.write(pipe, f"{time.process_time() - began:.2f}\n".encode())


def measured(name: str, given: argparse.Namespace) -> list[float]:
    """Seconds of each stage, as far as they came in the limit."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            timed(name, given, into)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out) as said:
        seconds = [float(line) for line in said]
    os.waitpid(child, 0)
    return seconds


def main() -> int:
    """Print the table; 1 where something was slow."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--inputs", nargs="+", default=[*INPUTS, *DRAWN])
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--most", type=float, default=20.0)
    given = parser.parse_args()
    worst = 0.0
    print(f"{'input':20}" + "".join(f"{stage:>9}" for stage in given.stages))
    for name in given.inputs:
        seconds = measured(name, given)
        cut = len(seconds) < len(given.stages)
        cells = [f"{s:9.2f}" for s in seconds] + [f"{'>':>9}"] * cut
        print(f"{name:20}{''.join(cells)}", flush=True)
        worst = max([worst, *seconds, float("inf") if cut else 0.0])
    print(f"the slowest: {worst:.1f} s")
    return int(worst > given.most)


if __name__ == "__main__":
    sys.exit(main())
