"""What a search can be narrowed to, as a person says it, and as the store understands it."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from kgbuild.errors import InputError, NotFoundError
from kgbuild.ontology import known_relation, known_type
from kgbuild.ports import Normalizer, Store
from kgbuild.search.dates import days
from kgbuild.search.neighbours import named_entities
from kgbuild.types import PassageFilter


class Filters(TypedDict, total=False):
    """Keyword arguments of a search; each that is given has to hold of a passage.

    ``entity``: it mentions the entity of this name or id. ``type``: it mentions an entity of
    this type. ``relation``: a fact of this relation is stated in it. ``document``: it is of
    this source; ``*`` in it stands for anything. ``since``, ``until``: it names a day within,
    both ends included (a year stands for all of its days).
    """

    entity: str | None
    type: str | None
    relation: str | None
    document: str | None
    since: date | str | None
    until: date | str | None


def resolve(store: Store, filters: Filters, normalizer: Normalizer) -> PassageFilter:
    """The filter with names and dates looked up in the store.

    Raises:
        InputError: no such type or relation, or a date isn't one.
        NotFoundError: no entity has this name or id.
    """
    type, relation = filters.get("type"), filters.get("relation")
    return PassageFilter(
        entity=_entity(store, filters.get("entity"), normalizer),
        type=None if type is None else known_type(type),
        relation=None if relation is None else known_relation(relation),
        document=filters.get("document"),
        any_of=_dates(store, filters.get("since"), filters.get("until")),
    )


def _entity(store: Store, name: str | None, normalizer: Normalizer) -> str | None:
    if name is None or store.entity(name) is not None:
        return name
    found = named_entities(store, name, normalizer)
    if not found:
        raise NotFoundError(f"no entity {name!r} in the graph: try  kgbuild search")
    return found[0].id


def _dates(
    store: Store, since: date | str | None, until: date | str | None
) -> tuple[str, ...] | None:
    """Ids of the dates of the graph that lie at least in part between two days."""
    if since is None and until is None:
        return None
    first = date.min if since is None else _day(since, last=False)
    final = date.max if until is None else _day(until, last=True)
    fitting = []
    for entity in store.entities(type="DATE"):
        span = days(entity.name)
        if span is not None and span[0] <= final and span[1] >= first:
            fitting.append(entity.id)
    return tuple(fitting)


def _day(given: date | str, last: bool) -> date:
    if isinstance(given, date):
        return given
    span = days(given)
    if span is None:
        raise InputError(f"not a date: {given!r}; write 1834, 1834-02-08 or «8 февраля 1834 года»")
    return span[last]
