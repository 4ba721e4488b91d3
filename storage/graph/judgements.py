"""Judgements in the database: recording, undoing, reading, and making the graph follow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, tuple_, update

from kgbuild.errors import NotFoundError
from kgbuild.judging import (
    FACT,
    IDENTITY,
    MENTION,
    RENAME,
    RETYPE,
    STATE,
    added_in,
    judged_facts,
    judged_values,
    split_places,
    stated_facts,
    stated_in,
    with_own_node,
)
from kgbuild.ports import EntityClusterer
from kgbuild.types import Judgement, Mention, NameNode, Place, RegistryName, ResolvedMention

from ..columns import in_utc
from ..database import chunked, insert_all
from ..documents.mentions import AliasKey, count_aliases, forget_mentions, read_spans
from ..registers.names import keep_linker, linker_now, nodes_of_names, read_known, write_known
from ..schema import (
    AliasRow,
    DocumentFeatureRow,
    DocumentRow,
    EvidenceRow,
    FactRow,
    FeatureRow,
    JudgementPlaceRow,
    JudgementRow,
    MentionRow,
    NodeRow,
    RelationMentionRow,
    UnlinkedDocumentRow,
)
from .aggregates import Given, settle_entities, settle_facts
from .facts import FactEnds, fact_rows
from .linking import Touched, relations_of_mentions, relink, renew_evidence
from .nodes import component, forget_features, insert_nodes, known_nodes, still_there


def read_judgements(connection: Connection, undone: bool = False) -> list[Judgement]:
    """Judgements in the order they were made."""
    query = select(JudgementRow.__table__).order_by(JudgementRow.id)
    if not undone:
        query = query.where(JudgementRow.undone_at.is_(None))
    rows = connection.execute(query).all()
    places: dict[int, list[Place]] = defaultdict(list)
    placed = [row.id for row in rows if row.verdict in ("split", STATE, MENTION)]
    for some in chunked(placed):
        found = select(JudgementPlaceRow.__table__).where(JudgementPlaceRow.judgement_id.in_(some))
        place = JudgementPlaceRow
        order = place.position, place.source, place.start, place.stop
        for row in connection.execute(found.order_by(*order)).all():
            places[row.judgement_id].append(Place(row.source, row.start, row.stop))
    return [
        Judgement(
            verdict=row.verdict,
            subject=row.subject,
            author=row.author,
            made_at=in_utc(row.made_at),
            relation=row.relation,
            object=row.object,
            places=tuple(places[row.id]),
            note=row.note,
            id=row.id,
            undone_at=None if row.undone_at is None else in_utc(row.undone_at),
            node=row.node or "",
            value=row.value or "",
            type=row.type or "",
            name=row.name or "",
        )
        for row in rows
    ]


def record(connection: Connection, judgement: Judgement, linker: EntityClusterer) -> Judgement:
    """Save a checked judgement and let the graph follow; gives it with its id."""
    before = read_judgements(connection)
    if judgement.verdict == "split":
        judgement = with_own_node(judgement, read_judgements(connection, undone=True))
    made = connection.execute(
        insert(JudgementRow)
        .values(
            verdict=judgement.verdict,
            subject=judgement.subject,
            relation=judgement.relation,
            object=judgement.object,
            author=judgement.author,
            note=judgement.note,
            made_at=judgement.made_at.astimezone(UTC),
            node=judgement.node or None,
            value=judgement.value or None,
            type=judgement.type or None,
            name=judgement.name or None,
        )
        .returning(JudgementRow.id)
    )
    id = made.scalar_one()
    insert_all(
        connection,
        JudgementPlaceRow,
        [
            {
                "judgement_id": id,
                "source": p.document,
                "start": p.start,
                "stop": p.end,
                "position": at if judgement.verdict == STATE else 0,
            }
            for at, p in enumerate(judgement.places)
        ],
    )
    _follow(connection, judgement, before, linker)
    return replace(judgement, id=id, made_at=judgement.made_at.astimezone(UTC))


def take_back(connection: Connection, id: int, at: datetime, linker: EntityClusterer) -> Judgement:
    """Undo a judgement and let the graph follow.

    Raises:
        NotFoundError: there is none with this id that still holds.
    """
    before = read_judgements(connection)
    judgement = next((j for j in before if j.id == id), None)
    if judgement is None:
        raise NotFoundError(f"no judgement {id} that holds: see  kgbuild judgements")
    mine = update(JudgementRow).where(JudgementRow.id == id)
    connection.execute(mine.values(undone_at=at.astimezone(UTC)))
    _follow(connection, judgement, before, linker)
    [undone] = [j for j in read_judgements(connection, undone=True) if j.id == id]
    return undone


def _follow(
    connection: Connection,
    judgement: Judgement,
    before: Sequence[Judgement],
    linker: EntityClusterer,
) -> None:
    """Compute again what a judgement speaks of, which was recorded or undone just now."""
    after = read_judgements(connection)
    touched = Touched()
    if judgement.verdict in IDENTITY:
        named = known_nodes(connection, [judgement.subject, str(judgement.object)])
        around = component(connection, named.values(), before)
        touched = relink(connection, linker, around | set(named.values()), after)
    elif judgement.verdict == "split":
        touched = move_mentions(connection, judgement, (before, after), linker)
    elif judgement.verdict in (RENAME, RETYPE):
        touched.entities |= set(_entities_of(connection, [judgement.subject]).values())
    elif judgement.verdict == STATE:
        sources = {place.document for place in judgement.places}
        touched.facts |= state_relations(connection, linked_documents(connection, sources), after)
    elif judgement.verdict == MENTION:
        sources = {place.document for place in judgement.places}
        documents = linked_documents(connection, sources)
        touched = state_mentions(connection, documents, (before, after), linker)
    recompute_aggregates(connection, touched, after, verdicts=judgement.verdict in FACT)


def recompute_aggregates(
    connection: Connection,
    touched: Touched,
    judgements: Sequence[Judgement],
    verdicts: bool = False,
) -> None:
    """Settle facts, then the entities they need not hold any more.

    With ``verdicts`` every judged fact is settled too, even where no judgement is left.
    """
    judged = judged_rows(connection, judgements)
    stated = _stated_rows(connection, judgements)
    if verdicts or any(judgement.verdict in FACT for judgement in judgements):
        touched.facts |= _judged_facts(connection, judged)
        touched.facts |= set(fact_rows(connection, stated).values())
    settle_facts(connection, touched.facts, judged, stated)
    settle_entities(connection, touched.entities, _given(connection, judgements))


def replace_known(
    connection: Connection, source: str, names: Sequence[RegistryName], linker: EntityClusterer
) -> bool:
    """Put checked names in the place of a register's, and let the graph follow; gives True."""
    judgements = read_judgements(connection)
    before = linker_now(connection, linker)
    old = nodes_of_names(connection, read_known(connection, source))
    around = component(connection, old, judgements)
    write_known(connection, source, names)
    around |= nodes_of_names(connection, names).keys()
    recompute_aggregates(connection, relink(connection, linker, around, judgements), judgements)
    keep_linker(connection, before, linker)
    return True


