"""A small graph written in the notation of ``tests/notation.py``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from notation import parse

from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import Document, DocumentRecord, Sentence
from tests.oracle import MemoryStore


def graph(
    *texts: str, weak: frozenset[str] = frozenset(), denied: frozenset[str] = frozenset()
) -> MemoryStore:
    """A store of one document a text; relations named in ``weak`` were too weak to be facts,
    those in ``denied`` aren't so."""
    store = MemoryStore(RussianLinker())
    for record in records(*texts, weak=weak, denied=denied):
        store.add_document(record)
    return store


def records(
    *texts: str, weak: frozenset[str] = frozenset(), denied: frozenset[str] = frozenset()
) -> Iterator[DocumentRecord]:
    """One document a text, resolved as the pipeline resolves."""
    for number, notation in enumerate(texts):
        case = parse(notation)
        sha256 = hashlib.sha256(case.text.encode()).hexdigest()
        document = Document(f"{number}.txt", case.text, sha256)
        found = resolve_document(document, case.mentions, case.relations, RussianNormalizer())
        yield DocumentRecord(
            document,
            (Sentence(0, len(case.text)),),
            found.mentions,
            tuple(r for r in case.relations if r.relation not in weak | denied),
            "test",
            nodes=found.nodes,
            candidates=tuple(
                replace(r, confidence=0.2, denied=r.relation in denied)
                for r in case.relations
                if r.relation in weak | denied
            ),
        )
