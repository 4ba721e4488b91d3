"""The fixed JSON Lines formats of mentions and facts, which other programs rely on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from kgbuild.exchange.files import entity_rows
from kgbuild.ports import Store
from kgbuild.types import Entity, Fact, Mention, StoredMention


def mention_lines(mentions: Iterable[StoredMention]) -> Iterator[dict[str, object]]:
    """``{"document", "start", "end", "text", "type", "entity", "name"}`` a mention."""
    for stored in mentions:
        yield {
            "document": stored.document,
            "start": stored.mention.start,
            "end": stored.mention.end,
            "text": stored.text,
            "type": stored.mention.type,
            "entity": stored.entity,
            "name": stored.name,
        }


def fact_lines(facts: Iterable[Fact]) -> Iterator[dict[str, object]]:
    """``{"document", "relation", "subject", "object", "confidence"}`` an evidence.

    Of a fact that only a person states the document and both spans are null.
    """
    for fact in facts:
        if not fact.evidence:
            yield {
                "document": None,
                "relation": fact.relation,
                "subject": _end(None, fact.subject),
                "object": _end(None, fact.object),
                "confidence": round(fact.confidence, 4),
            }
        for evidence in fact.evidence:
            yield {
                "document": evidence.document,
                "relation": fact.relation,
                "subject": _end(evidence.subject, fact.subject),
                "object": _end(evidence.object, fact.object),
                "confidence": round(evidence.confidence, 4),
            }


def entity_lines(store: Store) -> Iterator[dict[str, object]]:
    """``{"id", "name", "type", "aliases", "external", "mentions", "facts"}`` an entity, the
    most mentioned first; ``facts`` counts those on either side."""
    counts = Counter(end.id for fact in store.facts() for end in {fact.subject, fact.object})
    for row in entity_rows(store):
        entity = row.entity
        yield {
            "id": entity.id,
            "name": entity.name,
            "type": entity.type,
            "aliases": list(entity.aliases),
            "external": list(row.external),
            "mentions": entity.mention_count,
            "facts": counts[entity.id],
        }


def _end(mention: Mention | None, entity: Entity) -> dict[str, object]:
    return {
        "start": None if mention is None else mention.start,
        "end": None if mention is None else mention.end,
        "type": entity.type if mention is None else mention.type,
        "entity": entity.id,
        "name": entity.name,
    }
