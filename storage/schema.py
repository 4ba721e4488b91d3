"""The tables, for SQLite and PostgreSQL alike.

Documents own sentences, mentions, relation mentions and evidence: those rows go
with their document (``ON DELETE CASCADE``). Entities, aliases and facts are shared
between documents; the writer removes them with their last mention or evidence.
Spans are half-open, ``[start, stop)``, in code points of ``documents.text``.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .audit_rows import AuditRow
from .candidate_tables import CandidateRow
from .external_tables import ExternalIdRow, WatchedRow
from .fingerprint_tables import FingerprintRow, NormalizerRow
from .job_rows import JobRow
from .judgement_tables import JudgementPlaceRow, JudgementRow
from .known_tables import KnownNameRow
from .origin_rows import OriginRow
from .tables import Base, RowId, Word, owner, row_id
from .vector_tables import IndexGenerationRow, VectorRow

__all__ = [
    "AliasRow",
    "AuditRow",
    "Base",
    "CandidateRow",
    "DocumentRow",
    "DocumentTraitRow",
    "EntityRow",
    "EvidenceRow",
    "ExternalIdRow",
    "FactRow",
    "FingerprintRow",
    "IndexGenerationRow",
    "JobRow",
    "JudgementPlaceRow",
    "JudgementRow",
    "KnownNameRow",
    "MentionRow",
    "MetaRow",
    "ModelRow",
    "NodeRow",
    "NormalizerRow",
    "OriginRow",
    "RelationMentionRow",
    "SentenceRow",
    "TraitRow",
    "VectorRow",
    "WatchedRow",
]


class MetaRow(Base):
    """Named counters: ``generation`` rises with every write."""

    __tablename__ = "meta"

    name: Mapped[str] = mapped_column(Word, primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class ModelRow(Base):
    """Fingerprints of the models that made mentions, relations and vectors."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("fingerprint"), {"sqlite_autoincrement": True})

    id: Mapped[int] = row_id()
    fingerprint: Mapped[str] = mapped_column(Word)


