"""``Analytics``: what ``graph.analytics`` is, one method an analysis.

Every method takes the keywords of :class:`kgbuild.analytics.network.Cut`: which types,
relations and confidences, and as of which day. Without ``types`` the analyses of the whole
leave out what joins nobody (dates, ages, common nouns, professions, countries).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Literal, Unpack

from kgbuild.analytics import bridges, central, groups, predict, routes, similar, together
from kgbuild.analytics.calendar import Calendar, Dated, days_of
from kgbuild.analytics.network import Cut, Network, chosen, joined, without_loners
from kgbuild.analytics.results import (
    Alike,
    Bridges,
    Changes,
    Communities,
    Cooccurrences,
    Ego,
    Predictions,
    Ranking,
    Route,
    Routes,
    Similar,
    Timeline,
)
from kgbuild.ask.candidates import Surroundings
from kgbuild.ask.connect import joins, named
from kgbuild.ask.connect import paths as shortest_paths
from kgbuild.ask.link import EntityLookup
from kgbuild.errors import AmbiguousNameError, InputError, NotFoundError
from kgbuild.ports import Store
from kgbuild.types import Entity, Fact

_LISTED = 8


def entity_named(linker: EntityLookup, name: str) -> Entity:
    """An entity by its id, by a name that the graph has, in any case, or by a part of one.

    The surest way that finds any decides; where it finds several, nothing is guessed.

    Raises:
        NotFoundError: no entity is called so; the message has names that are nearly this.
        AmbiguousNameError: several are; the message lists them with their ids.
    """
    written = (entity for entity in linker.store.entities(name=name))
    for found in (linker.by_id(name), tuple(written), linker.by_name(name), linker.by_part(name)):
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousNameError(
                f"{name!r} can mean {_list(found)}: give one's full name or its id"
            )
    near = linker.by_typo(name)
    said = f": did you mean {_list(near)}?" if near else ": try  kgbuild search"
    raise NotFoundError(f"no entity {name!r} in the graph{said}")


def _list(entities: tuple[Entity, ...]) -> str:
    told = [f"{e.name} ({e.id}, {e.type}, {e.mention_count} mentions)" for e in entities[:_LISTED]]
    more = len(entities) - _LISTED
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


Moment = date | str | int
"""A day, or a year or a date in words; a span of days stands for all of them."""
Likeness = Literal["context", "structure"]
Group = str | Collection[str]
"""A name stands for its circle, several names for just these."""


class Analytics:
    """Analyses of one store's graph. Results are the same each time: random steps have seeds."""

    def __init__(self, store: Store, linker: Callable[[], EntityLookup]) -> None:
        self._store, self._linker = store, linker
        self._known: tuple[tuple[int, str], Network] | None = None
        self._dates: tuple[int, Calendar] | None = None

    def entity(self, name: str) -> Entity:
        """The entity of an id or a name, in any case.

        Raises:
            NotFoundError: none is called so.
            AmbiguousNameError: several are; the message lists them.
        """
        return entity_named(self._linker(), name)

    def whole(self, **cut: Unpack[Cut]) -> Network:
        """The entities and facts that are meant, dates and all.

        Raises:
            InputError: the date isn't one, or the confidence none.
            NotFoundError: there is no such type or relation.
        """
        key = self._store.generation(), repr(sorted(cut.items()))
        if self._known is None or self._known[0] != key:
            self._known = key, chosen(self._store, cut)
        return self._known[1]

    def network(self, **cut: Unpack[Cut]) -> Network:
        """As :meth:`whole`, of what facts join; without ``types`` only of what joins others."""
        whole = self.whole(**cut)
        if cut.get("types") is None:
            return joined(whole)
        return without_loners(whole.entities, whole.facts)

    def calendar(self) -> Calendar:
        """The dates that the graph holds."""
        generation = self._store.generation()
        if self._dates is None or self._dates[0] != generation:
            self._dates = generation, Calendar(self._store.facts())
        return self._dates[1]

    def centrality(
        self,
        measure: central.Measure = "pagerank",
        sample: int | None = None,
        seed: int = 0,
        backend: str | None = None,
        **cut: Unpack[Cut],
    ) -> Ranking:
        """Entities by ``degree``, ``pagerank`` or ``betweenness``: see :mod:`.central`."""
        return central.centrality(self.network(**cut), measure, sample, seed, backend)

    def communities(
        self,
        method: groups.Method = "louvain",
        resolution: float = 1.0,
        seed: int = 0,
        backend: str | None = None,
        **cut: Unpack[Cut],
    ) -> Communities:
        """A partition by ``louvain`` or ``leiden``: see :mod:`.groups`."""
        return groups.communities(self.network(**cut), method, resolution, seed, backend)

    def paths(
        self, one: str, other: str, limit: int = 3, by: routes.By = "fewest", **cut: Unpack[Cut]
    ) -> Routes:
        """The paths of facts between two entities, at most four facts long, with evidence.

        ``fewest``: the shortest ones, the most confident first (what «как связаны» answers);
        ``confidence``: the ``limit`` most confident ones, longer ones among them.

        Raises:
            InputError: both are one entity.
        """
        ends = self._two(one, other)
        if by == "fewest" and not cut:
            short = shortest_paths(Surroundings(self._store), *ends, limit)
            return Routes(*ends, tuple(Route.of(path.facts) for path in short))
        found = routes.best_paths(self.whole(**cut), ends[0].id, ends[1].id, limit, by)
        return Routes(*ends, found)

    def ego(self, entity: str, radius: int = 1, **cut: Unpack[Cut]) -> Ego:
        """What lies at most ``radius`` facts around an entity, dates and all."""
        return routes.ego(self._around(self.entity(entity), cut), self.entity(entity).id, radius)

    def bridges(
        self,
        one: Group | None = None,
        other: Group | None = None,
        radius: int = 1,
        seed: int = 0,
        backend: str | None = None,
        **cut: Unpack[Cut],
    ) -> Bridges:
        """Who connects two circles (a name: it and those ``radius`` facts around; several
        names: just these), or, without names, the communities. Of two names, the facts that
        join these two directly are left out: who else connects them?

        Raises:
            InputError: one group without the other, or both are one.
        """
        network = self.network(**cut)
        if one is None and other is None:
            parts = groups.communities(network, seed=seed)
            return bridges.community_bridges(network, parts, None, seed, backend)
        if one is None or other is None:
            raise InputError("bridges are between two groups: name both, or none for communities")
        if isinstance(one, str) and isinstance(other, str):
            network = network.without(*(end.id for end in self._two(one, other)))
        a, b = self._group(network, one, radius), self._group(network, other, radius)
        centres = [self.entity(g).id for g in (one, other) if isinstance(g, str)]
        found = bridges.bridges(network, a, b, centres, backend)
        return Bridges(self._title(one), self._title(other), found)

    def similar(
        self,
        entity: str,
        by: Likeness = "context",
        limit: int = 10,
        least: int = 2,
        **cut: Unpack[Cut],
    ) -> Similar:
        """Entities of the same type that are like one, or of ``types``: see :mod:`.similar`.

        By ``context``: what is said of them, by the sentences' vectors, of entities mentioned
        at least ``least`` times; by ``structure``: what they are joined to, with the facts in
        common.

        Raises:
            InputError: no such way, or the store has no vectors.
        """
        centre = self.entity(entity)
        of = cut.get("types") or [centre.type]
        others = [e for type in of for e in self._store.entities(type=type) if e.id != centre.id]
        cut.pop("types", None)
        found: tuple[Alike, ...]
        if by == "structure":
            found = similar.by_structure(self.whole(**cut), centre, others, limit)
        elif by == "context":
            models = self._store.embedders("sentence")
            if not models:
                raise InputError("the store has no vectors: make them with  index rebuild --embed")
            often = [e for e in others if e.mention_count >= least]
            found = similar.by_context(self._store, models[0], centre, often, limit)
        else:
            raise InputError(f"no likeness {by!r}: one of context, structure")
        return Similar(centre, by, found)

    def predictions(
        self,
        entity: str | None = None,
        measure: predict.Likeness = "adamic-adar",
        limit: int = 20,
        backend: str | None = None,
        **cut: Unpack[Cut],
    ) -> Predictions:
        """Pairs that no fact joins and that share neighbours: see :mod:`.predict`."""
        network = self.network(**cut)
        centre = None
        if entity is not None:
            network = self._around(self.entity(entity), cut, network)
            centre = self.entity(entity).id
        return predict.predictions(network, centre, measure, limit, backend)

    def cooccurrences(
        self,
        entity: str | None = None,
        within: together.Unit = "sentence",
        least: int = 2,
        **cut: Unpack[Cut],
    ) -> Cooccurrences:
        """Entities named in the same sentences or documents: see :mod:`.together`.

        Of the cut only ``types`` matters; without it, what joins others.
        """
        types = cut.get("types")
        centre = None if entity is None else self.entity(entity)
        whole = self.whole(types=types)
        kept = {id: e for id, e in whole.entities.items() if types is not None or joins(e)}
        if centre is not None:
            kept[centre.id] = centre
        id = None if centre is None else centre.id
        return together.cooccurrences(self._store, kept, within, id, least)

    def timeline(
        self,
        entity: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        **cut: Unpack[Cut],
    ) -> Timeline:
        """The dated facts of an entity, or of all that have names: see :mod:`.calendar`.

        ``since`` and ``until`` leave in dates that lie at least in part between them, both
        ends included.
        """
        found = self._dated(None if entity is None else self.entity(entity), cut)
        first = None if since is None else days_of(since)[0]
        last = None if until is None else days_of(until)[1]
        return Timeline(tuple(
            d for d in found
            if (first is None or d.last is None or d.last >= first)
            and (last is None or d.first is None or d.first <= last)
        ))  # fmt: skip

    def changes(self, since: Moment, until: Moment, **cut: Unpack[Cut]) -> Changes:
        """What began, happened or ended after ``since`` and not after ``until``.

        Only dates that lie wholly between count: «XIX век» says nothing of 1850 to 1860.

        Raises:
            InputError: a date isn't one, or the second isn't after the first.
        """
        after, end = days_of(since)[1], days_of(until)[1]
        if end <= after:
            raise InputError(f"{until} isn't after {since}: give the earlier date first")
        return Changes(str(since), str(until), tuple(
            d for d in self._dated(None, cut)
            if d.first is not None and d.last is not None and after < d.first and d.last <= end
        ))  # fmt: skip

    def _dated(self, entity: Entity | None, cut: Cut) -> list[Dated]:
        """Dated facts; ``types`` are of either end, since a date is of none of them."""
        types = cut.pop("types", None)

        def wanted(fact: Fact) -> bool:
            ends = (fact.subject, fact.object)
            if types is not None and not any(end.type in types for end in ends):
                return False
            if entity is None:  # «родился» — «в 1834 году» tells of nobody
                return named(fact.subject)
            return any(end.id == entity.id for end in ends)

        return self.calendar().timeline(filter(wanted, self.whole(**cut).facts))

    def _two(self, one: str, other: str) -> tuple[Entity, Entity]:
        ends = self.entity(one), self.entity(other)
        if ends[0].id == ends[1].id:
            raise InputError(f"{one!r} and {other!r} are one entity: {ends[0].name}")
        return ends

    def _around(self, centre: Entity, cut: Cut, within: Network | None = None) -> Network:
        """A network that holds an entity, even where the cut would leave it out."""
        network = self.whole(**cut) if within is None else within
        if centre.id in network.entities:
            return network
        return Network({**network.entities, centre.id: centre}, network.facts)

    def _group(self, network: Network, group: Group, radius: int) -> frozenset[str]:
        if isinstance(group, str):
            centre = self.entity(group)
            return bridges.circle(self._around(centre, {}, network), centre.id, radius)
        return frozenset(self.entity(name).id for name in group)

    def _title(self, group: Group) -> str:
        names = [group] if isinstance(group, str) else group
        return ", ".join(self.entity(name).name for name in names)
