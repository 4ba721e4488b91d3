"""The tables, for SQLite and PostgreSQL alike.

Documents own sentences, mentions, relation mentions and evidence: those rows go
with their document (``ON DELETE CASCADE``). Entities, aliases and facts are shared
between documents; the writer removes them with their last mention or evidence.
Spans are half-open, ``[start, stop)``, in code points of ``documents.text``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.elements import conv

from .columns import METADATA, RowId, Word, owner, row_id


class Base(DeclarativeBase):
    """Holds the metadata that the migrations are compared with."""

    metadata = METADATA


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
    """A name that documents use (``kgbuild.types.nodes.Node``) and the entity it belongs to now.

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


class FeatureRow(Base):
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


class DocumentFeatureRow(Base):
    """A document says a feature of a node."""

    __tablename__ = "document_traits"
    __table_args__ = (Index(None, "trait_id"),)

    document_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    feature_id: Mapped[int] = mapped_column(
        "trait_id", RowId, ForeignKey("traits.id"), primary_key=True
    )


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
    type: Mapped[str] = mapped_column(Word)
    name: Mapped[str] = mapped_column(Word)
    surface: Mapped[str] = mapped_column(Word)
    surface_folded: Mapped[str] = mapped_column(Word)
    count: Mapped[int]
    node_id: Mapped[int] = mapped_column(RowId, ForeignKey("nodes.id"))


class MentionRow(Base):
    """What the extractor saw, or a person ``stated``: a typed span. ``alias_id`` is what
    resolution made of it.

    ``node_id`` is what its document alone says it names; a split gives it another node's alias.
    Both are missing until its document is linked.
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
    alias_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("aliases.id"))
    node_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("nodes.id"))
    stated: Mapped[bool] = mapped_column(server_default=false())


class UnlinkedDocumentRow(Base):
    """A document that is stored and waits to be linked.

    ``said`` is JSON: ``nodes``, each [id, type, key, [[kind, value], …]], and ``mentions``, in
    the order of the mentions' rows, each [place of its node in ``nodes``, canonical name].
    """

    __tablename__ = "unlinked_documents"

    document_id: Mapped[int] = owner("documents.id", key=True)
    said: Mapped[str] = mapped_column(Text)


class UnlinkedNodeRow(Base):
    """A node whose entity has to be computed again: a document of its neighbourhood went."""

    __tablename__ = "unlinked_nodes"

    node_id: Mapped[int] = owner("nodes.id", key=True)


class WeighedPairRow(Base):
    """Two nodes that the clusterer weighed and nobody judged: its probability that they are one,
    what came of it, and the shapes of both names (``kgbuild.judging.kind_of_pair``)."""

    __tablename__ = "weighed_pairs"
    __table_args__ = (Index(None, "other_id"), Index(None, "kind", "score"))

    one_id: Mapped[int] = owner("nodes.id", key=True)
    other_id: Mapped[int] = owner("nodes.id", key=True)
    kind: Mapped[str] = mapped_column(Word)
    score: Mapped[float] = mapped_column(Double)
    joined: Mapped[bool]
    rule: Mapped[str] = mapped_column(Word)


class UncomparedRow(Base):
    """A document that waits to be compared with those that it may be a copy of."""

    __tablename__ = "uncompared_documents"

    document_id: Mapped[int] = owner("documents.id", key=True)


class CopyBandRow(Base):
    """What a document meets its copies by (``kgbuild.copies.Sketch.bands``)."""

    __tablename__ = "copy_bands"
    __table_args__ = (Index(None, "document_id"), {"sqlite_with_rowid": False})

    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    document_id: Mapped[int] = owner("documents.id", key=True)


class CopyPairRow(Base):
    """Two documents that were compared and are copies; ``document_id`` is the later one's."""

    __tablename__ = "copy_pairs"
    __table_args__ = (Index(None, "other_id"),)

    document_id: Mapped[int] = owner("documents.id", key=True)
    other_id: Mapped[int] = owner("documents.id", key=True)


