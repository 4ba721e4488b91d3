"""Stored documents that older parts made, and making again only what each needs.

A document that another extractor read is read again; one whose mentions another normaliser named
is named again from the mentions and relations in the store, without a model; where another
linker computed the entities, they are computed again; what has no vectors of this embedder gets
them. Judgements hold through all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgbuild.exchange.annotations import imports
from kgbuild.pipeline import (
    BuildReport,
    Parts,
    Progress,
    add_documents,
    embed_missing,
    link,
    reported,
)
from kgbuild.ports import Store
from kgbuild.read.sentences import split_sentences
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import Document, DocumentRecord, Sentence, StoredSource, TextSpan


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The parts as they are now."""

    extractor: str
    normalizer: str
    embedder: str


@dataclass(frozen=True, slots=True)
class Change:
    """A part that is another now, and the documents that the old one made ("": unknown)."""

    part: str
    old: str
    new: str
    documents: int


@dataclass(frozen=True, slots=True)
class Outdated:
    """What has to be done again: documents to read, to name, to embed, and whether to link."""

    read: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    embed: tuple[str, ...] = ()
    relink: bool = False
    changes: tuple[Change, ...] = ()

    @property
    def documents(self) -> list[str]:
        """Every document that something has to be done for but linking, by source."""
        return sorted({*self.read, *self.name, *self.embed})

    @property
    def words(self) -> str:
        """What is done, for the log."""
        done = [
            f"{len(some)} documents {what}"
            for some, what in ((self.read, "read"), (self.name, "named"), (self.embed, "embedded"))
            if some
        ]
        return ", ".join([*done, *["linked"] * self.relink]) + " again"

    def __bool__(self) -> bool:
        return bool(self.read or self.name or self.embed or self.relink)


def plan(store: Store, now: Fingerprints) -> Outdated:
    """What parts that are others now leave to be done. Imported annotations aren't read again."""
    stored = list(store.sources())
    read = [s for s in stored if s.extractor != now.extractor and not _imported(s)]
    named = [s for s in stored if s.normalizer != now.normalizer]
    vectors = list(store.unembedded(now.embedder))
    linked, linker = store.linkers()
    relink = bool(stored) and linked != linker
    first = {source.source for source in read}
    return Outdated(
        read=tuple(s.source for s in read),
        name=tuple(s.source for s in named if s.source not in first),
        embed=tuple(source for source, _ in vectors),
        relink=relink,
        changes=(
            *_changes("extractor", (s.extractor for s in read), now.extractor),
            *_changes("normalizer", (s.normalizer for s in named), now.normalizer),
            *_changes("linker", [linked or ""] * len(stored) if relink else [], linker),
            *_changes("embedder", (old for _, old in vectors), now.embedder),
        ),
    )


def _imported(stored: StoredSource) -> bool:
    return stored.extractor.startswith(imports.FINGERPRINTS)


def _changes(part: str, old: Iterable[str], new: str) -> Iterator[Change]:
    for fingerprint, count in sorted(Counter(old).items()):
        yield Change(part, fingerprint, new, count)


def reprocess(wanted: Outdated, parts: Parts, progress: Progress) -> BuildReport:
    """Do what a plan says; interrupted, a new plan has what is left of it."""
    report = BuildReport()
    link(parts.store, report)
    keeping = replace(parts, kept=_KeptVectors(parts))
    documents = (parts.store.document(source) for source in wanted.read)
    add_documents((d for d in documents if d is not None), keeping, report, progress)
    _name_again(wanted.name, keeping, report, progress)
    if wanted.relink:
        with report.stage("resolve"):
            parts.store.relink()
    embed_missing(parts, report)
    return report


def _name_again(
    sources: Sequence[str], parts: Parts, report: BuildReport, progress: Progress
) -> None:
    """Resolve documents again, from the mentions and relations that were seen in them."""
    extractors = {s.source: s.extractor for s in parts.store.sources()} if sources else {}
    for source in sources:
        document = parts.store.document(source)
        if document is None:
            continue
        with reported(source, report), report.stage("resolve"):
            record = named_again(document, extractors[source], parts)
            report.results[parts.store.add_document(record)] += 1
        progress(report)


def named_again(document: Document, extractor: str, parts: Parts) -> DocumentRecord:
    """A stored document's record, resolved anew from the mentions and relations that the
    extractor of this fingerprint saw; with its vectors where they are kept."""
    held = parts.store.mentions(document=document.source)
    mentions = [found.mention for found in held if not found.stated]
    relations = parts.store.relations(document.source)
    resolved = resolve_document(document, mentions, relations, parts.normalizer)
    sentences = tuple(split_sentences(document.text))
    vectors = parts.kept(document, sentences)
    return DocumentRecord(
        document,
        sentences,
        resolved.mentions,
        tuple(relations),
        extractor,
        vectors,
        None if vectors is None or parts.embedder is None else parts.embedder.fingerprint,
        resolved.nodes,
        tuple(parts.store.relations(document.source, candidates=True)),
        parts.normalizer.fingerprint,
    )


class _KeptVectors:
    """Gives the stored vectors of a document's sentences, where all of them have one."""

    def __init__(self, parts: Parts) -> None:
        self._store = parts.store
        self._model = None if parts.embedder is None else parts.embedder.fingerprint

    def __call__(
        self, document: Document, sentences: Sequence[Sentence]
    ) -> NDArray[np.float16] | None:
        if self._model is None or not sentences:
            return None
        spans = [TextSpan(document.source, s.start, s.end) for s in sentences]
        rows = [found[0] for found in self._store.locate(spans) if len(found) == 1]
        if len(rows) != len(sentences):
            return None
        passages = self._store.passages(rows)
        same = [
            p is not None and (p.start, p.end) == (s.start, s.end)
            for p, s in zip(passages, sentences, strict=True)
        ]
        batch = self._store.vectors_of("sentence", self._model, rows)
        if not all(same) or len(batch.ids) != len(rows):
            return None
        place = {int(id): at for at, id in enumerate(batch.ids)}
        return batch.vectors[[place[row] for row in rows]]