def judged_rows(connection: Connection, judgements: Iterable[Judgement]) -> dict[FactEnds, str]:
    """accept or reject by the rows of a fact's entities."""
    about = [j for j in judgements if j.verdict in FACT]
    keys = {key for j in about for key in (j.subject, str(j.object))}
    return judged_facts(about, _entities_of(connection, keys))


def _stated_rows(connection: Connection, judgements: Iterable[Judgement]) -> dict[FactEnds, str]:
    """Who stated facts, by the rows of their entities; without those of entities that are
    mentioned no more."""
    about = [j for j in judgements if j.verdict == STATE]
    keys = {key for j in about for key in (j.subject, str(j.object))}
    entity_of = _entities_of(connection, keys)
    mentioned: set[int] = set()
    for some in chunked(sorted(set(entity_of.values()))):
        mine = select(AliasRow.entity_id).where(AliasRow.entity_id.in_(some))
        mentioned.update(connection.scalars(mine.distinct()))
    return stated_facts(about, {k: e for k, e in entity_of.items() if e in mentioned})


def linked_documents(connection: Connection, sources: Collection[str]) -> list[int]:
    """The rows of documents that are there and wait for nothing."""
    waits = exists().where(UnlinkedDocumentRow.document_id == DocumentRow.id)
    found: list[int] = []
    for some in chunked(sorted(sources)):
        mine = select(DocumentRow.id).where(DocumentRow.source.in_(some), ~waits)
        found.extend(connection.scalars(mine))
    return found


