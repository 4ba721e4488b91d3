"""Which stored documents are copies of one: found as documents come, forgotten as they go.

A document meets those that share a band with it, at most ``_IN_A_BAND`` of each band and
``_COMPARED`` in all, those with most bands in common first: what many documents share, a letter's
closing words, costs no more than what two do. Pairs of copies are kept, so that a group falls
apart where the document goes that held it together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, or_, select, union_all, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import CompoundSelect

from kgbuild.copies import Sketch, are_copies, sketch
from kgbuild.judging import Partition
from kgbuild.types import Copy

from ..database import chunked, insert_all
from ..schema import (
    CopyBandRow,
    CopyPairRow,
    CopyRow,
    DocumentRow,
    EvidenceRow,
    UncomparedRow,
)

_IN_A_BAND, _COMPARED = 16, 32

SOURCE = func.coalesce(CopyRow.original_id, EvidenceRow.document_id)
"""What evidence counts by, where its document's copy is joined from outside: all copies of a
document are one source."""

Pair = tuple[int, int]
"""The row ids of two copies, the later one's first."""


@dataclass(slots=True)
class Compared:
    """What comparing found: how many documents were compared, which of them are copies, and the
    facts whose confidence may be another now."""

    documents: int = 0
    copies: list[Copy] = field(default_factory=list)
    facts: set[int] = field(default_factory=set)


def wait_to_be_compared(connection: Connection, documents: Collection[int]) -> None:
    """Note that new documents (row ids) may be copies."""
    insert_all(connection, UncomparedRow, [{"document_id": id} for id in documents])


def compare_new(connection: Connection, most: int) -> Compared:
    """Compare at most so many of the documents that wait, the oldest first, with all others."""
    waiting = (
        select(DocumentRow.id, DocumentRow.text)
        .join(UncomparedRow, UncomparedRow.document_id == DocumentRow.id)
        .order_by(DocumentRow.id)
        .limit(most)
    )
    sketches = {id: sketch(text) for id, text in connection.execute(waiting)}
    if not sketches:
        return Compared()
    bands = _bands(sketches)
    rows = [{"band": band, "document_id": id} for id, mine in bands.items() for band in mine]
    insert_all(connection, CopyBandRow, rows)
    found = Compared(len(sketches))
    pairs = _new_pairs(connection, sketches, bands)
    found.facts = _join(connection, pairs)
    found.copies = list(_copies_among(connection, sketches))
    for some in chunked(sketches):
        connection.execute(delete(UncomparedRow).where(UncomparedRow.document_id.in_(some)))
    return found


def _bands(sketches: Mapping[int, Sketch]) -> dict[int, list[int]]:
    """What documents meet their copies by, each band once."""
    return {id: list(dict.fromkeys(one.bands)) for id, one in sketches.items()}


def _new_pairs(
    connection: Connection, sketches: Mapping[int, Sketch], bands: Mapping[int, list[int]]
) -> set[Pair]:
    """Find and keep the pairs of copies that documents are of; gives them."""
    known = dict(sketches)
    pairs: set[Pair] = set()
    for id, one in sketches.items():
        near = _near(connection, id, bands[id])
        missing = [other for other in near if other not in known]
        if missing:
            texts = select(DocumentRow.id, DocumentRow.text).where(DocumentRow.id.in_(missing))
            known.update((other, sketch(text)) for other, text in connection.execute(texts))
        pairs.update((max(id, o), min(id, o)) for o in near if are_copies(one, known[o]))
    stored = _pairs_of(connection, {id for pair in pairs for id in pair})
    new = [{"document_id": one, "other_id": other} for one, other in sorted(pairs - stored)]
    insert_all(connection, CopyPairRow, new)
    return pairs


def _near(connection: Connection, id: int, bands: Sequence[int]) -> list[int]:
    """The documents to compare one with, which has these bands."""
    if not bands:
        return []
    values = {f"band{at}": band for at, band in enumerate(bands)}
    met = connection.scalars(_met(len(bands)), {**values, "id": id})
    return [other for other, _ in Counter(met).most_common(_COMPARED)]


@cache
def _met(bands: int) -> CompoundSelect[Any]:
    """The oldest documents in each of so many bands, but for one: a row for each band in common."""
    queries: list[Select[Any]] = []
    for at in range(bands):
        some = (
            select(CopyBandRow.document_id)
            .where(
                CopyBandRow.band == bindparam(f"band{at}"),
                CopyBandRow.document_id != bindparam("id"),
            )
            .order_by(CopyBandRow.document_id)
            .limit(_IN_A_BAND)
            .subquery()
        )
        queries.append(select(some.c.document_id))
    return union_all(*queries)


def _pairs_of(connection: Connection, documents: Collection[int]) -> set[Pair]:
    """The pairs that both are of these documents."""
    found: set[Pair] = set()
    for some in chunked(documents):
        rows = select(CopyPairRow.document_id, CopyPairRow.other_id)
        found.update(
            (a, b) for a, b in connection.execute(rows.where(CopyPairRow.document_id.in_(some)))
        )
    return {(a, b) for a, b in found if b in documents}


