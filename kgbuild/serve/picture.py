"""What a picture of the graph shows, and where.

A picture begins with the surroundings of some entities, or with the entities that most facts
join; steps then add to it, and what was drawn before a step keeps its place. So the same
request draws the same picture, and a longer one begins with the shorter one's.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, field, replace

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from kgbuild.analytics.layout import layout, spread
from kgbuild.ask.candidates import Surroundings
from kgbuild.ask.connect import paths
from kgbuild.ports import Store
from kgbuild.types import Edges, EdgesWanted, Entity

MOST_OF_ONE = 60
"""Neighbours of one entity that are added at once, those of the most confident facts."""

MOST_NODES = 2_000
MOST_EDGES = 8_000
_PATHS = 3

_WINDOW, _LEAST_EXTENT, _APART = 700, 4.0, 4.0
"""Pixels of a window that has all nodes in sight, the least width that it shows in the layout's
units, and pixels between two circles."""

_TURNS, _DAMPING = 30, 0.85
"""PageRank's rounds and damping (Page et al., 1999)."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is added to a picture: the neighbours of an entity (an id), or the shortest paths
    from it to another."""

    entity: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class PictureWanted:
    """A picture: ``depth`` facts around ``centres`` (ids), or else the ``top`` entities by the
    number of their facts; then the ``steps``. The filter's ``entities`` aren't looked at;
    ``limit`` bounds the nodes before the steps."""

    centres: tuple[str, ...] = ()
    depth: int = 1
    top: int = 0
    steps: tuple[Step, ...] = ()
    filter: EdgesWanted = field(default_factory=EdgesWanted)
    limit: int = 300


@dataclass(frozen=True, slots=True)
class Node:
    """A drawn entity; ``degree`` counts its facts that the filter lets pass, drawn or not.
    ``size`` is a radius in pixels, ``x`` and ``y`` are in the layout's units. ``community`` is
    a number, the largest community's 0, -1 for a node without drawn facts; ``centrality`` its
    PageRank among what is drawn, the highest as 1."""

    entity: Entity
    x: float
    y: float
    size: float
    degree: int
    community: int = -1
    centrality: float = 0.0


@dataclass(frozen=True, slots=True)
class Edge:
    """A drawn fact; ``documents`` state it, ``dates`` are at its ends or in its passages."""

    subject: str
    relation: str
    object: str
    confidence: float
    documents: int
    dates: tuple[str, ...]
    on_path: bool

    @property
    def id(self) -> str:
        """The fact's, as ``Fact.id``."""
        return f"{self.subject}:{self.relation}:{self.object}"


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes in the order they were added, edges by falling confidence; ``truncated`` says that
    more belongs here than the limits let through."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    truncated: bool


