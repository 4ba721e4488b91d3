"""Documents that move, and documents that an older model read."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from kgbuild.errors import InputError, NotFoundError

from .schema import DocumentRow, JudgementPlaceRow, JudgementRow, ModelRow


def move(connection: Connection, old: str, new: str) -> bool:
    """Give a document another source; False where a split that holds speaks of its places.

    Raises:
        NotFoundError: no document is called ``old``.
        InputError: one is called ``new`` already.
    """
    rows = select(DocumentRow.id)
    if connection.scalar(rows.where(DocumentRow.source == old)) is None:
        raise NotFoundError(f"no document {old!r} in the graph")
    if connection.scalar(rows.where(DocumentRow.source == new)) is not None:
        raise InputError(f"a document {new!r} is in the graph already")
    split = (
        select(JudgementRow.id)
        .join(JudgementPlaceRow, JudgementPlaceRow.judgement_id == JudgementRow.id)
        .where(JudgementPlaceRow.source == old, JudgementRow.undone_at.is_(None))
    )
    if connection.scalar(split.limit(1)) is not None:
        return False
    connection.execute(update(DocumentRow).where(DocumentRow.source == old).values(source=new))
    return True


def read_sources(connection: Connection) -> list[tuple[str, str, str]]:
    """Source, SHA-256 and extractor of every document, by source."""
    rows = connection.execute(
        select(DocumentRow.source, DocumentRow.sha256, ModelRow.fingerprint)
        .join(ModelRow, ModelRow.id == DocumentRow.extractor_id)
        .order_by(DocumentRow.source)
    )
    return [(source, sha256, model) for source, sha256, model in rows]