class CopyRow(Base):
    """A document that is a copy: ``original_id`` is the first of all that are copies of one,
    which has no row itself."""

    __tablename__ = "document_copies"
    __table_args__ = (Index(None, "original_id"),)

    document_id: Mapped[int] = owner("documents.id", key=True)
    original_id: Mapped[int] = mapped_column(RowId, ForeignKey("documents.id"))


class RelationMentionRow(Base):
    """What the extractor saw, or a person ``stated`` of a sentence: a typed, ordered pair of
    mentions."""

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
    stated: Mapped[bool] = mapped_column(server_default=false())


class FactRow(Base):
    """An edge between two entities, with the confidence its evidence gives it.

    ``verdict`` is a person's: accept or reject; a rejected fact isn't read. ``stated_by`` is
    the person who states it, whatever evidence there is.
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
    stated_by: Mapped[str | None] = mapped_column(Word)


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


class AuditRow(Base):
    """Who did what to which document, judgement or graph."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "subject"), {"sqlite_autoincrement": True})

    id: Mapped[int] = row_id()
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    author: Mapped[str] = mapped_column(Word)
    action: Mapped[str] = mapped_column(Word)
    subject: Mapped[str] = mapped_column(Word)
    detail: Mapped[str] = mapped_column(Text)


class CandidateRow(Base):
    """A typed, ordered pair of mentions under its threshold, or ``denied`` by its text, and the
    passage around both."""

    __tablename__ = "candidate_relations"
    __table_args__ = (Index(None, "document_id"), Index(None, "object_id"))

    subject_id: Mapped[int] = owner("mentions.id", key=True)
    object_id: Mapped[int] = owner("mentions.id", key=True)
    relation: Mapped[str] = mapped_column(Word, primary_key=True)
    document_id: Mapped[int] = owner("documents.id")
    start: Mapped[int]
    stop: Mapped[int]
    confidence: Mapped[float] = mapped_column(Double)
    denied: Mapped[bool] = mapped_column(server_default=false())


class ExternalIdRow(Base):
    """What another register calls a node; like judgements it outlives the node's row."""

    __tablename__ = "external_ids"
    __table_args__ = (Index(None, "scheme", "value"),)

    node: Mapped[str] = mapped_column(Word, primary_key=True)
    scheme: Mapped[str] = mapped_column(Word, primary_key=True)
    value: Mapped[str] = mapped_column(Word, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)


