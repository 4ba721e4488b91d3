"""How well copies are told from other documents: reprints made of a corpus's documents, and
documents that only look alike.

Run:  python benchmarks/quality/copies.py --data corpus/train_more

Each document is reprinted in several ways (of the original and its reprint it is asked whether
they are found to be copies) and stands beside documents that aren't copies of it: all others of
its dossier, as they are and with a long passage that both have, and the same form filled in for
somebody else (its names, dates and numbers in place of others of their types).
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from kgbuild.copies import Sketch, are_copies, sketch
from kgbuild.read.sentences import split_sentences
from kgbuild.train.corpora.corpus import GoldDocument
from kgbuild.train.corpora.dossiers import read_dossiers

DATELINE = "НОВОКАМЕНСК, 3 марта — Агентство «Северная линия». "
FOOTER = "\n\nАгентство «Северная линия». Все права защищены. При перепечатке ссылка обязательна."
FILLED = ("PERSON", "ORGANIZATION", "DATE", "NUMBER", "MONEY", "AGE", "TIME", "CITY")


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text)]


def typography(text: str, other: str) -> str:
    """Straight quotes, hyphens for dashes, no ё, other spaces, hyphens where a line may break."""
    for old, new in (("«", '"'), ("»", '"'), ("—", "-"), ("ё", "е"), ("Ё", "Е"), (" в ", " в ")):
        text = text.replace(old, new)
    return re.sub(r"(\w{5})(\w{4})", "\\1\u00ad\\2", text).replace("\n\n", "\n")


def dateline(text: str, other: str) -> str:
    return DATELINE + text + FOOTER


def another_lead(text: str, other: str) -> str:
    """The first sentence said otherwise: with a sentence of another document in its place."""
    return " ".join([sentences(other)[0], *sentences(text)[1:]])


def cut(share: float) -> Callable[[str, str], str]:
    def reprint(text: str, other: str) -> str:
        kept = sentences(text)
        return " ".join(kept[: max(1, round(len(kept) * (1 - share)))])

    return reprint


def a_sentence_added(text: str, other: str) -> str:
    said = sentences(text)
    middle = len(said) // 2
    return " ".join([*said[:middle], sentences(other)[-1], *said[middle:]])


def everything(text: str, other: str) -> str:
    for change in (another_lead, cut(0.25), a_sentence_added, typography, dateline):
        text = change(text, other)
    return text


REPRINTS: dict[str, Callable[[str, str], str]] = {
    "another path": lambda text, other: text,
    "typography": typography,
    "dateline and footer": dateline,
    "another lead": another_lead,
    "a quarter cut": cut(0.25),
    "half cut": cut(0.5),
    "a sentence added": a_sentence_added,
    "all of these, a quarter cut": everything,
}


def found(one: Sketch, other: Sketch) -> bool:
    """Whether a store finds the pair: they meet in a band and are copies."""
    return not set(one.bands).isdisjoint(other.bands) and are_copies(one, other)


def filled_in(document: GoldDocument, names: dict[str, Sequence[str]], number: int) -> str:
    """The document with other names, dates and numbers of the same types."""
    text, last = "", 0
    for at, mention in enumerate(sorted(document.mentions, key=lambda m: (m.start, -m.end))):
        others = names[mention.type]
        if mention.start >= last and mention.type in FILLED and others:
            text += document.text[last : mention.start] + others[(number + 7 * at) % len(others)]
            last = mention.end
    return text + document.text[last:]


def others(
    dossiers: dict[str, list[GoldDocument]], all: Sequence[GoldDocument]
) -> Iterator[tuple[str, str, str]]:
    """Pairs that aren't copies, with their kind."""
    pool: dict[str, dict[str, Sequence[str]]] = {}
    for name, documents in dossiers.items():
        by_type: dict[str, list[str]] = defaultdict(list)
        for document in documents:
            for mention in document.mentions:
                by_type[mention.type].append(document.text[mention.start : mention.end])
        pool[name] = defaultdict(list, by_type)
    keys = list(dossiers)
    for at, documents in enumerate(dossiers.values()):
        strangers = pool[keys[(at + 1) % len(keys)]]
        passage = " ".join(sentences(dossiers[keys[(at + 2) % len(keys)]][0].text)[:8])
        for number, document in enumerate(documents):
            yield (
                "a form filled in otherwise",
                document.text,
                filled_in(document, strangers, number),
            )
        for one, other in combinations(documents, 2):
            yield "of one dossier", one.text, other.text
            yield "and with one passage", f"{one.text}\n{passage}", f"{other.text}\n{passage}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    documents = read_dossiers(parser.parse_args().data)
    dossiers: dict[str, list[GoldDocument]] = defaultdict(list)
    for document in documents:
        dossiers[document.name.split("/")[0]].append(document)
    began = time.perf_counter()
    originals = [sketch(d.text) for d in documents]
    bands = sum(len(one.bands) for one in originals)
    spent = time.perf_counter() - began
    words = sum(one.words for one in originals)
    print(f"{len(documents)} documents, {words} words, {bands} bands: {words / spent:,.0f} words/s")
    right = 0
    for name, change in REPRINTS.items():
        hits = sum(
            found(one, sketch(change(document.text, documents[at - 1].text)))
            for at, (one, document) in enumerate(zip(originals, documents, strict=True))
        )
        right += hits
        print(f"copies: {name}: {hits} of {len(documents)} found, {hits / len(documents):.3f}")
    asked, wrong = Counter[str](), Counter[str]()
    for kind, one, other in others(dossiers, documents):
        asked[kind] += 1
        wrong[kind] += found(sketch(one), sketch(other))
    for kind, count in asked.items():
        print(f"no copies: {kind}: {wrong[kind]} of {count} pairs taken for copies")
    print(
        f"precision {right / (right + wrong.total()):.3f},"
        f" recall {right / (len(documents) * len(REPRINTS)):.3f}"
    )


if __name__ == "__main__":
    main()
