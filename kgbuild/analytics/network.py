"""The graph as a networkx multigraph."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from kgbuild.ports import Store

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(
    store: Store,
    types: Collection[str] | None = None,
    relations: Collection[str] | None = None,
    min_confidence: float = 0.0,
) -> nx.MultiDiGraph[str]:
    """Entities as nodes, facts as edges keyed by relation.

    Nodes carry id, name, type, aliases and mentions; edges relation, confidence, evidence (how
    many) and sources. With ``types`` only entities of these are there, with ``relations`` and
    ``min_confidence`` only such facts.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for entity in store.entities():
        if types is None or entity.type in types:
            graph.add_node(entity.id, id=entity.id, name=entity.name, type=entity.type,
                           aliases=list(entity.aliases), mentions=entity.mention_count)  # fmt: skip
    for fact in store.facts():
        if fact.confidence < min_confidence:
            break  # they come by falling confidence
        wanted = relations is None or fact.relation in relations
        if wanted and fact.subject.id in graph and fact.object.id in graph:
            graph.add_edge(fact.subject.id, fact.object.id, key=fact.relation,
                           relation=fact.relation, confidence=fact.confidence,
                           evidence=len(fact.evidence),
                           sources=sorted({e.document for e in fact.evidence}))  # fmt: skip
    return graph
