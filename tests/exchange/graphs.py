"""What a store holds, as readers of its exports have to find it."""

from __future__ import annotations

from kgbuild.types import ExternalId
from tests.exchange.hostile import names, records
from tests.oracle import MemoryStore

Nodes = dict[str, tuple[object, ...]]
Edges = dict[tuple[str, str, str], tuple[object, ...]]


def hostile_store(count: int = 500) -> MemoryStore:
    """So many hostile names in as many documents (a store in memory computes everything at each write)."""
    made = MemoryStore()
    made._read = {r.document.source: r for r in records(names(count))}
    made._document_rows = {source: row for row, source in enumerate(made._read)}
    made._settle()
    first = next(made.entities())
    made.add_external_ids([ExternalId(first.id, "wikidata", "Q1", "я", "slice")])
    assert made.stats().entities == made.stats().facts == count
    return made


def nodes(store: MemoryStore) -> Nodes:
    """Id → name, type, aliases, mentions, ids elsewhere."""
    external: dict[str, list[str]] = {}
    for one in store.external_ids():
        external.setdefault(one.entity, []).append(f"{one.scheme}:{one.value}")
    return {e.id: (e.name, e.type, list(e.aliases), e.mention_count, external.get(e.id, []))
            for e in store.entities()}  # fmt: skip


def edges(store: MemoryStore) -> Edges:
    """Subject, object, relation → id, confidence, sources."""
    return {
        (f.subject.id, f.object.id, f.relation): (
            f.id, f.confidence, sorted({e.document for e in f.evidence}),
        )
        for f in store.facts()
    }  # fmt: skip


def evidence(store: MemoryStore) -> set[tuple[object, ...]]:
    """Fact, document, the sentence and its span, confidence, both mentions' spans."""
    return {
        (f.id, e.document, e.start, e.end, e.text, e.confidence,
         e.subject.start, e.subject.end, e.object.start, e.object.end)
        for f in store.facts() for e in f.evidence
    }  # fmt: skip
