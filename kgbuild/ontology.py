"""NEREL's ontology: 29 entity types, 49 relations, and which pairs of types they join.

The types and relations are those of NEREL v1.1 (https://github.com/nerel-ds/NEREL).
``ENTITY_TYPES`` and ``RELATIONS`` are in alphabetical order, and that order is fixed: a
model's output columns follow it. ``ALLOWED`` holds the (relation, subject type, object
type) triples seen in NEREL's training part, shipped in ``ontology_pairs.json``.

A relation reads from its subject to its object: ``label_ru`` and ``label_en`` name what the
object is to the subject («место рождения»), ``inverse_ru`` and ``inverse_en`` what the
subject is to the object («родился здесь»). Symmetric relations are annotated in one
direction only, so a reader looks for them in both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from kgbuild.errors import InputError, NotFoundError

Language = Literal["ru", "en"]
Direction = Literal["forward", "inverse"]

_ENTITY_LABELS: dict[str, tuple[str, str]] = {
    "AGE": ("возраст", "age"),
    "AWARD": ("награда", "award"),
    "CITY": ("населённый пункт", "city"),
    "COUNTRY": ("страна", "country"),
    "CRIME": ("преступление", "crime"),
    "DATE": ("дата", "date"),
    "DISEASE": ("болезнь", "disease"),
    "DISTRICT": ("район", "district"),
    "EVENT": ("событие", "event"),
    "FACILITY": ("сооружение", "facility"),
    "FAMILY": ("семья", "family"),
    "IDEOLOGY": ("идеология", "ideology"),
    "LANGUAGE": ("язык", "language"),
    "LAW": ("закон", "law"),
    "LOCATION": ("место", "location"),
    "MONEY": ("денежная сумма", "money"),
    "NATIONALITY": ("национальность", "nationality"),
    "NUMBER": ("число", "number"),
    "ORDINAL": ("порядковое числительное", "ordinal"),
    "ORGANIZATION": ("организация", "organization"),
    "PENALTY": ("наказание", "penalty"),
    "PERCENT": ("процент", "percent"),
    "PERSON": ("человек", "person"),
    "PRODUCT": ("продукт", "product"),
    "PROFESSION": ("профессия", "profession"),
    "RELIGION": ("религия", "religion"),
    "STATE_OR_PROVINCE": ("регион", "state or province"),
    "TIME": ("время", "time"),
    "WORK_OF_ART": ("произведение", "work of art"),
}

# relation: (what the object is to the subject, in Russian and English,
#            what the subject is to the object, in Russian and English)
_RELATION_LABELS: dict[str, tuple[str, str, str, str]] = {
    "ABBREVIATION": ("сокращение", "abbreviation", "полное название", "full name"),
    "AGENT": ("совершённое действие", "agent in", "действующее лицо", "agent"),
    "AGE_DIED_AT": ("возраст смерти", "age at death", "умер в этом возрасте", "died at this age"),
    "AGE_IS": ("возраст", "age", "имеет этот возраст", "is of this age"),
    "ALTERNATIVE_NAME": ("другое название", "also known as", "другое название", "also known as"),
    "AWARDED_WITH": ("награда", "awarded with", "лауреат", "laureate"),
    "CAUSE_OF_DEATH": ("причина смерти", "cause of death", "умер от этого", "died of this"),
    "CONVICTED_OF": ("вменяемое преступление", "convicted of", "обвиняемый", "the convicted"),
    "DATE_DEFUNCT_IN": ("дата прекращения", "defunct in", "прекратило существовать", "ended then"),
    "DATE_FOUNDED_IN": ("дата основания", "founded in", "основано тогда", "founded then"),
    "DATE_OF_BIRTH": ("дата рождения", "date of birth", "родился тогда", "born then"),
    "DATE_OF_CREATION": ("дата создания", "date of creation", "создано тогда", "created then"),
    "DATE_OF_DEATH": ("дата смерти", "date of death", "умер тогда", "died then"),
    "END_TIME": ("время окончания", "end time", "закончилось тогда", "ended then"),
    "EXPENDITURE": ("расход", "expenditure", "плательщик", "payer"),
    "FOUNDED_BY": ("основатель", "founded by", "основанное", "founder of"),
    "HAS_CAUSE": ("причина", "caused by", "следствие", "cause of"),
    "HEADQUARTERED_IN": (
        "место штаб-квартиры",
        "headquartered in",
        "организация отсюда",
        "headquarters of",
    ),
    "IDEOLOGY_OF": ("идеология", "ideology", "сторонник", "adherent"),
    "INANIMATE_INVOLVED": (
        "событие с этим предметом",
        "involved in",
        "предмет события",
        "involves",
    ),
    "INCOME": ("доход", "income", "получатель", "earner"),
    "KNOWS": ("знакомый", "knows", "знакомый", "known by"),
    "LOCATED_IN": ("местонахождение", "located in", "находится здесь", "location of"),
    "MEDICAL_CONDITION": ("болезнь", "medical condition", "больной", "patient"),
    "MEMBER_OF": ("членство", "member of", "член", "member"),
    "ORGANIZES": ("организованное событие", "organizes", "организатор", "organizer"),
    "ORIGINS_FROM": ("происхождение", "origin", "происходит отсюда", "origin of"),
    "OWNER_OF": ("собственность", "owner of", "владелец", "owned by"),
    "PARENT_OF": ("ребёнок", "parent of", "родитель", "child of"),
    "PARTICIPANT_IN": ("событие с участием", "participant in", "участник", "participant"),
    "PART_OF": ("целое", "part of", "часть", "has part"),
    "PENALIZED_AS": ("наказание", "penalized as", "наказанный", "the penalized"),
    "PLACE_OF_BIRTH": ("место рождения", "place of birth", "родился здесь", "birthplace of"),
    "PLACE_OF_DEATH": ("место смерти", "place of death", "умер здесь", "place of death of"),
    "PLACE_RESIDES_IN": ("место жительства", "resides in", "житель", "resident"),
    "POINT_IN_TIME": ("время события", "point in time", "произошло тогда", "happened then"),
    "PRICE_OF": ("цена", "price", "столько стоит", "has this price"),
    "PRODUCES": ("созданное", "produces", "создатель", "produced by"),
    "RELATIVE": ("родственник", "relative", "родственник", "relative"),
    "RELIGION_OF": ("религия", "religion", "верующий", "adherent"),
    "SCHOOLS_ATTENDED": ("место учёбы", "school attended", "выпускник", "alumnus"),
    "SIBLING": ("брат или сестра", "sibling", "брат или сестра", "sibling"),
    "SPOUSE": ("супруг", "spouse", "супруг", "spouse"),
    "START_TIME": ("время начала", "start time", "началось тогда", "started then"),
    "SUBEVENT_OF": ("объемлющее событие", "subevent of", "часть события", "has subevent"),
    "SUBORDINATE_OF": ("начальник", "subordinate of", "подчинённый", "superior of"),
    "TAKES_PLACE_IN": ("место события", "takes place in", "произошло здесь", "venue of"),
    "WORKPLACE": ("место работы", "workplace", "работник", "employs"),
    "WORKS_AS": ("профессия", "works as", "занимает должность", "held by"),
}

_SYMMETRIC = frozenset({"ALTERNATIVE_NAME", "KNOWS", "RELATIVE", "SIBLING", "SPOUSE"})

ENTITY_TYPES: tuple[str, ...] = tuple(sorted(_ENTITY_LABELS))
"""NEREL's 29 entity types, alphabetical."""

