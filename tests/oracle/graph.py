"""The whole graph computed from records at once: what ``MemoryStore`` shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kgbuild.copies import Sketch, are_copies, sketch
from kgbuild.evidence import confidence_of, strongest
from kgbuild.judging import (
    RENAME,
    RETYPE,
    added_in,
    judged_facts,
    judged_values,
    split_places,
    stated_facts,
    stated_in,
)
from kgbuild.ports import EntityClusterer
from kgbuild.types import (
    DeletionImpact,
    DocumentRecord,
    Entity,
    Evidence,
    Fact,
    Judgement,
    NameNode,
    NodeFeature,
    NodeStats,
    Place,
    RegistryName,
    StoredMention,
    StoreStats,
)
from storage.rules import (
    EXAMPLES,
    Support,
    all_nodes,
    by_confidence,
    elect,
    nodes_after,
    ranked,
    supports,
)

Key = tuple[str, str, str]
"""Subject, relation, object."""


class MemoryCandidates:
    """A part of the ``Store`` port over the records of the store it is mixed into."""

    _graph: Graph
    _records: dict[str, DocumentRecord]
    _judgements: list[Judgement]

    def candidates(self, entity: str, denied: bool = False) -> list[Fact]:
        """What relations under their threshold would state of an entity (an id), or what is
        denied of it."""
        found: dict[Key, list[Evidence]] = defaultdict(list)
        places = split_places(self._judgements)
        for record in self._records.values():
            now = {m: self._graph.entity_of[n] for m, n in nodes_after(record, places).items()}
            for support in supports(record, now, candidates=True):
                if support.relation.denied != denied:
                    continue
                if entity in (support.subject, support.object):
                    key = (support.subject, support.relation.relation, support.object)
                    found[key].append(evidence_of(record, support, self._graph.copies))
        stated = {(f.subject.id, f.relation, f.object.id) for f in self._graph.facts}
        judged = judged_facts(self._judgements, self._graph.entity_of)
        return by_confidence(
            self._fact(key, evidence)
            for key, evidence in found.items()
            if denied or (key not in stated and key not in judged)
        )

    def _fact(self, key: Key, evidence: Sequence[Evidence]) -> Fact:
        subject, object = self._graph.entities[key[0]], self._graph.entities[key[2]]
        return Fact(key[1], subject, object, confidence_of(evidence), strongest(evidence))


@dataclass(slots=True)
class Graph:
    """Entities by key, facts, most confident first, each node's entity, copies with their
    originals."""

    entities: dict[str, Entity] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    entity_of: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)


def seen_in(
    records: Mapping[str, DocumentRecord],
    places: Mapping[Place, str],
    names: Iterable[RegistryName] = (),
) -> list[NodeStats]:
    """Every node with what all records say of it, and registers of its name."""
    listed: dict[tuple[str, str], set[NodeFeature]] = defaultdict(set)
    for name in names:
        listed[name.type, name.key].add(name.feature)
    known: dict[str, NameNode] = {}
    documents: Counter[str] = Counter()
    features: dict[str, Counter[NodeFeature]] = defaultdict(Counter)
    for record in records.values():
        for node in all_nodes(record, nodes_after(record, places)):
            known[node.id] = max(node, known.get(node.id, node), key=lambda n: n.type)
            documents[node.id] += 1
            features[node.id].update(set(node.features))
    return [
        NodeStats(
            id,
            n.type,
            n.key,
            documents[id],
            (
                *sorted(features[id].items()),
                *((feature, 1) for feature in sorted(listed[n.type, n.key])),
            ),
        )
        for id, n in sorted(known.items())
    ]


def computed(
    records: dict[str, DocumentRecord],
    rows: Mapping[str, int],
    linker: EntityClusterer,
    judgements: Sequence[Judgement],
    listed: Sequence[RegistryName] = (),
) -> Graph:
    """The graph of all records (``rows`` tells which came first), judgements and registers'
    names, computed from nothing else."""
    copies = groups(
        {s: sketch(records[s].document.text) for s in sorted(records, key=rows.__getitem__)}
    )
    places = split_places(judgements)
    entity_of = linker.link(seen_in(records, places, listed), judgements).entity_of
    judged = judged_facts(judgements, entity_of)
    called = judged_values(judgements, RENAME, entity_of)
    typed = judged_values(judgements, RETYPE, entity_of)
    types: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    main: dict[str, Counter[str]] = defaultdict(Counter)
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    evidence: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    for record in records.values():
        text = record.document.text
        nodes = nodes_after(record, places)
        now = {m: entity_of[node] for m, node in nodes.items()}
        for resolved in record.mentions:
            mention = resolved.mention
            entity = now[mention]
            types[entity][mention.type] += 1
            names[entity][resolved.name] += 1
            if nodes[mention] == entity:
                main[entity][resolved.name] += 1
            surfaces[entity][text[mention.start : mention.end]] += 1
        for support in supports(record, now):
            key = (support.relation.relation, support.subject, support.object)
            evidence[key].append(evidence_of(record, support, copies))
    entities = {
        key: Entity(
            key,
            typed.get(key) or elect(types[key]),
            called.get(key) or elect(main[key] or names[key]),
            ranked(surfaces[key]),
            names[key].total(),
        )
        for key in names
    }
    stated = {
        (subject, relation, object): author
        for (subject, relation, object), author in stated_facts(judgements, entity_of).items()
        if subject in entities and object in entities
    }
    for subject, relation, object in stated:
        evidence.setdefault((relation, subject, object), [])
    facts = []
    for (relation, subject, object), found in evidence.items():
        author = stated.get((subject, relation, object), "")
        verdict = judged.get((subject, relation, object))
        if verdict != "reject":
            confidence = 1.0 if verdict == "accept" else confidence_of(found)
            ends = entities[subject], entities[object]
            facts.append(Fact(relation, *ends, confidence, strongest(found), author))
    return Graph(entities, by_confidence(facts), entity_of, copies)


def with_stated(record: DocumentRecord, judgements: Sequence[Judgement]) -> DocumentRecord:
    """A record with the mentions that people added, and what they state of its sentences."""
    document, mentions = record.document, [resolved.mention for resolved in record.mentions]
    added = added_in(document.source, document.text, mentions, judgements)
    record = replace(record, mentions=(*record.mentions, *added))
    mentions += [resolved.mention for resolved in added]
    said = stated_in(document.source, document.text, mentions, judgements)
    more = tuple(relation for relation in said if relation not in record.relations)
    return replace(record, relations=record.relations + more)


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


def remains(
    stated: Iterable[Fact],
    named: Iterable[Entity],
    facts: Iterable[Fact],
    mentions: Iterable[StoredMention],
) -> tuple[tuple[DeletionImpact, ...], tuple[DeletionImpact, ...]]:
    """What is left of the facts and entities of a deleted document in those that are there."""
    sentences = defaultdict(set)
    for fact in facts:
        sentences[fact.id] = {(e.document, e.start, e.end) for e in fact.evidence}
    places = defaultdict(list)
    for mention in mentions:
        places[mention.entity].append(mention.document)

    def one(id: str, name: str, documents: list[str]) -> DeletionImpact:
        distinct = sorted(set(documents))
        return DeletionImpact(id, name, len(documents), len(distinct), tuple(distinct[:EXAMPLES]))

    of_facts = [
        one(f.id, f"{f.subject.name} {f.relation} {f.object.name}", [s[0] for s in sentences[f.id]])
        for f in stated
    ]
    of_entities = [one(e.id, f"{e.name} ({e.type})", places[e.id]) for e in named]
    order = (tuple(sorted(some, key=lambda r: (r.id, r.name))) for some in (of_facts, of_entities))
    return next(order), next(order)


def evidence_of(record: DocumentRecord, support: Support, copies: Mapping[str, str]) -> Evidence:
    """What a support is to a reader; ``copies`` are documents with their originals."""
    span, relation = support.passage, support.relation
    return Evidence(
        document=record.document.source,
        start=span.start,
        end=span.end,
        text=record.document.text[span.start : span.end],
        subject=relation.subject,
        object=relation.object,
        confidence=relation.confidence,
        copy_of=copies.get(record.document.source, ""),
    )


def groups(sketches: dict[str, Sketch]) -> dict[str, str]:
    """Each text that is a copy, by name, with the first of those that it is a copy of, or of
    whose copy."""
    first = {name: name for name in sketches}

    def root(name: str) -> str:
        while first[name] != name:
            name = first[name]
        return name

    place = {name: at for at, name in enumerate(sketches)}
    meeting: dict[int, list[str]] = {}
    for name, one in sketches.items():
        near = {other for band in one.bands for other in meeting.setdefault(band, [])}
        for other in near:
            if are_copies(one, sketches[other]):
                older, newer = sorted((root(name), root(other)), key=place.__getitem__)
                first[newer] = older
        for band in one.bands:
            meeting[band].append(name)
    return {name: root(name) for name in sketches if root(name) != name}
