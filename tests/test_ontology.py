from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgbuild.errors import NotFoundError
from kgbuild.ontology import (
    ALLOWED,
    ENTITY_TYPES,
    RELATIONS,
    allowed,
    entity_label,
    relation_type,
    relations_for,
)

SCHEMA = Path(__file__).parents[2] / "shared/data/nerel/schema_observed_train.json"


def test_counts_and_order() -> None:
    assert (len(ENTITY_TYPES), len(RELATIONS), len(ALLOWED)) == (29, 49, 511)
    assert tuple(sorted(ENTITY_TYPES)) == ENTITY_TYPES
    assert tuple(sorted(RELATIONS)) == RELATIONS


def test_allowed_pairs_are_of_the_ontology() -> None:
    assert {relation for relation, _, _ in ALLOWED} == set(RELATIONS)
    assert {type for _, *pair in ALLOWED for type in pair} <= set(ENTITY_TYPES)
    assert len({pair for _, *rest in ALLOWED for pair in [tuple(rest)]}) == 266


def test_relations_for_agrees_with_allowed() -> None:
    for subject in ENTITY_TYPES:
        for object_ in ENTITY_TYPES:
            expected = tuple(r for r in RELATIONS if allowed(r, subject, object_))
            assert relations_for(subject, object_) == expected


@pytest.mark.parametrize("name", RELATIONS)
def test_every_relation_is_labelled_both_ways(name: str) -> None:
    relation = relation_type(name)
    labels = [
        relation.label(language, inverse) for language in ("ru", "en") for inverse in (False, True)
    ]
    assert all(labels)
    assert relation.subject_types
    assert relation.object_types
    if relation.symmetric:
        assert relation.label("ru") == relation.label("ru", inverse=True)


def test_directions() -> None:
    assert allowed("FOUNDED_BY", "ORGANIZATION", "PERSON")
    assert not allowed("FOUNDED_BY", "PERSON", "ORGANIZATION")
    assert relation_type("PARENT_OF").label("ru") == "ребёнок"
    assert relation_type("SUBORDINATE_OF").label("ru") == "начальник"
    assert relation_type("OWNER_OF").label("ru", inverse=True) == "владелец"


def test_unknown_names_are_refused() -> None:
    with pytest.raises(NotFoundError, match="LIKES"):
        relation_type("LIKES")
    with pytest.raises(NotFoundError, match="ROBOT"):
        entity_label("ROBOT")
    assert entity_label("PERSON") == "человек"
    assert entity_label("PERSON", "en") == "person"


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"needs {SCHEMA}")
def test_the_pairs_are_those_of_the_training_data() -> None:
    seen = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert frozenset((r, s, o) for r, pairs in seen.items() for s, o, _ in pairs) == ALLOWED