RELATIONS: tuple[str, ...] = tuple(sorted(_RELATION_LABELS))
"""NEREL's 49 relations, alphabetical."""


@dataclass(frozen=True, slots=True)
class RelationType:
    """One relation. ``subject_types`` and ``object_types`` are those seen, alphabetical."""

    name: str
    label_ru: str
    label_en: str
    inverse_ru: str
    inverse_en: str
    symmetric: bool
    subject_types: tuple[str, ...]
    object_types: tuple[str, ...]

    def label(self, language: Language = "ru", inverse: bool = False) -> str:
        """The relation's label read from the subject, or with ``inverse`` from the object."""
        if inverse:
            return self.inverse_ru if language == "ru" else self.inverse_en
        return self.label_ru if language == "ru" else self.label_en


def _load_allowed() -> frozenset[tuple[str, str, str]]:
    text = files("kgbuild").joinpath("ontology_pairs.json").read_text(encoding="utf-8")
    pairs: dict[str, dict[str, list[str]]] = json.loads(text)
    return frozenset(
        (relation, subject, object_)
        for relation, by_subject in pairs.items()
        for subject, objects in by_subject.items()
        for object_ in objects
    )


ALLOWED: frozenset[tuple[str, str, str]] = _load_allowed()
"""The 511 (relation, subject type, object type) triples that NEREL's training part holds."""