def state_relations(
    connection: Connection, documents: Collection[int], judgements: Sequence[Judgement]
) -> set[int]:
    """Let documents hold the relations that people state of their sentences, and no others
    that people stated; gives the facts that these supported or support now."""
    about = [j for j in judgements if j.verdict == STATE and j.places]
    facts: set[int] = set()
    for some in chunked(documents):
        mine = RelationMentionRow.document_id.in_(some)
        left = select(RelationMentionRow.id).where(mine, RelationMentionRow.stated)
        gone = list(connection.scalars(left))
        for part in chunked(gone):
            evidence = EvidenceRow.relation_mention_id.in_(part)
            facts.update(connection.scalars(select(EvidenceRow.fact_id).where(evidence)))
            connection.execute(delete(EvidenceRow).where(evidence))
            connection.execute(delete(RelationMentionRow).where(RelationMentionRow.id.in_(part)))
        if about:
            _insert_stated(connection, some, about)
        new = select(RelationMentionRow.id).where(mine, RelationMentionRow.stated)
        facts |= renew_evidence(connection, set(connection.scalars(new)))
    return facts


def state_mentions(
    connection: Connection,
    documents: Collection[int],
    judgements: tuple[Sequence[Judgement], Sequence[Judgement]],
    linker: EntityClusterer,
) -> Touched:
    """Let linked documents hold the mentions that people added, by the judgements before and
    now, and what people state of these."""
    touched = Touched()
    _, after = judgements
    for some in chunked(documents):
        texts = select(DocumentRow.id, DocumentRow.source, DocumentRow.text)
        for id, source, whole in connection.execute(texts.where(DocumentRow.id.in_(some))).all():
            touched.add(_drop_added(connection, id))
            added = insert_added(connection, id, source, whole, after)
            now = split_places(after)
            seen = {
                row: (one, now.get(Place(source, one.mention.start, one.mention.end), one.entity))
                for row, one in added.items()
            }
            keys = {key for one, node in seen.values() for key in (one.entity, node)}
            _say_nodes(connection, id, keys)
            nodes = known_nodes(connection, keys)
            touched.add(relink(connection, linker, nodes.values(), after))
            alias_of: dict[int, AliasKey] = {}
            for row, (one, node) in seen.items():
                surface = whole[one.mention.start : one.mention.end]
                alias_of[row] = (nodes[node], one.mention.type, one.name, surface)
            aliases = count_aliases(connection, Counter(alias_of.values()))
            placed = update(MentionRow).where(MentionRow.id == bindparam("row"))
            for row, (one, _) in seen.items():
                values = {"alias_id": aliases[alias_of[row]], "node_id": nodes[one.entity]}
                connection.execute(placed.values(values), {"row": row})
            mine = select(AliasRow.entity_id).where(AliasRow.id.in_(aliases.values()))
            touched.entities |= set(connection.scalars(mine))
            touched.add(_forget_unused(connection, id, judgements, linker))
            touched.facts |= state_relations(connection, [id], after)
    return touched


def insert_added(
    connection: Connection,
    document: int,
    source: str,
    whole: str,
    judgements: Sequence[Judgement],
) -> dict[int, ResolvedMention]:
    """Rows for the mentions that people added to a document, which holds none of them yet; what
    they name is to be told."""
    about = [j for j in judgements if j.verdict == MENTION and j.places[0].document == source]
    if not about:
        return {}
    seen = [
        Mention(start, stop, type) for _, start, stop, type, _ in read_spans(connection, [document])
    ]
    added = {one.mention: one for one in added_in(source, whole, seen, about)}
    new = [
        {
            "document_id": document,
            "start": mention.start,
            "stop": mention.end,
            "type": mention.type,
            "score": mention.score,
            "stated": True,
        }
        for mention in added
    ]
    insert_all(connection, MentionRow, new)
    return {
        row: added[mention]
        for _, start, stop, type, row in read_spans(connection, [document])
        if (mention := Mention(start, stop, type)) in added
    }


