"""What every format says of an entity and of a fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kgbuild.ports import Store
from kgbuild.types import Entity, Fact


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity with its ids elsewhere, each ``scheme:value``."""

    entity: Entity
    external: tuple[str, ...]


def entity_rows(store: Store) -> Iterator[EntityRow]:
    """Every entity, most mentioned first."""
    external: dict[str, list[str]] = defaultdict(list)
    for one in store.external_ids():
        external[one.entity].append(f"{one.scheme}:{one.value}")
    for entity in store.entities():
        yield EntityRow(entity, tuple(external.get(entity.id, ())))


def sources(fact: Fact) -> list[str]:
    """The documents that state a fact, each once, in code point order."""
    return sorted({evidence.document for evidence in fact.evidence})
