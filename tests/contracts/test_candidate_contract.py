"""Every store keeps relations too weak to state beside the graph."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kgbuild.errors import InputError
from kgbuild.ports import Store
from kgbuild.types import DocumentRecord, Fact, Judgement, Mention, Relation
from tests.storage.samples import record

IVAN, FIRM = "PERSON:иван", "ORGANIZATION:фирма"
TEXT = "[Иван|PERSON|иван] пришёл в [фирму|ORGANIZATION|фирма]. Было лето."


def weak(source: str, confidence: float = 0.2, more: str = "") -> DocumentRecord:
    """Ivan may work at the firm."""
    made = record(source, TEXT + more)
    one, other = (resolved.mention for resolved in made.mentions)
    relation = Relation("WORKPLACE", one, other, confidence)
    return replace(made, relations=(), candidates=(relation,))


def triples(facts: list[Fact]) -> list[tuple[str, str, str]]:
    return [(f.subject.id, f.relation, f.object.id) for f in facts]


def test_a_candidate_is_known_from_both_its_ends_and_is_no_fact(store: Store) -> None:
    store.add_document(weak("a.txt"))
    assert list(store.facts()) == []
    assert store.stats().relation_mentions == 0
    [found] = store.candidates(IVAN)
    assert triples([found]) == [(IVAN, "WORKPLACE", FIRM)]
    assert found.confidence == pytest.approx(0.2)
    [evidence] = found.evidence
    assert (evidence.document, evidence.text) == ("a.txt", "Иван пришёл в фирму.")
    assert evidence.text == store.document("a.txt").text[evidence.start : evidence.end]  # type: ignore[union-attr]
    assert (evidence.subject, evidence.object) == (
        Mention(0, 4, "PERSON"),
        Mention(14, 19, "ORGANIZATION"),
    )
    assert store.candidates(FIRM) == [found]
    assert store.candidates("no such entity") == []


def test_documents_add_up(store: Store) -> None:
    store.add_document(weak("a.txt", 0.2))
    store.add_document(weak("b.txt", 0.1, more=" Там его ждали."))
    store.add_document(weak("c.txt", 0.2))
    [found] = store.candidates(IVAN)
    assert found.confidence == pytest.approx(1 - 0.8 * 0.9), "a copy adds nothing"
    assert [e.document for e in found.evidence] == ["a.txt", "c.txt", "b.txt"]
    store.delete_document("c.txt")
    store.delete_document("a.txt")
    [found] = store.candidates(IVAN)
    assert [e.document for e in found.evidence] == ["b.txt"]
    store.delete_document("b.txt")
    assert store.candidates(IVAN) == []


def test_what_is_a_fact_or_judged_is_no_candidate(store: Store) -> None:
    store.add_document(weak("a.txt"))
    verdict = Judgement("reject", IVAN, "ann", datetime.now(UTC), "WORKPLACE", FIRM)
    made = store.judge(verdict)
    assert store.candidates(IVAN) == []
    store.undo(int(made.id or 0), datetime.now(UTC))
    assert len(store.candidates(IVAN)) == 1
    stated = weak("b.txt")
    store.add_document(replace(stated, relations=stated.candidates))
    assert store.candidates(IVAN) == []
    assert triples(list(store.facts())) == [(IVAN, "WORKPLACE", FIRM)]


def test_what_a_document_denies_is_kept_apart(store: Store) -> None:
    stated, denying = weak("a.txt"), weak("b.txt", 0.7)
    store.add_document(replace(stated, relations=stated.candidates))
    against = tuple(replace(r, denied=True) for r in denying.candidates)
    store.add_document(replace(denying, candidates=against))
    assert store.candidates(IVAN) == []
    [found] = store.candidates(IVAN, denied=True)
    assert triples([found]) == [(IVAN, "WORKPLACE", FIRM)]
    assert [(e.document, e.confidence) for e in found.evidence] == [("b.txt", 0.7)]
    assert [r.denied for r in store.relations("b.txt", candidates=True)] == [True]
    [fact] = store.facts()
    assert [e.document for e in fact.evidence] == ["a.txt"]


def test_a_candidate_must_be_between_mentions_of_its_document(store: Store) -> None:
    sound = weak("a.txt")
    stray = Relation("WORKPLACE", Mention(0, 4, "PERSON"), Mention(5, 11, "ORGANIZATION"), 0.2)
    with pytest.raises(InputError, match="not a mention of it"):
        store.add_document(replace(sound, candidates=(stray,)))


def test_a_documents_candidates_are_read_back(store: Store) -> None:
    made = weak("a.txt")
    store.add_document(made)
    assert store.relations("a.txt") == []
    assert store.relations("a.txt", candidates=True) == list(made.candidates)
