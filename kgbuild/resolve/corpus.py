"""Resolving many documents at once, without a store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from kgbuild.ports import Linker
from kgbuild.resolve.resolver import Resolution
from kgbuild.types import Judgement, Node, SeenNode, Trait


def seen_nodes(documents: Iterable[Sequence[Node]]) -> list[SeenNode]:
    """The nodes of documents, each once, with how many documents say what of it."""
    known: dict[str, Node] = {}
    count: Counter[str] = Counter()
    traits: dict[str, Counter[Trait]] = defaultdict(Counter)
    for nodes in documents:
        for node in nodes:
            known[node.id] = node
            count[node.id] += 1
            traits[node.id].update(set(node.traits))
    return [
        SeenNode(id, node.type, node.key, count[id], tuple(sorted(traits[id].items())))
        for id, node in sorted(known.items())
    ]


def link_documents(
    resolutions: Sequence[Resolution], linker: Linker, judgements: Sequence[Judgement] = ()
) -> list[tuple[str, ...]]:
    """The entity of each mention of each document."""
    entity_of = linker.link(seen_nodes(r.nodes for r in resolutions), judgements)
    return [tuple(entity_of[m.entity] for m in r.mentions) for r in resolutions]
