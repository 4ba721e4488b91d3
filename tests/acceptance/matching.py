"""How an expected fact of ``expected.json`` is looked for in a graph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kgbuild.graph import KnowledgeGraph
from kgbuild.ontology import relation_type
from kgbuild.types import Evidence, Fact


def fold(name: str) -> frozenset[str]:
    """A name's words without case, ё, quotes."""
    kept = name.casefold().replace("ё", "е")
    return frozenset("".join(c if c.isalnum() else " " for c in kept).split())


def same_name(expected: str, found: str, aliases: tuple[str, ...] = ()) -> bool:
    """All words of one name stand in the other («Дмитрий Менделеев» ⊂ «Дмитрий Иванович …»)."""
    wanted = fold(expected)
    return any(wanted <= fold(n) or fold(n) <= wanted for n in (found, *aliases) if fold(n))


@dataclass
class FoundFacts:
    """A graph's evidence by document and relation."""

    graph: KnowledgeGraph

    @cached_property
    def by_place(self) -> dict[tuple[str, str], list[tuple[Fact, Evidence]]]:
        places: dict[tuple[str, str], list[tuple[Fact, Evidence]]] = {}
        for fact in self.graph.facts():
            for evidence in fact.evidence:
                key = (Path(evidence.document).name, fact.relation)
                places.setdefault(key, []).append((fact, evidence))
        return places

    def has(self, wanted: dict[str, Any]) -> bool:
        """Whether the fact was found in its document, in the sentence that states it."""
        for fact, evidence in self.by_place.get((wanted["document"], wanted["relation"]), []):
            ends = [(fact.subject, fact.object)]
            if relation_type(fact.relation).symmetric:
                ends.append((fact.object, fact.subject))
            named = any(
                same_name(wanted["subject"], s.name) and same_name(wanted["object"], o.name)
                for s, o in ends
            )
            in_sentence = wanted["sentence"] in evidence.text or evidence.text in wanted["sentence"]
            if named and in_sentence:
                return True
        return False
