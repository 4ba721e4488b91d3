"""Where to draw nodes: a force layout that gives the same picture every time.

The forces are those of ForceAtlas2 (Jacomy et al., 2014): nodes repel by their degrees over
their distance, links pull by their length, and everything is drawn a little to the middle.
Each step moves a node by no more than a bound that falls, so the number of steps is fixed.
Sums are taken element by element, never by a matrix product: their order, and so the picture,
doesn't depend on how many threads a machine has.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.float32]

STEPS = 100
_REPULSION = 0.25
_GRAVITY = 0.1
_ROUNDS, _MANY, _ROUNDS_OF_MANY = 60, 600, 15
"""Rounds in which overlapping circles are parted, and of more than so many circles."""
_BLOCK = 64
"""Rows of forces made at once: their pairs stay in the processor's cache."""


def layout(
    count: int,
    edges: NDArray[np.int64],
    fixed: Positions | None = None,
    seed: int = 0,
    steps: int = STEPS,
) -> Positions:
    """Places float32 [count, 2] of nodes that ``edges`` int64 [m, 2] join.

    The first ``len(fixed)`` nodes stay where ``fixed`` has them, and the others find their
    places around these. About 1 is between two nodes that are joined and nothing else.
    """
    held = 0 if fixed is None else len(fixed)
    if count == held:
        return np.zeros((0, 2), np.float32) if fixed is None else fixed.copy()
    edges = edges[edges[:, 0] != edges[:, 1]]
    mass = np.bincount(edges.ravel(), minlength=count).astype(np.float32) + 1
    places = _begin(count, edges, fixed, seed)
    reach = np.float32(np.sqrt(count - held) + 1)
    for step in range(steps):
        force = _repulsion(places, mass, held)
        force += _attraction(places, edges)[held:]
        force -= _GRAVITY * mass[held:, None] * places[held:]
        force /= mass[held:, None]
        length = np.sqrt((force * force).sum(axis=1, keepdims=True)) + np.float32(1e-9)
        bound = reach * np.float32(1 - step / steps) ** 2 + np.float32(0.01)
        places[held:] += force * np.minimum(bound / length, np.float32(0.5))
    return places


def spread(places: Positions, radii: NDArray[np.float32], held: int = 0) -> Positions:
    """The places, moved apart where circles of these ``radii`` float32 [n] overlap.

    The first ``held`` stay. A pair of which one is held is parted by the other alone; in a
    crowd between held ones some overlap may stay: the number of rounds is fixed.
    """
    places = places.copy()
    count = len(places)
    move = np.ones(count, np.float32)
    move[:held] = 0
    for _ in range(_ROUNDS if count <= _MANY else _ROUNDS_OF_MANY):
        shift = np.zeros_like(places)
        for begin in range(0, count, _BLOCK):
            rows = slice(begin, min(begin + _BLOCK, count))
            away = places[rows, None, :] - places[None, :, :]
            far = np.sqrt((away * away).sum(axis=2)) + np.float32(1e-6)
            over = radii[rows, None] + radii[None, :] - far
            over[np.arange(rows.stop - begin), np.arange(begin, rows.stop)] = 0
            np.maximum(over, 0, out=over)
            if not over.any():
                continue
            mine, its = move[rows, None], move[None, :]
            part = over * mine / np.maximum(mine + its, 1)
            shift[rows] = (away * (part / far)[:, :, None]).sum(axis=1)
        if not shift.any():
            break
        places += shift
    return places


def _begin(count: int, edges: NDArray[np.int64], fixed: Positions | None, seed: int) -> Positions:
    """A disc of random places; new nodes begin beside a fixed one that they are joined to."""
    chance = np.random.default_rng(seed)
    angle = chance.random(count, dtype=np.float32) * np.float32(2 * np.pi)
    radius = np.sqrt(chance.random(count, dtype=np.float32))
    places = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None]
    if fixed is None:
        return np.ascontiguousarray(places * np.float32(np.sqrt(count)), dtype=np.float32)
    held = len(fixed)
    anchor = np.full(count, -1, np.int64)
    for one, other in ((0, 1), (1, 0)):
        joined = edges[(edges[:, one] >= held) & (edges[:, other] < held)]
        anchor[joined[:, one]] = joined[:, other]
    beside = anchor >= 0
    if beside.any():  # outwards from the middle, where there is room
        where = fixed[anchor[beside]]
        away = where / (np.sqrt((where * where).sum(axis=1, keepdims=True)) + np.float32(1e-6))
        places[beside] = where + away + places[beside]
    places[:held] = fixed
    return np.ascontiguousarray(places, dtype=np.float32)


def _repulsion(places: Positions, mass: NDArray[np.float32], held: int) -> Positions:
    """The push of all nodes on those past ``held``: float32 [count - held, 2]."""
    x, y = np.ascontiguousarray(places.T)
    force = np.empty((len(places) - held, 2), np.float32)
    room = np.empty((4, _BLOCK, len(places)), np.float32)
    for begin in range(held, len(places), _BLOCK):
        rows = slice(begin, min(begin + _BLOCK, len(places)))
        np.subtract(x[rows, None], x, out=(dx := room[0, : rows.stop - begin]))
        np.subtract(y[rows, None], y, out=(dy := room[1, : rows.stop - begin]))
        push = np.multiply(dx, dx, out=room[2, : rows.stop - begin])
        push += np.multiply(dy, dy, out=room[3, : rows.stop - begin])
        push += np.float32(0.01)
        np.divide(mass, push, out=push)
        out = force[begin - held : rows.stop - held]
        np.einsum("ij,ij->i", dx, push, out=out[:, 0])
        np.einsum("ij,ij->i", dy, push, out=out[:, 1])
    force *= _REPULSION * mass[held:, None]
    return force


def _attraction(places: Positions, edges: NDArray[np.int64]) -> Positions:
    one, other = edges.T
    pull = places[other] - places[one]
    force = np.zeros_like(places)
    for axis in (0, 1):
        force[:, axis] += np.bincount(one, pull[:, axis], len(places)).astype(np.float32)
        force[:, axis] -= np.bincount(other, pull[:, axis], len(places)).astype(np.float32)
    return force
