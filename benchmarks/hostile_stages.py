"""Seconds that each stage takes for a megabyte of one thing.
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    python benchmarks/hostile_stages.py [--size 1000000] [--stages read split resolve]
from kgbuild.wiring import make_question_vectors, make_ranker
        [--inputs "initials" …] [--limit 120]
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
``read``, ``html``: a .txt and an .html file of it; ``split``; ``tokens``: words, tokens and
from kgbuild.wiring import make_question_vectors, make_ranker
windows for the models; ``stated``: what patterns read; ``resolve``, ``store``: with the
from kgbuild.wiring import make_question_vectors, make_ranker
mentions of a pattern (words with a capital), not a model's, and relations between neighbours;
from kgbuild.wiring import make_question_vectors, make_ranker
``index``: both indexes of the graph it gives; ``found``: a search in that graph; ``search``,
from kgbuild.wiring import make_question_vectors, make_ranker
``ask``: the whole input as what is searched for and asked. Embeddings are stand-ins. Seconds
from kgbuild.wiring import make_question_vectors, make_ranker
of the processor, in a process an input; «>» where a stage had used ``--limit`` of them. Exit
from kgbuild.wiring import make_question_vectors, make_ranker
code 1 where one took more than ``--most``.
from kgbuild.wiring import make_question_vectors, make_ranker
"""
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
from __future__ import annotations
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
import argparse
from kgbuild.wiring import make_question_vectors, make_ranker
import os
from kgbuild.wiring import make_question_vectors, make_ranker
import re
from kgbuild.wiring import make_question_vectors, make_ranker
import resource
from kgbuild.wiring import make_question_vectors, make_ranker
import sys
from kgbuild.wiring import make_question_vectors, make_ranker
import tempfile
from kgbuild.wiring import make_question_vectors, make_ranker
import time
from kgbuild.wiring import make_question_vectors, make_ranker
import traceback
from kgbuild.wiring import make_question_vectors, make_ranker
from collections.abc import Callable, Sequence
from kgbuild.wiring import make_question_vectors, make_ranker
from pathlib import Path
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
ROOT = Path(__file__).parents[1]
from kgbuild.wiring import make_question_vectors, make_ranker
sys.path.insert(0, str(ROOT))
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
from benchmarks.ingest_memory import Names  # noqa: E402
from kgbuild.wiring import make_question_vectors, make_ranker
from benchmarks.stand_ins import StandInEmbedder, StandInExtractor  # noqa: E402
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
STAGES = (
from kgbuild.wiring import make_question_vectors, make_ranker
    "read", "html", "split", "tokens", "stated", "resolve", "store", "index", "found", "search", "ask"
from kgbuild.wiring import make_question_vectors, make_ranker
)  # fmt: skip
from kgbuild.wiring import make_question_vectors, make_ranker
INPUTS = {
from kgbuild.wiring import make_question_vectors, make_ranker
    "one line of words": "Иван Петров живёт в Москве и работает ",
from kgbuild.wiring import make_question_vectors, make_ranker
    "brackets": "((", "quotes": "«\"", "digits": "7", "line ends": "\n", "carriage returns": "\r",
from kgbuild.wiring import make_question_vectors, make_ranker
    "one word": "а", "capitals": "А", "combining marks": "\u0316\u0301", "stress": "а\u0301",
from kgbuild.wiring import make_question_vectors, make_ranker
    "emoji": "😀", "full stops": ".", "hyphens at breaks": "а-\n", "dates": "1.2.1999 ",
from kgbuild.wiring import make_question_vectors, make_ranker
    "initials": "А. Б. ", "names": "Иван ", "list items": "1)\n", "tags": "<a", "spaces": " я",
from kgbuild.wiring import make_question_vectors, make_ranker
    "questions": "кто где родился ", "and": "А и ", "kin": "его сын Иван, брат Марии и ",
from kgbuild.wiring import make_question_vectors, make_ranker
    "births": "Иван родился в Москве и умер, ",
from kgbuild.wiring import make_question_vectors, make_ranker
}  # fmt: skip
from kgbuild.wiring import make_question_vectors, make_ranker
DRAWN = ("other names", "namesakes", "other words")
from kgbuild.wiring import make_question_vectors, make_ranker
"""Inputs that don't repeat: names of ever new people, people of one surname, made-up words."""
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
_CAPITAL = re.compile(r"[А-ЯЁ][а-яё]+(?: [А-ЯЁ][а-яё]+)*|[А-ЯЁ]\. ?[А-ЯЁ]\.|\d\d?\.\d\d?\.\d{4}")
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
def text_of(name: str, size: int) -> str:
from kgbuild.wiring import make_question_vectors, make_ranker
    """An input of so many bytes."""
