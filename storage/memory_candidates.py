"""Relations too weak to state, in the in-memory store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kgbuild.evidence import confidence_of, strongest
from kgbuild.judging import judged_facts, split_places
from kgbuild.types import DocumentRecord, Evidence, Fact, Judgement

from .memory_graph import Graph, evidence_of
from .rules import by_confidence, nodes_after, supports

Key = tuple[str, str, str]
"""Subject, relation, object."""


class MemoryCandidates:
    """A part of the ``Store`` port over the records of the store it is mixed into."""

    _graph: Graph
    _records: dict[str, DocumentRecord]
    _judgements: list[Judgement]

    def candidates(self, entity: str) -> list[Fact]:
        """What relations under their threshold would state of an entity (an id)."""
        found: dict[Key, list[Evidence]] = defaultdict(list)
        places = split_places(self._judgements)
        for record in self._records.values():
            now = {m: self._graph.entity_of[n] for m, n in nodes_after(record, places).items()}
            for support in supports(record, now, candidates=True):
                if entity in (support.subject, support.object):
                    key = (support.subject, support.relation.relation, support.object)
                    found[key].append(evidence_of(record, support))
        stated = {(f.subject.id, f.relation, f.object.id) for f in self._graph.facts}
        judged = judged_facts(self._judgements, self._graph.entity_of)
        return by_confidence(
            self._fact(key, evidence)
            for key, evidence in found.items()
            if key not in stated and key not in judged
        )

    def _fact(self, key: Key, evidence: Sequence[Evidence]) -> Fact:
        subject, object = self._graph.entities[key[0]], self._graph.entities[key[2]]
        return Fact(key[1], subject, object, confidence_of(evidence), strongest(evidence))