def allowed(relation: str, subject_type: str, object_type: str) -> bool:
    """Whether the relation may join a subject and an object of these types."""
    return (relation, subject_type, object_type) in ALLOWED


@cache
def relations_for(subject_type: str, object_type: str) -> tuple[str, ...]:
    """The relations that may join these types, in the order of ``RELATIONS``; often none."""
    return tuple(name for name in RELATIONS if (name, subject_type, object_type) in ALLOWED)


@cache
def relation_type(name: str) -> RelationType:
    """One relation by its name.

    Raises:
        NotFoundError: NEREL has no such relation.
    """
    labels = _RELATION_LABELS.get(name)
    if labels is None:
        raise NotFoundError(f"no relation {name!r}: the relations are {', '.join(RELATIONS)}")
    triples = [triple for triple in ALLOWED if triple[0] == name]
    return RelationType(
        name,
        *labels,
        symmetric=name in _SYMMETRIC,
        subject_types=tuple(sorted({subject for _, subject, _ in triples})),
        object_types=tuple(sorted({object_ for _, _, object_ in triples})),
    )


def known_relation(said: str) -> str:
    """The relation that is meant: by its name in any case, or by its Russian label.

    Raises:
        InputError: NEREL has no such relation.
    """
    folded = said.strip().casefold()
    for name, (label, *_) in _RELATION_LABELS.items():
        if folded in (name.casefold(), label.casefold()):
            return name
    raise InputError(f"there is no relation {said!r}: one of {', '.join(RELATIONS)}")


def known_type(said: str) -> str:
    """The entity type that is meant: by its name in any case, or by its Russian label.

    Raises:
        InputError: NEREL has no such type.
    """
    folded = said.strip().casefold()
    for name, (label, *_) in _ENTITY_LABELS.items():
        if folded in (name.casefold(), label.casefold()):
            return name
    raise InputError(f"there is no entity type {said!r}: one of {', '.join(ENTITY_TYPES)}")


@cache
def _wikidata() -> dict[str, dict[str, Direction]]:
    """A property's relations; the file writes ``^RELATION`` for one that reads the other way."""
    text = files("kgbuild").joinpath("ontology_wikidata.json").read_text(encoding="utf-8")
    table: dict[str, list[str]] = json.loads(text)
    return {
        property: {r.lstrip("^"): "inverse" if r.startswith("^") else "forward" for r in relations}
        for property, relations in table.items()
    }


def wikidata_relations(property: str) -> frozenset[str]:
    """The relations that say what a Wikidata property (such as P19) says, in either direction.

    Several where the property is wider than any of them: its country (P17) is where a city
    lies, an organisation sits or a product comes from. None where no relation says it.
    """
    return frozenset(_wikidata().get(property, ()))


def wikidata_direction(property: str, relation: str) -> Direction | None:
    """Whether a relation reads from a property's subject to its object, or ``inverse``: the
    father (P22) of an item is its PARENT_OF; None where it doesn't say what the property says."""
    return _wikidata().get(property, {}).get(relation)


def entity_label(type: str, language: Language = "ru") -> str:
    """An entity type's label.

    Raises:
        NotFoundError: NEREL has no such type.
    """
    labels = _ENTITY_LABELS.get(type)
    if labels is None:
        raise NotFoundError(f"no entity type {type!r}: the types are {', '.join(ENTITY_TYPES)}")
    return labels[0] if language == "ru" else labels[1]