def _drop_added(connection: Connection, document: int) -> Touched:
    """Take the mentions that people added out of a document, with what was stated of them."""
    touched = Touched()
    mine = (MentionRow.document_id == document) & MentionRow.stated
    rows = connection.execute(select(MentionRow.id, MentionRow.alias_id).where(mine)).all()
    for some in chunked(sorted(relations_of_mentions(connection, [row.id for row in rows]))):
        evidence = EvidenceRow.relation_mention_id.in_(some)
        touched.facts |= set(connection.scalars(select(EvidenceRow.fact_id).where(evidence)))
        connection.execute(delete(EvidenceRow).where(evidence))
        connection.execute(delete(RelationMentionRow).where(RelationMentionRow.id.in_(some)))
    connection.execute(delete(MentionRow).where(mine))
    touched.entities |= forget_mentions(connection, Counter(row.alias_id for row in rows))
    return touched


def _insert_stated(
    connection: Connection, documents: Sequence[int], about: Sequence[Judgement]
) -> None:
    sources = {place.document for judgement in about for place in judgement.places}
    rows = connection.execute(
        select(DocumentRow.id, DocumentRow.source, DocumentRow.text).where(
            DocumentRow.id.in_(documents), DocumentRow.source.in_(sources)
        )
    ).all()
    for id, source, whole in rows:
        row_of = {
            Mention(start, stop, type): row
            for _, start, stop, type, row in read_spans(connection, [id])
        }
        ends = (
            RelationMentionRow.relation,
            RelationMentionRow.subject_id,
            RelationMentionRow.object_id,
        )
        seen = set(connection.execute(select(*ends).where(RelationMentionRow.document_id == id)))
        known = {tuple(row) for row in seen}
        stated = [
            {"relation": r.relation, "subject_id": row_of[r.subject], "object_id": row_of[r.object]}
            for r in stated_in(source, whole, row_of, about)
        ]
        more = {"document_id": id, "confidence": 1.0, "stated": True}
        new = [one | more for one in stated if tuple(one.values()) not in known]
        insert_all(connection, RelationMentionRow, new)


def _given(connection: Connection, judgements: Iterable[Judgement]) -> Given:
    """The names and types that people gave, by the rows of their entities."""
    about = [j for j in judgements if j.verdict in (RENAME, RETYPE)]
    entity_of = _entities_of(connection, {j.subject for j in about})
    return Given(judged_values(about, RENAME, entity_of), judged_values(about, RETYPE, entity_of))