def _join(connection: Connection, pairs: Collection[Pair]) -> set[int]:
    """Make one group of the groups that pairs join; gives the facts of those that had another
    original before."""
    originals = _originals(connection, {id for pair in pairs for id in pair})
    roots = {(originals.get(a, a), originals.get(b, b)) for a, b in pairs}
    losing = {
        root: first
        for first, *rest in _components(roots, {root for pair in roots for root in pair})
        for root in rest
    }
    if not losing:
        return set()
    facts = _facts_of(connection, losing) | _facts_of(connection, _copies_of(connection, losing))
    for root, first in sorted(losing.items()):
        mine = update(CopyRow).where(CopyRow.original_id == root)
        connection.execute(mine.values(original_id=first))
    rows = [{"document_id": root, "original_id": first} for root, first in sorted(losing.items())]
    insert_all(connection, CopyRow, rows)
    return facts


def forget_copies(connection: Connection, document: int) -> set[int]:
    """Take a document (row id) out of the group that it is of, before it goes; gives the facts
    of the others, where they fall apart.

    Where the pairs that are left don't hold them together they are compared once more: of very
    many copies not all pairs are known.
    """
    original = _originals(connection, {document}).get(document, document)
    rest = {original, *_copies_of(connection, {original})} - {document}
    connection.execute(delete(CopyBandRow).where(CopyBandRow.document_id == document))
    mine = or_(CopyPairRow.document_id == document, CopyPairRow.other_id == document)
    connection.execute(delete(CopyPairRow).where(mine))
    if not rest:
        return set()
    connection.execute(delete(CopyRow).where(CopyRow.original_id == original))
    groups = _components(_pairs_of(connection, rest), rest)
    if len(groups) > 1:
        groups = _components(_pairs_again(connection, rest), rest)
    rows = [{"document_id": id, "original_id": first} for first, *copies in groups for id in copies]
    insert_all(connection, CopyRow, rows)
    return _facts_of(connection, rest) if len(groups) > 1 else set()


def _pairs_again(connection: Connection, documents: Collection[int]) -> set[Pair]:
    for some in chunked(sorted(documents)):
        texts = select(DocumentRow.id, DocumentRow.text).where(DocumentRow.id.in_(some))
        sketches = {id: sketch(text) for id, text in connection.execute(texts).all()}
        _new_pairs(connection, sketches, _bands(sketches))
    return _pairs_of(connection, documents)


def _components(pairs: Iterable[Pair], ids: Collection[int]) -> list[list[int]]:
    """What pairs hold together, of these ids, each sorted."""
    partition = Partition(ids)
    for one, other in pairs:
        partition.join(one, other)
    return partition.sets()


def _originals(connection: Connection, documents: Collection[int]) -> dict[int, int]:
    """The originals of those that are copies."""
    found: dict[int, int] = {}
    for some in chunked(documents):
        rows = select(CopyRow.document_id, CopyRow.original_id)
        found.update(
            (a, b) for a, b in connection.execute(rows.where(CopyRow.document_id.in_(some)))
        )
    return found


def _copies_of(connection: Connection, originals: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in chunked(originals):
        mine = CopyRow.original_id.in_(some)
        found.update(connection.scalars(select(CopyRow.document_id).where(mine)))
    return found


def _facts_of(connection: Connection, documents: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in chunked(documents):
        mine = EvidenceRow.document_id.in_(some)
        found.update(connection.scalars(select(EvidenceRow.fact_id).where(mine)))
    return found


def _copies_among(connection: Connection, documents: Collection[int]) -> Iterator[Copy]:
    query, (copy, _) = _named()
    for some in chunked(documents):
        for source, original in connection.execute(query.where(copy.id.in_(some))):
            yield Copy(source, original)


def read_copies(connection: Connection, document: str | None) -> list[Copy]:
    """Copies with their originals, by source; those of one document's group if it is given."""
    query, (_, original) = _named()
    if document is not None:
        mine = select(func.coalesce(CopyRow.original_id, DocumentRow.id)).select_from(DocumentRow)
        mine = mine.outerjoin(CopyRow, CopyRow.document_id == DocumentRow.id)
        query = query.where(original.id.in_(mine.where(DocumentRow.source == document)))
    return [Copy(*row) for row in connection.execute(query)]


def _named() -> tuple[Select[*tuple[Any, ...]], tuple[Any, Any]]:
    """Copies and their originals by source, and both documents."""
    copy, original = aliased(DocumentRow), aliased(DocumentRow)
    query: Select[*tuple[Any, ...]] = (
        select(copy.source, original.source)
        .select_from(CopyRow)
        .join(copy, copy.id == CopyRow.document_id)
        .join(original, original.id == CopyRow.original_id)
        .order_by(copy.source)
    )
    return query, (copy, original)
