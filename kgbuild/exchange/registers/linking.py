"""Entities of the graph get their Wikidata ids, where the evidence leaves one choice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from kgbuild.exchange.registers.known import CERTAIN, Grade, Match, Matcher, Settled, settle
from kgbuild.exchange.registers.registry_names import apply_registry_names
from kgbuild.exchange.registers.wikidata import SCHEME, file_sha256, read_items
from kgbuild.ports import Normalizer, Store
from kgbuild.types import Entity, ExternalId, RegistryEntity


@dataclass(frozen=True, slots=True)
class Unlinked:
    """An entity that wasn't linked, the items that it may be, and why it wasn't."""

    entity: Entity
    choices: tuple[RegistryEntity, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What a slice gave: ``source`` names it by its file and SHA-256, ``items`` counts what was
    read, ``known`` the links that were there already."""

    source: str
    items: int
    linked: tuple[Match, ...]
    known: int
    unlinked: tuple[Unlinked, ...]


def link(
    store: Store,
    normalizer: Normalizer,
    path: Path,
    least: Grade = CERTAIN,
    dry_run: bool = False,
) -> LinkReport:
    """Attach the ids of a slice of a Wikidata dump; with ``dry_run`` only say which.

    ``least`` is the evidence that a link needs: with ``Grade.NAME`` a person's first name and
    surname suffice, if the slice holds nobody else of that name.

    An entity that has another Wikidata id already keeps it. Linked again, nothing changes. The
    aliases of the linked items take part in resolution from then on (rule ``known_alias``).

    Raises:
        ReadError: the slice can't be read.
        FormatError: it isn't one.
    """
    source = f"{path.name}@sha256:{file_sha256(path)}"
    matcher = Matcher.of_all(store, normalizer)
    items, found = 0, []
    for item in read_items(path):
        items += 1
        found += list(matcher.matches(item))
    settled = settle(found, least)
    held: dict[str, set[str]] = defaultdict(set)
    for one in store.external_ids():
        if one.scheme == SCHEME:
            held[one.entity].add(one.value)
    new = tuple(m for m in settled.certain if not held[m.entity.id])
    if not dry_run:
        store.add_external_ids(
            [ExternalId(m.node, SCHEME, m.known.id, m.known.name, source) for m in new]
        )
        theirs = [m.known for m in settled.certain if held[m.entity.id] <= {m.known.id}]
        apply_registry_names(store, f"{SCHEME}:{path.name}", theirs, normalizer)
    known = sum(m.known.id in held[m.entity.id] for m in settled.certain)
    return LinkReport(source, items, new, known, _unlinked(settled, held))


def _unlinked(settled: Settled, held: dict[str, set[str]]) -> tuple[Unlinked, ...]:
    choices: dict[str, list[Match]] = defaultdict(list)
    for one in settled.possible:
        choices[one.entity.id].append(one)
    found = [
        Unlinked(some[0].entity, tuple(m.known for m in some), _why(some))
        for id, some in choices.items()
        if not held[id] and not any(m.entity.id == id for m in settled.certain)
    ]
    found += [
        Unlinked(m.entity, (m.known,), f"has {', '.join(sorted(held[m.entity.id]))} already")
        for m in settled.certain
        if held[m.entity.id] and m.known.id not in held[m.entity.id]
    ]
    return tuple(sorted(found, key=lambda one: (one.entity.name, one.entity.id)))


def _why(choices: list[Match]) -> str:
    if len(choices) > 1:
        return "several items"
    return "only part of a name" if choices[0].grade < CERTAIN else "several entities"