def _entities_of(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """The entities' rows of nodes; a node that belongs to none is left out."""
    entity_of: dict[str, int] = {}
    for some in chunked(sorted(keys)):
        rows = connection.execute(
            select(NodeRow.key, NodeRow.entity_id).where(NodeRow.key.in_(some))
        )
        entity_of.update((key, entity) for key, entity in rows.all() if entity is not None)
    return entity_of


def _judged_facts(connection: Connection, judged: Collection[FactEnds]) -> set[int]:
    """Facts that are judged now, or were."""
    found = set(connection.scalars(select(FactRow.id).where(FactRow.verdict.is_not(None))))
    key = tuple_(FactRow.subject_id, FactRow.relation, FactRow.object_id)
    for some in chunked(judged):
        found.update(connection.scalars(select(FactRow.id).where(key.in_(some))))
    return found


def move_mentions(
    connection: Connection,
    split: Judgement,
    judgements: tuple[Sequence[Judgement], Sequence[Judgement]],
    linker: EntityClusterer,
) -> Touched:
    """Give the mentions of a split the nodes that the judgements after it say."""
    before, after = judgements
    touched = Touched()
    nodes_now = split_places(after)
    for source in sorted({place.document for place in split.places}):
        document = connection.scalar(select(DocumentRow.id).where(DocumentRow.source == source))
        if document is None:
            continue
        spans = [(p.start, p.end) for p in split.places if p.document == source]
        wanted = _wanted_nodes(connection, source, document, spans, nodes_now)
        _say_nodes(connection, document, set(wanted.values()))
        rows = known_nodes(connection, set(wanted.values()))
        touched.add(relink(connection, linker, rows.values(), after))
        touched.add(_move_aliases(connection, {m: rows[key] for m, key in wanted.items()}))
        touched.facts |= renew_evidence(connection, relations_of_mentions(connection, wanted))
        touched.add(_forget_unused(connection, document, (before, after), linker))
    return touched


def _wanted_nodes(
    connection: Connection,
    source: str,
    document: int,
    spans: Sequence[tuple[int, int]],
    moved: dict[Place, str],
) -> dict[int, str]:
    """NameNode keys by mention row: the split's, or the one that the document gave."""
    place = tuple_(MentionRow.start, MentionRow.stop)
    mine = (
        select(MentionRow.id, MentionRow.start, MentionRow.stop, NodeRow.key)
        .join(NodeRow, NodeRow.id == MentionRow.node_id)
        .where(MentionRow.document_id == document)
    )
    wanted: dict[int, str] = {}
    for some in chunked(spans):
        for id, a, b, key in connection.execute(mine.where(place.in_(some))):
            wanted[id] = moved.get(Place(source, a, b), key)
    return wanted


def _said_nodes(connection: Connection, document: int) -> dict[str, list[int]]:
    """A document's feature rows by node key."""
    rows = connection.execute(
        select(NodeRow.key, FeatureRow.id)
        .join(FeatureRow, FeatureRow.node_id == NodeRow.id)
        .join(DocumentFeatureRow, DocumentFeatureRow.feature_id == FeatureRow.id)
        .where(DocumentFeatureRow.document_id == document)
    )
    said: dict[str, list[int]] = defaultdict(list)
    for key, feature in rows.all():
        said[key].append(feature)
    return said


def _say_nodes(connection: Connection, document: int, keys: Collection[str]) -> None:
    said = _said_nodes(connection, document)
    insert_nodes(connection, {document: [NameNode(key) for key in sorted(keys) if key not in said]})


def _move_aliases(connection: Connection, wanted: dict[int, int]) -> Touched:
    """Move mentions to nodes by row; the aliases' entities are touched."""
    touched = Touched()
    for some in chunked(sorted(wanted)):
        rows = connection.execute(
            select(MentionRow.id, AliasRow.id, AliasRow.type, AliasRow.name, AliasRow.surface,
                   AliasRow.node_id)
            .join(AliasRow, AliasRow.id == MentionRow.alias_id)
            .where(MentionRow.id.in_(some))
        ).all()  # fmt: skip
        keys = {row[0]: (wanted[row[0]], *row[2:5]) for row in rows if row[5] != wanted[row[0]]}
        aliases = count_aliases(connection, Counter(keys.values()))
        changes = [{"row": mention, "alias": aliases[key]} for mention, key in keys.items()]
        if not changes:
            continue
        moved = update(MentionRow).where(MentionRow.id == bindparam("row"))
        connection.execute(moved.values(alias_id=bindparam("alias")), changes)
        new = select(AliasRow.entity_id).where(AliasRow.id.in_(aliases.values()))
        touched.entities |= set(connection.scalars(new))
        touched.entities |= forget_mentions(
            connection, Counter(row[1] for row in rows if row[0] in keys)
        )
    return touched


def _forget_unused(
    connection: Connection,
    document: int,
    judgements: tuple[Sequence[Judgement], Sequence[Judgement]],
    linker: EntityClusterer,
) -> Touched:
    """Take back what a document says of nodes that none of its mentions has any more."""
    seen = select(NodeRow.key).join(MentionRow, MentionRow.node_id == NodeRow.id)
    now = (
        select(NodeRow.key)
        .join(AliasRow, AliasRow.node_id == NodeRow.id)
        .join(MentionRow, MentionRow.alias_id == AliasRow.id)
    )
    used: set[str] = set()
    for query in (seen, now):
        used.update(connection.scalars(query.where(MentionRow.document_id == document)))
    unused = {k: t for k, t in _said_nodes(connection, document).items() if k not in used}
    if not unused:
        return Touched()
    before, after = judgements
    around = component(connection, known_nodes(connection, unused).values(), before)
    features = [feature for mine in unused.values() for feature in mine]
    for some in chunked(features):
        said = DocumentFeatureRow.feature_id.in_(some) & (
            DocumentFeatureRow.document_id == document
        )
        connection.execute(delete(DocumentFeatureRow).where(said))
    forget_features(connection, features)
    return relink(connection, linker, still_there(connection, around), after)