from kgbuild.wiring import make_question_vectors, make_ranker
    if name in INPUTS:
from kgbuild.wiring import make_question_vectors, make_ranker
        piece = INPUTS[name]
from kgbuild.wiring import make_question_vectors, make_ranker
        return (piece * (size // len(piece.encode()) + 1)).strip(" ") or " "
from kgbuild.wiring import make_question_vectors, make_ranker
    import random
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    chance = random.Random(0)
from kgbuild.wiring import make_question_vectors, make_ranker
    names, parts, left = Names(1.0, chance), [], size
from kgbuild.wiring import make_question_vectors, make_ranker
    while left > 0:
from kgbuild.wiring import make_question_vectors, make_ranker
        drawn = names()
from kgbuild.wiring import make_question_vectors, make_ranker
        if name == "namesakes":
from kgbuild.wiring import make_question_vectors, make_ranker
            drawn = f"{drawn[:8].title()} Петров"
from kgbuild.wiring import make_question_vectors, make_ranker
        elif name == "other words":
from kgbuild.wiring import make_question_vectors, make_ranker
            drawn = drawn.lower()
from kgbuild.wiring import make_question_vectors, make_ranker
        parts.append(f"там {drawn} жил. ")
from kgbuild.wiring import make_question_vectors, make_ranker
        left -= len(parts[-1].encode())
from kgbuild.wiring import make_question_vectors, make_ranker
    return "".join(parts)
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
def stages(
from kgbuild.wiring import make_question_vectors, make_ranker
    text: str, folder: Path, wanted: Sequence[str]
from kgbuild.wiring import make_question_vectors, make_ranker
) -> list[tuple[str, Callable[[], object]]]:
from kgbuild.wiring import make_question_vectors, make_ranker
    """What is timed, in order; a later one needs the earlier ones' results."""
from kgbuild.wiring import make_question_vectors, make_ranker
    from tokenizers import Tokenizer
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.extract.stated.reading import stated_in
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.extract.windows import plan, tabulate, word_tokenizer
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.graph import KnowledgeGraph, Makers
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.models.encoder import base_folder
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.read.documents import PART, Reader
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.read.sentences import split_sentences
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.resolve.link import RussianLinker
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.resolve.resolver import Resolution, resolve_document
from kgbuild.wiring import make_question_vectors, make_ranker
    from kgbuild.types import Document, DocumentRecord
from kgbuild.wiring import make_question_vectors, make_ranker
    from storage.index.faiss import open_or_rebuild
from kgbuild.wiring import make_question_vectors, make_ranker
    from storage.sql import SqlStore
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    normalizer, embedder, extractor = (
from kgbuild.wiring import make_question_vectors, make_ranker
        RussianNormalizer(), StandInEmbedder(), StandInExtractor(_CAPITAL)
from kgbuild.wiring import make_question_vectors, make_ranker
    )  # fmt: skip
from kgbuild.wiring import make_question_vectors, make_ranker
    normalizer.normalize("Москва", "CITY")
from kgbuild.wiring import make_question_vectors, make_ranker
    text_file, html_file = folder / "a.txt", folder / "a.html"
from kgbuild.wiring import make_question_vectors, make_ranker
    for file in (text_file, html_file):
from kgbuild.wiring import make_question_vectors, make_ranker
        file.write_text(text, "utf-8", newline="")
from kgbuild.wiring import make_question_vectors, make_ranker
    reader, document = Reader(), Document("a", text, "0" * 64)
from kgbuild.wiring import make_question_vectors, make_ranker
    sentences = split_sentences(text)
from kgbuild.wiring import make_question_vectors, make_ranker
    found = extractor.extract([text])[0]
from kgbuild.wiring import make_question_vectors, make_ranker
    store = SqlStore.open(folder / "graph.db", linker=RussianLinker())
from kgbuild.wiring import make_question_vectors, make_ranker
    graph = KnowledgeGraph(
from kgbuild.wiring import make_question_vectors, make_ranker
        store,
from kgbuild.wiring import make_question_vectors, make_ranker
        Makers(
from kgbuild.wiring import make_question_vectors, make_ranker
            lambda: extractor, lambda: embedder, lambda: normalizer,
from kgbuild.wiring import make_question_vectors, make_ranker
            lambda store, kind, model: open_or_rebuild(store, kind, model, folder),
from kgbuild.wiring import make_question_vectors, make_ranker
            make_ranker, make_question_vectors,
from kgbuild.wiring import make_question_vectors, make_ranker
        ),
from kgbuild.wiring import make_question_vectors, make_ranker
    )  # fmt: skip
from kgbuild.wiring import make_question_vectors, make_ranker
    resolved: list[Resolution] = []
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    tokenizer = word_tokenizer(Tokenizer.from_file(str(base_folder().path / "tokenizer.json")))
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    def resolve() -> None:
from kgbuild.wiring import make_question_vectors, make_ranker
        resolved.append(resolve_document(document, found.mentions, found.relations, normalizer))
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    def put() -> None:
from kgbuild.wiring import make_question_vectors, make_ranker
        spans = [text[s.start : s.end] for s in sentences]
from kgbuild.wiring import make_question_vectors, make_ranker
        vectors = embedder.embed(spans, "search_document").astype("f2") if spans else None
from kgbuild.wiring import make_question_vectors, make_ranker
        made = DocumentRecord(
from kgbuild.wiring import make_question_vectors, make_ranker
            document, sentences, resolved[0].mentions, found.relations, extractor.fingerprint,
from kgbuild.wiring import make_question_vectors, make_ranker
            vectors, embedder.fingerprint if spans else None, resolved[0].nodes,
from kgbuild.wiring import make_question_vectors, make_ranker
        )  # fmt: skip
from kgbuild.wiring import make_question_vectors, make_ranker
        store.add_document(made)
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    def index() -> None:
from kgbuild.wiring import make_question_vectors, make_ranker
        from kgbuild.pipeline import embed_entities
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
        embed_entities(store, embedder)
from kgbuild.wiring import make_question_vectors, make_ranker
        for kind in ("sentence", "entity"):
from kgbuild.wiring import make_question_vectors, make_ranker
            graph.index(kind)
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
    assert len(text) <= PART, "a longer text is stored in parts"
from kgbuild.wiring import make_question_vectors, make_ranker
    every = {
from kgbuild.wiring import make_question_vectors, make_ranker
        "read": lambda: list(reader(text_file)), "html": lambda: list(reader(html_file)),
from kgbuild.wiring import make_question_vectors, make_ranker
        "split": lambda: split_sentences(text), "resolve": resolve,
from kgbuild.wiring import make_question_vectors, make_ranker
        "tokens": lambda: plan(tabulate(text, tokenizer, 400), 400, 100),
from kgbuild.wiring import make_question_vectors, make_ranker
        "stated": lambda: stated_in(text, found.mentions), "store": put, "index": index, "found": lambda: graph.search("кто живёт в Москве"),
from kgbuild.wiring import make_question_vectors, make_ranker
        "search": lambda: graph.search(text), "ask": lambda: graph.ask(text),
from kgbuild.wiring import make_question_vectors, make_ranker
    }  # fmt: skip
from kgbuild.wiring import make_question_vectors, make_ranker
    return [(name, every[name]) for name in STAGES if name in wanted]
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
def timed(name: str, given: argparse.Namespace, pipe: int) -> None:
from kgbuild.wiring import make_question_vectors, make_ranker
    """Tell the seconds of each stage on the pipe."""
from kgbuild.wiring import make_question_vectors, make_ranker
    with tempfile.TemporaryDirectory() as folder:
from kgbuild.wiring import make_question_vectors, make_ranker
        for _, run in stages(text_of(name, given.size), Path(folder), given.stages):
from kgbuild.wiring import make_question_vectors, make_ranker
            began = time.process_time()
from kgbuild.wiring import make_question_vectors, make_ranker
            until = int(began + given.limit) + 1
from kgbuild.wiring import make_question_vectors, make_ranker
            resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
from kgbuild.wiring import make_question_vectors, make_ranker
            run()
from kgbuild.wiring import make_question_vectors, make_ranker
            os.write(pipe, f"{time.process_time() - began:.2f}\n".encode())
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
def measured(name: str, given: argparse.Namespace) -> list[float]:
from kgbuild.wiring import make_question_vectors, make_ranker
    """Seconds of each stage, as far as they came in the limit."""
from kgbuild.wiring import make_question_vectors, make_ranker
    out, into = os.pipe()
from kgbuild.wiring import make_question_vectors, make_ranker
    child = os.fork()
from kgbuild.wiring import make_question_vectors, make_ranker
    if not child:
from kgbuild.wiring import make_question_vectors, make_ranker
        try:
from kgbuild.wiring import make_question_vectors, make_ranker
            timed(name, given, into)
from kgbuild.wiring import make_question_vectors, make_ranker
        except BaseException:
from kgbuild.wiring import make_question_vectors, make_ranker
            traceback.print_exc()
from kgbuild.wiring import make_question_vectors, make_ranker
        finally:
from kgbuild.wiring import make_question_vectors, make_ranker
            os._exit(0)
from kgbuild.wiring import make_question_vectors, make_ranker
    os.close(into)
from kgbuild.wiring import make_question_vectors, make_ranker
    with os.fdopen(out) as said:
from kgbuild.wiring import make_question_vectors, make_ranker
        seconds = [float(line) for line in said]
from kgbuild.wiring import make_question_vectors, make_ranker
    os.waitpid(child, 0)
from kgbuild.wiring import make_question_vectors, make_ranker
    return seconds
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
def main() -> int:
from kgbuild.wiring import make_question_vectors, make_ranker
    """Print the table; 1 where something was slow."""
from kgbuild.wiring import make_question_vectors, make_ranker
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
from kgbuild.wiring import make_question_vectors, make_ranker
    parser.add_argument("--size", type=int, default=1_000_000)
from kgbuild.wiring import make_question_vectors, make_ranker
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
from kgbuild.wiring import make_question_vectors, make_ranker
    parser.add_argument("--inputs", nargs="+", default=[*INPUTS, *DRAWN])
from kgbuild.wiring import make_question_vectors, make_ranker
    parser.add_argument("--limit", type=float, default=60.0)
from kgbuild.wiring import make_question_vectors, make_ranker
    parser.add_argument("--most", type=float, default=20.0)
from kgbuild.wiring import make_question_vectors, make_ranker
    given = parser.parse_args()
from kgbuild.wiring import make_question_vectors, make_ranker
    worst = 0.0
from kgbuild.wiring import make_question_vectors, make_ranker
    print(f"{'input':20}" + "".join(f"{stage:>9}" for stage in given.stages))
from kgbuild.wiring import make_question_vectors, make_ranker
    for name in given.inputs:
from kgbuild.wiring import make_question_vectors, make_ranker
        seconds = measured(name, given)
from kgbuild.wiring import make_question_vectors, make_ranker
        cut = len(seconds) < len(given.stages)
from kgbuild.wiring import make_question_vectors, make_ranker
        cells = [f"{s:9.2f}" for s in seconds] + [f"{'>':>9}"] * cut
from kgbuild.wiring import make_question_vectors, make_ranker
        print(f"{name:20}{''.join(cells)}", flush=True)
from kgbuild.wiring import make_question_vectors, make_ranker
        worst = max([worst, *seconds, float("inf") if cut else 0.0])
from kgbuild.wiring import make_question_vectors, make_ranker
    print(f"the slowest: {worst:.1f} s")
from kgbuild.wiring import make_question_vectors, make_ranker
    return int(worst > given.most)
from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker

from kgbuild.wiring import make_question_vectors, make_ranker
if __name__ == "__main__":
from kgbuild.wiring import make_question_vectors, make_ranker
    sys.exit(main())
from kgbuild.wiring import make_question_vectors, make_ranker