class WatchedRow(Base):
    """An entry of a watch list, kept whether anything mentions it or not.

    ``types``, ``aliases``, ``born``, ``died`` and ``ids`` are JSON arrays: entries are read
    whole, and matched by their names in the nominative, which the database can't make.
    """

    __tablename__ = "watched"

    list: Mapped[str] = mapped_column(Word, primary_key=True)
    entry: Mapped[str] = mapped_column(Word, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    types: Mapped[str] = mapped_column(Text)
    aliases: Mapped[str] = mapped_column(Text)
    born: Mapped[str] = mapped_column(Text)
    died: Mapped[str] = mapped_column(Text)
    ids: Mapped[str] = mapped_column(Text)


class NormalizerRow(Base):
    """The normalizer that named a document's mentions; no row where it isn't known."""

    __tablename__ = "document_normalizers"

    document_id: Mapped[int] = owner("documents.id", key=True)
    model_id: Mapped[int] = mapped_column(RowId, ForeignKey("models.id"))


class FingerprintRow(Base):
    """Fingerprints of the whole graph by name: ``linker`` computed all entities; with ``pairs``
    the table of weighed pairs is up to date."""

    __tablename__ = "fingerprints"

    name: Mapped[str] = mapped_column(Word, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Word)


class JobRow(Base):
    """A run; ``arguments`` is a JSON list of words, host, pid and birth name the process."""

    __tablename__ = "jobs"
    __table_args__ = (
        # called so since its migration, which said the prefix twice
        CheckConstraint(
            "state IN ('running', 'done', 'failed', 'interrupted')",
            name=conv("ck_jobs_ck_jobs_state"),
        ),
        Index(None, "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    kind: Mapped[str] = mapped_column(Word)
    arguments: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Word)
    host: Mapped[str] = mapped_column(Word)
    pid: Mapped[int]
    birth: Mapped[str] = mapped_column(Word)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Word)
    done: Mapped[int]
    failed: Mapped[int]
    total: Mapped[int | None]
    error: Mapped[str] = mapped_column(Text)


class JudgementRow(Base):
    """A person's word on the graph; ``subject`` and ``object`` are node keys.

    They outlive the rows they speak of: a judgement still holds when a document
    is deleted and read again. ``undone_at`` is when it was taken back.
    ``node`` names a split's mentions where its places don't: a document of it moved.
    ``value`` is the name or type that is given, the passage that states a fact, or the text of
    a mention that is added, whose ``type`` and canonical ``name`` it has then.
    """

    __tablename__ = "judgements"
    __table_args__ = (
        CheckConstraint(
            "verdict IN ('same', 'not_same', 'unsure', 'split', 'accept', 'reject', 'rename',"
            " 'retype', 'state', 'mention')",
            name="verdict",
        ),
        Index(None, "subject"),
        Index(None, "object"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    verdict: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(Word)
    relation: Mapped[str | None] = mapped_column(Word)
    object: Mapped[str | None] = mapped_column(Word)
    author: Mapped[str] = mapped_column(Word)
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    node: Mapped[str | None] = mapped_column(Word)
    value: Mapped[str | None] = mapped_column(Text)
    type: Mapped[str | None] = mapped_column(Word)
    name: Mapped[str | None] = mapped_column(Word)


class JudgementPlaceRow(Base):
    """A mention that a split moves, by its document's source and its span; or at ``position``
    0, 1 and 2 the subject, the object and the passage of a fact that is stated."""

    __tablename__ = "judgement_places"
    __table_args__ = (Index(None, "source"),)

    judgement_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("judgements.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(Word, primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(server_default=text("0"))


class RegistryNameRow(Base):
    """A name of a register's entry, folded as nodes' names are.

    ``born`` and ``died`` are years parted by spaces. Names may be long, so no key holds them:
    ``block`` is the one that finds the nodes of the name.
    """

    __tablename__ = "known_names"
    __table_args__ = (Index(None, "block"), Index(None, "source", "entry"))

    id: Mapped[int] = row_id()
    source: Mapped[str] = mapped_column(Word)
    entry: Mapped[str] = mapped_column(Word)
    type: Mapped[str] = mapped_column(Word)
    name_key: Mapped[str] = mapped_column(Text)
    block: Mapped[str] = mapped_column(Word)
    born: Mapped[str] = mapped_column(Text)
    died: Mapped[str] = mapped_column(Text)


class OriginRow(Base):
    """A stretch of a document's text and the page, row, chapter or part it stood on."""

    __tablename__ = "document_origins"

    document_id: Mapped[int] = owner("documents.id", key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[int]
    kind: Mapped[str] = mapped_column(Word)
    value: Mapped[str] = mapped_column(Word)


class VectorRow(Base):
    """A vector of a sentence or entity: little-endian float16, ``dimension`` of them."""

    __tablename__ = "vectors"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    model_id: Mapped[int] = mapped_column(RowId, ForeignKey("models.id"), primary_key=True)
    row_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    dimension: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class IndexGenerationRow(Base):
    """The index published last of a kind and model: what its folder has to hold."""

    __tablename__ = "index_generations"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    model_id: Mapped[int] = mapped_column(RowId, ForeignKey("models.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger)
    row_count: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
