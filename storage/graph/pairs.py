"""Pairs of nodes that the clusterer weighed and nobody judged, kept for review.

Linking weighs the pairs of the nodes it looks at, and what it says takes the place of all pairs
of those nodes, so the table is what weighing everything again would give. A graph of before the
table has none until all of it is weighed once (``weigh_all``); until then its pairs are weighed
whenever they are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import Connection, delete, func, insert, or_, select, tuple_
from sqlalchemy.orm import aliased

from kgbuild.judging import by_doubt, kind_of_pair, unjudged_pairs
from kgbuild.ports import EntityClusterer
from kgbuild.types import Judgement, Leaning, NodeStats, Reason

from ..database import chunked, insert_all
from ..schema import FingerprintRow, NodeRow, WeighedPairRow
from .nodes import component, seen_nodes

_MARK = "pairs"

Ends = tuple[int, int]
"""The rows of a pair's nodes."""
_Kept = tuple[str, float, bool, str]
"""A pair's kind, score, outcome and rule."""


def are_kept(connection: Connection) -> bool:
    """Whether the table holds the pairs of all nodes."""
    mark = select(FingerprintRow.name).where(FingerprintRow.name == _MARK)
    return connection.scalar(mark) is not None


def weigh_all(
    connection: Connection, linker: EntityClusterer, judgements: Sequence[Judgement]
) -> None:
    """Weigh the pairs of all nodes and keep them, from now on up to date."""
    rest = set(connection.scalars(select(NodeRow.id)))
    while rest:
        group = component(connection, {next(iter(rest))}, judgements)
        rest -= group
        rows = dict(seen_nodes(connection, group))
        clusters = linker.link(list(rows.values()), judgements)
        keep_pairs(connection, rows, clusters.weighed, judgements)
    note_kept(connection)


def note_kept(connection: Connection) -> None:
    """Note that the table holds the pairs of all nodes."""
    if not are_kept(connection):
        connection.execute(insert(FingerprintRow).values(name=_MARK, fingerprint="kept"))


def keep_pairs(
    connection: Connection,
    nodes: Mapping[int, NodeStats],
    weighed: Sequence[Reason],
    judgements: Sequence[Judgement],
) -> None:
    """Put the pairs that were weighed of nodes (by row) in the place of those nodes' pairs."""
    row_of = {node.id: row for row, node in nodes.items()}
    key_of = {node.id: node.key for node in nodes.values()}
    wanted: dict[Ends, _Kept] = {}
    for pair in unjudged_pairs(weighed, judgements):
        kind = kind_of_pair(key_of[pair.one], key_of[pair.other])
        ends = row_of[pair.one], row_of[pair.other]
        wanted[ends] = kind, float(pair.score or 0.0), pair.joined, pair.rule
    known = _pairs_of(connection, nodes)
    gone = [ends for ends, kept in known.items() if wanted.get(ends) != kept]
    for some in chunked(gone):
        mine = tuple_(WeighedPairRow.one_id, WeighedPairRow.other_id).in_(some)
        connection.execute(delete(WeighedPairRow).where(mine))
    new = [
        {"one_id": one, "other_id": other, "kind": kind, "score": score, "joined": joined, "rule": rule}
        for (one, other), (kind, score, joined, rule) in wanted.items()
        if known.get((one, other)) != (kind, score, joined, rule)
    ]  # fmt: skip
    insert_all(connection, WeighedPairRow, new)


def _pairs_of(connection: Connection, nodes: Collection[int]) -> dict[Ends, _Kept]:
    row = WeighedPairRow
    found: dict[Ends, _Kept] = {}
    for some in chunked(sorted(nodes)):
        mine = or_(row.one_id.in_(some), row.other_id.in_(some))
        query = select(row.one_id, row.other_id, row.kind, row.score, row.joined, row.rule)
        for one, other, kind, score, joined, rule in connection.execute(query.where(mine)).all():
            found[one, other] = kind, score, joined, rule
    return found


def count_pairs(connection: Connection) -> int:
    """How many pairs there are."""
    return connection.scalar(select(func.count()).select_from(WeighedPairRow)) or 0


def least_sure(connection: Connection, limit: int, kinds: Mapping[str, Leaning]) -> list[Reason]:
    """The pairs of which the scorer, moved by what people said of their kind, is least sure.

    Of each kind the nearest on either side of the score that says nothing are read along an
    index, so the time doesn't grow with the number of pairs.
    """
    found: list[Reason] = []
    names: dict[str, str] = {}
    for kind in list(_kinds(connection)):
        even = kinds.get(kind, Leaning()).even
        for above in (True, False):
            for reason, one, other in _nearest(connection, kind, even, above, limit):
                found.append(reason)
                names |= {reason.one: one, reason.other: other}
    return by_doubt(found, kinds, names)[:limit]


def _kinds(connection: Connection) -> Iterator[str]:
    """Each kind of pair once, found by steps along the index."""
    least = select(func.min(WeighedPairRow.kind))
    kind = connection.scalar(least)
    while kind is not None:
        yield kind
        kind = connection.scalar(least.where(WeighedPairRow.kind > kind))


def _nearest(
    connection: Connection, kind: str, even: float, above: bool, limit: int
) -> Iterator[tuple[Reason, str, str]]:
    """The pairs of a kind nearest to a score from one side, with the names of both."""
    pair, one, other = WeighedPairRow, aliased(NodeRow), aliased(NodeRow)
    side = pair.score >= even if above else pair.score < even
    order = pair.score.asc() if above else pair.score.desc()
    query = (
        select(one.key, other.key, pair.joined, pair.rule, pair.score, one.name_key, other.name_key)
        .select_from(pair)
        .join(one, one.id == pair.one_id)
        .join(other, other.id == pair.other_id)
        .where(pair.kind == kind, side)
        .order_by(order, one.key, other.key)
        .limit(limit)
    )
    for first, second, joined, rule, score, name, other_name in connection.execute(query).all():
        yield Reason(first, second, joined, rule, score), name, other_name
