"""Documents that move, and what older models made of documents."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import aliased

from kgbuild.errors import InputError, NotFoundError
from kgbuild.judging import split_node
from kgbuild.ports import Linker

from .fingerprint_tables import NormalizerRow
from .judgement_rows import move_mentions, read_judgements, settle
from .linking import Touched
from .schema import DocumentRow, JudgementPlaceRow, JudgementRow, ModelRow


def move(connection: Connection, old: str, new: str, linker: Linker) -> None:
    """Give a document another source, and the splits of its mentions too.

    Raises:
        NotFoundError: no document is called ``old``.
        InputError: one is called ``new`` already.
    """
    rows = select(DocumentRow.id)
    if connection.scalar(rows.where(DocumentRow.source == old)) is None:
        raise NotFoundError(f"no document {old!r} in the graph")
    if connection.scalar(rows.where(DocumentRow.source == new)) is not None:
        raise InputError(f"a document {new!r} is in the graph already")
    before = read_judgements(connection)
    connection.execute(update(DocumentRow).where(DocumentRow.source == old).values(source=new))
    _carry_places(connection, old, new)
    after = read_judgements(connection)
    # A split that spoke of an earlier document of the new name speaks of this one now.
    speaking = [j for j in after if any(place.document == new for place in j.places)]
    touched = Touched()
    for split in speaking:
        touched.add(move_mentions(connection, split, (before, after), linker))
    if speaking:
        settle(connection, touched, after)


def _carry_places(connection: Connection, old: str, new: str) -> None:
    place = JudgementPlaceRow
    for split in read_judgements(connection, undone=True):
        spans = {(p.start, p.end) for p in split.places if p.document == old}
        if not spans:
            continue
        mine = update(JudgementRow).where(JudgementRow.id == split.id)
        connection.execute(mine.values(node=split_node(split)))
        for start, stop in spans:
            same = (place.source == new) & (place.start == start) & (place.stop == stop)
            connection.execute(delete(place).where(place.judgement_id == split.id, same))
    connection.execute(update(place).where(place.source == old).values(source=new))


def read_sources(connection: Connection) -> list[tuple[str, str, str, str]]:
    """Source, SHA-256, extractor and normalizer ("": unknown) of every document, by source."""
    named = aliased(ModelRow)
    rows = connection.execute(
        select(DocumentRow.source, DocumentRow.sha256, ModelRow.fingerprint, named.fingerprint)
        .join(ModelRow, ModelRow.id == DocumentRow.extractor_id)
        .outerjoin(NormalizerRow, NormalizerRow.document_id == DocumentRow.id)
        .outerjoin(named, named.id == NormalizerRow.model_id)
        .order_by(DocumentRow.source)
    )
    return [(source, sha256, model, names or "") for source, sha256, model, names in rows]