class DocumentRow(Base):
    """A document and its text; ``extractor_id`` is the model that read it."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("source"), {"sqlite_autoincrement": True})

    id: Mapped[int] = row_id()
    source: Mapped[str] = mapped_column(Word)
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(Word)
    extractor_id: Mapped[int] = mapped_column(RowId, ForeignKey("models.id"))
    text: Mapped[str] = mapped_column(Text)


class SentenceRow(Base):
    """A sentence's span; its row id is its id in a vector index, never used twice."""

    __tablename__ = "sentences"
    __table_args__ = (
        UniqueConstraint("document_id", "position"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    document_id: Mapped[int] = owner("documents.id")
    position: Mapped[int]
    start: Mapped[int]
    stop: Mapped[int]


class EntityRow(Base):
    """A node. ``key`` is its stable text id; the rest is elected from its aliases."""

    __tablename__ = "entities"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "name_folded"),
        Index(None, "mention_count", "key"),
        Index(None, "type", "mention_count", "key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    key: Mapped[str] = mapped_column(Word)
    type: Mapped[str] = mapped_column(Word)
    name: Mapped[str] = mapped_column(Word)
    name_folded: Mapped[str] = mapped_column(Word)
    mention_count: Mapped[int]


class NodeRow(Base):
    """A name that documents use (``kgbuild.types.Node``) and the entity it belongs to now.

    ``key`` is its stable text id, ``name_key`` its folded name. Without ``entity_id``
    nothing mentions it: a split took its last mention.
    """

    __tablename__ = "nodes"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "entity_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    key: Mapped[str] = mapped_column(Word)
    type: Mapped[str] = mapped_column(Word)
    name_key: Mapped[str] = mapped_column(Word)
    entity_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("entities.id"))


class TraitRow(Base):
    """How many documents say this of a node; every document of a node says ``document``."""

    __tablename__ = "traits"
    __table_args__ = (
        UniqueConstraint("node_id", "kind", "value"),
        Index(None, "kind", "value"),
        Index(None, "node_id", "kind", "count", "value"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    node_id: Mapped[int] = owner("nodes.id")
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Word)
    count: Mapped[int]


class DocumentTraitRow(Base):
    """A document says a trait of a node."""

    __tablename__ = "document_traits"
    __table_args__ = (Index(None, "trait_id"),)

    document_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    trait_id: Mapped[int] = mapped_column(RowId, ForeignKey("traits.id"), primary_key=True)


class AliasRow(Base):
    """How often a node was mentioned with this surface, type and canonical name.

    ``entity_id`` repeats the node's, so that reading an entity needs no further table.

    No unique constraint: PostgreSQL can't index a surface of some thousand bytes,
    and the one writer keeps the rows distinct (``SqlStore.check`` looks).
    """

    __tablename__ = "aliases"
    __table_args__ = (
        Index(None, "entity_id"),
        Index(None, "node_id"),
        Index(None, "surface_folded"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    entity_id: Mapped[int] = owner("entities.id")
    node_id: Mapped[int] = mapped_column(RowId, ForeignKey("nodes.id"))
    type: Mapped[str] = mapped_column(Word)
    name: Mapped[str] = mapped_column(Word)
    surface: Mapped[str] = mapped_column(Word)
    surface_folded: Mapped[str] = mapped_column(Word)
    count: Mapped[int]


class MentionRow(Base):
    """What the extractor saw: a typed span. ``alias_id`` is what resolution made of it.

    ``node_id`` is what its document alone says it names; a split gives it another node's alias.
    """

    __tablename__ = "mentions"
    __table_args__ = (
        UniqueConstraint("document_id", "start", "stop", "type"),
        Index(None, "alias_id"),
        Index(None, "node_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    document_id: Mapped[int] = owner("documents.id")
    start: Mapped[int]
    stop: Mapped[int]
    type: Mapped[str] = mapped_column(Word)
    score: Mapped[float] = mapped_column(Double)
    alias_id: Mapped[int] = mapped_column(RowId, ForeignKey("aliases.id"))
    node_id: Mapped[int] = mapped_column(RowId, ForeignKey("nodes.id"))


class RelationMentionRow(Base):
    """What the extractor saw: a typed, ordered pair of mentions."""

    __tablename__ = "relation_mentions"
    __table_args__ = (
        UniqueConstraint("subject_id", "object_id", "relation"),
        Index(None, "document_id"),
        Index(None, "object_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    document_id: Mapped[int] = owner("documents.id")
    relation: Mapped[str] = mapped_column(Word)
    subject_id: Mapped[int] = owner("mentions.id")
    object_id: Mapped[int] = owner("mentions.id")
    confidence: Mapped[float] = mapped_column(Double)


class FactRow(Base):
    """An edge between two entities, with the confidence its evidence gives it.

    ``verdict`` is a person's: accept or reject; a rejected fact isn't read.
    """

    __tablename__ = "facts"
    __table_args__ = (
        UniqueConstraint("subject_id", "relation", "object_id"),
        Index(None, "object_id", "relation"),
        Index(None, "relation", "confidence"),
        Index(None, "confidence"),
        Index(None, "verdict"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    relation: Mapped[str] = mapped_column(Word)
    subject_id: Mapped[int] = mapped_column(RowId, ForeignKey("entities.id"))
    object_id: Mapped[int] = mapped_column(RowId, ForeignKey("entities.id"))
    confidence: Mapped[float] = mapped_column(Double)
    verdict: Mapped[str | None] = mapped_column(String(16))


class EvidenceRow(Base):
    """A relation mention as support of a fact, with the passage that states it.

    ``passage`` repeats ``documents.text[start:stop]``, so that reading facts
    doesn't read whole documents.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("relation_mention_id"),
        Index(None, "fact_id", "document_id", "confidence"),
        Index(None, "document_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    fact_id: Mapped[int] = owner("facts.id")
    relation_mention_id: Mapped[int] = owner("relation_mentions.id")
    document_id: Mapped[int] = owner("documents.id")
    start: Mapped[int]
    stop: Mapped[int]
    passage: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(Double)
