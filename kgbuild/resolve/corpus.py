"""Resolving many documents at once, without a store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from kgbuild.ports import EntityClusterer
from kgbuild.resolve.resolver import Resolution
from kgbuild.types import Judgement, NameNode, NodeFeature, NodeStats


def seen_nodes(documents: Iterable[Sequence[NameNode]]) -> list[NodeStats]:
    """The nodes of documents, each once, with how many documents say what of it."""
    known: dict[str, NameNode] = {}
    count: Counter[str] = Counter()
    features: dict[str, Counter[NodeFeature]] = defaultdict(Counter)
    for nodes in documents:
        for node in nodes:
            known[node.id] = node
            count[node.id] += 1
            features[node.id].update(set(node.features))
    return [
        NodeStats(id, node.type, node.key, count[id], tuple(sorted(features[id].items())))
        for id, node in sorted(known.items())
    ]


def link_documents(
    resolutions: Sequence[Resolution], linker: EntityClusterer, judgements: Sequence[Judgement] = ()
) -> list[tuple[str, ...]]:
    """The entity of each mention of each document."""
    entity_of = linker.link(seen_nodes(r.nodes for r in resolutions), judgements).entity_of
    return [tuple(entity_of[m.entity] for m in r.mentions) for r in resolutions]