class Pictures:
    """The pictures drawn last, as long as the store doesn't change: each is drawn once."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._drawn: OrderedDict[tuple[int, PictureWanted], Picture] = OrderedDict()
        self._lock = threading.Lock()

    def draw(self, store: Store, wanted: PictureWanted) -> Picture:
        """The picture; one is drawn at a time.

        Raises:
            NotFoundError, StoreError: as the store.
        """
        with self._lock:
            key = store.generation(), wanted
            picture = self._drawn.get(key)
            if picture is None:
                self._drawn[key] = picture = _Sketch(store, wanted).picture()
            self._drawn.move_to_end(key)
            while len(self._drawn) > self._most:
                self._drawn.popitem(last=False)
        return picture


class _Sketch:
    """A picture in the making: row ids of its entities in order, and where each stage ends."""

    def __init__(self, store: Store, wanted: PictureWanted) -> None:
        self._store, self._filter = store, wanted.filter
        self._truncated = False
        self._rows: dict[int, None] = {}
        self._stages: list[int] = []
        self._path: set[tuple[str, str, str]] = set()
        if wanted.centres:
            self._around(wanted.centres, wanted.depth, wanted.limit)
        elif wanted.top:
            self._top(min(wanted.top, MOST_NODES))
        self._stages.append(len(self._rows))
        for step in wanted.steps:
            if step.to is None:
                self._around((step.entity,), 1, MOST_NODES)
            else:
                self._between(step.entity, step.to)
            self._stages.append(len(self._rows))

    def _add(self, row: int, limit: int) -> bool:
        """Whether an entity is drawn now."""
        if row not in self._rows:
            if len(self._rows) >= limit:
                self._truncated = True
                return False
            self._rows[row] = None
        return True

    def _around(self, centres: tuple[str, ...], depth: int, limit: int) -> None:
        known = self._store.entity_rows(centres)
        frontier = [known[id] for id in centres if id in known and self._add(known[id], limit)]
        seen = set(frontier)
        for _ in range(depth):
            wider = [
                row
                for row in self._neighbours(tuple(frontier))
                if row not in seen and self._add(row, limit)
            ]
            seen.update(wider)
            frontier = wider

    def _neighbours(self, frontier: tuple[int, ...]) -> list[int]:
        """Whom facts join to these entities, the most confident first."""
        links = self._store.links(replace(self._filter, entities=frontier))
        of = set(frontier)
        found: dict[int, None] = {}
        followed: Counter[int] = Counter()
        for subject, object in zip(links.subject.tolist(), links.object.tolist(), strict=True):
            for near, far in ((subject, object), (object, subject)):
                if near in of and far not in of:
                    followed[near] += 1
                    if followed[near] <= MOST_OF_ONE:
                        found[far] = None
                    else:
                        self._truncated = True
        return list(found)

    def _top(self, count: int) -> None:
        links = self._store.links(replace(self._filter, entities=None))
        rows, degrees = np.unique(np.concatenate([links.subject, links.object]), return_counts=True)
        best = np.lexsort((rows, -degrees))[:count]
        self._truncated |= len(rows) > count
        self._rows.update(dict.fromkeys(rows[best].tolist()))

    def _between(self, one: str, other: str) -> None:
        ends = self._store.entity(one), self._store.entity(other)
        if ends[0] is None or ends[1] is None or ends[0].id == ends[1].id:
            return
        known = Surroundings(self._store, replace(self._filter, entities=None, types=None))
        found = paths(known, ends[0], ends[1], _PATHS, self._filter.types)
        facts = [fact for path in found for fact in path.facts]
        self._path |= {(f.subject.id, f.relation, f.object.id) for f in facts}
        ids = [ends[0].id, ends[1].id, *(e.id for f in facts for e in (f.subject, f.object))]
        for row in self._store.entity_rows(ids).values():
            self._add(row, MOST_NODES)

    def picture(self) -> Picture:
        """The picture, laid out."""
        rows = list(self._rows)
        links = self._store.links(replace(self._filter, entities=tuple(rows)))
        both = np.array(sorted(rows), dtype=np.int64)
        inside = np.isin(links.subject, both) & np.isin(links.object, both)
        degrees = Counter([*links.subject.tolist(), *links.object.tolist()])
        entities = self._store.entities_by_row(rows)
        known = {row: entity for row, entity in zip(rows, entities, strict=True) if entity}
        index = {row: at for at, row in enumerate(rows)}
        pairs = np.array(
            [(index[s], index[o]) for s, o in zip(links.subject[inside].tolist(),
             links.object[inside].tolist(), strict=True)], np.int64).reshape(-1, 2)  # fmt: skip
        sizes = np.array([_size(degrees[row]) for row in rows], np.float32)
        places = self._places(pairs, sizes)
        groups = _communities(len(rows), pairs)
        ranks = _ranks(len(rows), pairs)
        nodes = tuple(
            Node(
                entity,
                *_rounded(places[at]),
                _size(degrees[row]),
                degrees[row],
                groups[at],
                round(float(ranks[at]), 4),
            )
            for row, entity in known.items()
            for at in (index[row],)
        )
        return Picture(nodes, self._edges(links, np.flatnonzero(inside), known), self._truncated)

    def _places(self, pairs: NDArray[np.int64], sizes: NDArray[np.float32]) -> NDArray[np.float32]:
        """A stage after the other: what is drawn stays, and no circle lies over another."""
        places = np.zeros((0, 2), np.float32)
        for number, count in enumerate(self._stages):
            drawn = pairs[(pairs < count).all(axis=1)]
            held = len(places)
            places = layout(count, drawn, places if held else None, number)
            if held < count:
                places = spread(places, _radii(places, sizes[:count]), held)
        return places

    def _edges(
        self, links: Edges, which: NDArray[np.int64], known: dict[int, Entity]
    ) -> tuple[Edge, ...]:
        found: list[tuple[int, tuple[str, str, str], float, bool]] = []
        for at in which.tolist():
            subject, object = int(links.subject[at]), int(links.object[at])
            if subject not in known or object not in known:
                continue  # gone since the links were read
            ids = known[subject].id, links.relations[links.relation[at]], known[object].id
            on_path = ids in self._path
            if len(found) < MOST_EDGES or on_path:
                found.append((int(links.fact[at]), ids, float(links.confidence[at]), on_path))
            else:
                self._truncated = True
        sources = self._store.edge_sources([fact for fact, *_ in found])
        return tuple(
            Edge(*ids, confidence, said.documents, said.dates, on_path)
            for (_, ids, confidence, on_path), said in zip(found, sources, strict=True)
        )


def _radii(places: NDArray[np.float32], sizes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The radii of circles float32 [n] in the layout's units, where all are in one window."""
    extent = max(float(np.ptp(places, axis=0).max()), _LEAST_EXTENT)
    crowding = max(0.45, min(1.0, math.sqrt(250 / (len(places) + 1))))  # as the browser's
    pixels = np.minimum(sizes, np.float32(18)) * np.float32(crowding) + np.float32(_APART)
    return np.asarray(pixels * np.float32(extent / _WINDOW), dtype=np.float32)


def _communities(count: int, pairs: NDArray[np.int64]) -> list[int]:
    """The community of each node by Louvain's method, the largest is 0; -1 for loners."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_edges_from(sorted((int(a), int(b)) for a, b in pairs.tolist() if a != b))
    found = [-1] * count
    if not graph:
        return found
    groups = nx.community.louvain_communities(graph, seed=0)
    for number, group in enumerate(sorted(groups, key=lambda g: (-len(g), min(g)))):
        for node in group:
            found[node] = number
    return found


def _ranks(count: int, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """PageRank of nodes that facts join either way, float64 [n], the highest as 1."""
    one = np.concatenate([pairs[:, 0], pairs[:, 1]])
    other = np.concatenate([pairs[:, 1], pairs[:, 0]])
    degree = np.bincount(one, minlength=count)
    ranks = np.full(count, 1 / max(count, 1))
    for _ in range(_TURNS):
        given = ranks / np.maximum(degree, 1)
        ranks = (1 - _DAMPING) / max(count, 1) + _DAMPING * np.bincount(
            other, given[one], minlength=count
        )
    return ranks / ranks.max() if count else ranks


def _rounded(place: NDArray[np.float32]) -> tuple[float, float]:
    return round(float(place[0]), 3), round(float(place[1]), 3)


def _size(degree: int) -> float:
    return round(3 + 2 * math.log2(1 + degree), 2)
