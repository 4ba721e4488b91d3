"""The whole graph computed from records at once: what ``MemoryStore`` shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from kgbuild.types import DocumentRecord, Entity, Evidence, Fact, StoreStats

from .rules import Support, combined, elect, ranked, strongest, supports


@dataclass(slots=True)
class Graph:
    """Entities by key, and facts, most confident first."""

    entities: dict[str, Entity] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)


def computed(records: dict[str, DocumentRecord]) -> Graph:
    """The graph of all records, computed from nothing else."""
    types: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    evidence: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    for record in records.values():
        text = record.document.text
        for resolved in record.mentions:
            mention = resolved.mention
            types[resolved.entity][mention.type] += 1
            names[resolved.entity][resolved.name] += 1
            surfaces[resolved.entity][text[mention.start : mention.end]] += 1
        for support in supports(record):
            key = (support.relation.relation, support.subject, support.object)
            evidence[key].append(_evidence(record, support))
    entities = {
        key: Entity(
            key, elect(types[key]), elect(names[key]), ranked(surfaces[key]), names[key].total()
        )
        for key in names
    }
    facts = [
        Fact(relation, entities[subject], entities[object], _confidence(found), strongest(found))
        for (relation, subject, object), found in evidence.items()
    ]
    facts.sort(key=lambda f: (-f.confidence, f.relation, f.subject.id, f.object.id))
    return Graph(entities, facts)


def counted(records: dict[str, DocumentRecord], graph: Graph) -> StoreStats:
    """The counts of records and of the graph computed from them."""
    types = Counter(entity.type for entity in graph.entities.values())
    relations = Counter(fact.relation for fact in graph.facts)
    return StoreStats(
        documents=len(records),
        sentences=sum(len(record.sentences) for record in records.values()),
        mentions=sum(len(record.mentions) for record in records.values()),
        relation_mentions=sum(len(record.relations) for record in records.values()),
        entities=len(graph.entities),
        facts=len(graph.facts),
        evidence=sum(len(fact.evidence) for fact in graph.facts),
        entities_by_type=tuple((type, types[type]) for type in ranked(types)),
        facts_by_relation=tuple((name, relations[name]) for name in ranked(relations)),
    )


def _evidence(record: DocumentRecord, support: Support) -> Evidence:
    span, relation = support.passage, support.relation
    return Evidence(
        document=record.document.source,
        start=span.start,
        end=span.end,
        text=record.document.text[span.start : span.end],
        subject=relation.subject,
        object=relation.object,
        confidence=relation.confidence,
    )


def _confidence(evidence: Sequence[Evidence]) -> float:
    best: dict[str, float] = {}
    for one in evidence:
        best[one.document] = max(one.confidence, best.get(one.document, 0.0))
    return combined(best.values())
