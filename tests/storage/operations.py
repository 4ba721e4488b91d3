"""Operations on a store by name, drawn at random, and all that a store shows afterwards."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kgbuild.exchange.registers.registry_names import registry_names
from kgbuild.ports import Store
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import (
    Document,
    DocumentRecord,
    IndexRecord,
    Judgement,
    Leaning,
    Place,
    RegistryEntity,
    Sentence,
)
from tests.storage.samples import EMBEDDER, contents, random_record, some_vectors

sys.path.insert(0, str(Path(__file__).parents[1]))

from notation import parse

TEXTS = (
    "[Иван Орлов|PERSON] работал в [Госдуме|ORGANIZATION] => 1 WORKPLACE 2",
    "[Орлов|PERSON] живёт в [Москве|CITY]. [Иван Орлов|PERSON] спит => 1 PLACE_RESIDES_IN 2",
    "[Государственная дума|ORGANIZATION] стоит в [московском|CITY] центре => 1 LOCATED_IN 2",
    "[ООН|ORGANIZATION] и [Организация Объединённых Наций|ORGANIZATION] в [США|COUNTRY]",
    "[Соколов|PERSON] видел [Третий Рим|CITY] и [Аляску|COUNTRY] => 1 PLACE_RESIDES_IN 2",
    "В [Москве|CITY] [Охотный ряд|ORGANIZATION] и [Пётр Соколов|PERSON] => 2 LOCATED_IN 1",
    "[Соединённые Штаты Америки|COUNTRY] и [РФ|COUNTRY]. [Россия|COUNTRY] велика",
)

SOURCES = "abcdef"
START = datetime(2026, 1, 1, tzinfo=UTC)

LEANINGS = {"w ww": Leaning(apart=1, together=6)}

Draw = Callable[[int], int]
"""Gives a number below another; what it draws is all the chance there is in an operation."""


def linked_record(source: str, number: int) -> DocumentRecord:
    """One of the texts, whose names join those of others by the linker's rules."""
    case = parse(TEXTS[number % len(TEXTS)])
    text = f"{case.text}. Запись {number}."
    made = Document(source, text, f"{number:064}")
    found = resolve_document(made, case.mentions, case.relations, RussianNormalizer())
    whole = (Sentence(0, len(text)),)
    nodes = tuple(found.nodes)
    return DocumentRecord(made, whole, found.mentions, case.relations, "test", nodes=nodes)


def add(stores: Sequence[Store], draw: Draw) -> None:
    """Add a document; one of this source is replaced, or unchanged."""
    source, number = SOURCES[draw(len(SOURCES))], draw(30)
    record = (random_record, linked_record)[draw(2)](source, number)
    same([store.add_document(record) for store in stores])


def delete(stores: Sequence[Store], draw: Draw) -> None:
    """Delete a document that is there."""
    if there := [document.source for document in stores[0].documents()]:
        source = there[draw(len(there))]
        same([store.delete_document(source) for store in stores])


def move(stores: Sequence[Store], draw: Draw) -> None:
    """Call a document otherwise, perhaps as one that is gone was called."""
    there = [document.source for document in stores[0].documents()]
    free = sorted(set(SOURCES) - set(there))
    if there and free:
        old, new = there[draw(len(there))], free[draw(len(free))]
        same([store.move_document(old, new) for store in stores])


def judge(stores: Sequence[Store], draw: Draw) -> None:
    """Say of two nodes that they are one, or are not."""
    nodes = sorted(node.id for group in stores[0].nodes() for node in group)
    if len(nodes) > 1:
        one, other = draw(len(nodes)), draw(len(nodes) - 1)
        others = nodes[:one] + nodes[one + 1 :]
        verdict = ("same", "not_same", "unsure")[draw(3)]
        _judge(stores, Judgement(verdict, nodes[one], "я", START, object=others[other]))


def split(stores: Sequence[Store], draw: Draw) -> None:
    """Take a mention out of its entity."""
    if found := list(stores[0].mentions()):
        one = found[draw(len(found))]
        places = (Place(one.document, one.mention.start, one.mention.end),)
        _judge(stores, Judgement("split", one.entity, "я", START, places=places))


def accept(stores: Sequence[Store], draw: Draw) -> None:
    """Accept or reject a fact."""
    if facts := list(stores[0].facts()):
        fact = facts[draw(len(facts))]
        verdict = ("accept", "reject")[draw(2)]
        _judge(
            stores,
            Judgement(verdict, fact.subject.id, "я", START, fact.relation, fact.object.id),
        )


def name(stores: Sequence[Store], draw: Draw) -> None:
    """Give an entity a name or a type."""
    nodes = sorted(node.id for group in stores[0].nodes() for node in group)
    if nodes:
        given = (("rename", "Новое имя"), ("rename", "Иное"), ("retype", "EVENT"))[draw(3)]
        _judge(stores, Judgement(given[0], nodes[draw(len(nodes))], "я", START, value=given[1]))


def state(stores: Sequence[Store], draw: Draw) -> None:
    """State a fact of two nodes, or of two mentions of a document."""
    nodes = sorted(node.id for group in stores[0].nodes() for node in group)
    found = list(stores[0].mentions())
    if len(nodes) < 2:
        return
    one, other = draw(len(nodes)), draw(len(nodes))
    places: tuple[Place, ...] = ()
    said = ""
    if found and draw(2):
        first = found[draw(len(found))]
        near = [m for m in found if m.document == first.document]
        second = near[draw(len(near))]
        spans = [(m.mention.start, m.mention.end) for m in (first, second)]
        whole = min(start for start, _ in spans), max(end for _, end in spans)
        places = tuple(Place(first.document, *span) for span in (*spans, whole))
        document = stores[0].document(first.document)
        said = "" if document is None else document.text[slice(*whole)]
    if one != other and len(set(places)) == len(places):
        made = Judgement("state", nodes[one], "я", START, "KNOWS", nodes[other], places, value=said)
        _judge(stores, made)


def mention(stores: Sequence[Store], draw: Draw) -> None:
    """Add a mention of a node, or of nobody known."""
    nodes = sorted(node.id for group in stores[0].nodes() for node in group)
    documents = list(stores[0].documents())
    if documents:
        one = documents[draw(len(documents))]
        start = draw(len(one.text) - 1)
        end = start + 1 + draw(min(9, len(one.text) - start))
        node = (["Eновый", *nodes])[draw(len(nodes) + 1)]
        place = (Place(one.source, start, end),)
        made = Judgement("mention", node, "я", START, places=place, value=one.text[start:end])
        _judge(stores, replace(made, type=("PERSON", "CITY")[draw(2)], name="Новое"))


def undo(stores: Sequence[Store], draw: Draw) -> None:
    """Take a judgement back."""
    if holding := [judgement.id for judgement in stores[0].judgements()]:
        id = holding[draw(len(holding))]
        same([store.undo(id, START + timedelta(days=1)) for store in stores])


def relink(stores: Sequence[Store], draw: Draw) -> None:
    """Compute every entity again: nothing may move."""
    assert [store.relink() for store in stores] == [0] * len(stores)


def vectors(stores: Sequence[Store], draw: Draw) -> None:
    """Give some of the rows without a vector one, made from their text."""
    kind = ("sentence", "entity")[draw(2)]
    skip = draw(3)
    for store in stores:
        rows = [r for r in store.missing_vectors(kind, EMBEDDER) if len(r[1]) % 3 != skip]
        for row, text in rows:
            store.add_vectors(kind, EMBEDDER, [row], some_vectors(1, text))


def index_record(stores: Sequence[Store], draw: Draw) -> None:
    """Note an index of this state."""
    kind, rows = ("sentence", "entity")[draw(2)], draw(9)
    for store in stores:
        made = IndexRecord(kind, EMBEDDER, store.generation(), rows, "0" * 64, START)
        store.record_index(made)


KNOWN = (
    RegistryEntity("x", "1", "Иван Орлов", ("PERSON",), ("Соколов",), ("1900",)),
    RegistryEntity("x", "2", "Россия", ("COUNTRY",), ("Соединённые Штаты Америки",)),
    RegistryEntity("x", "3", "Россия", ("COUNTRY",), ("Аляска",)),
    RegistryEntity("x", "4", "Москва", ("CITY",), ("Третий Рим", "Порт пяти морей")),
    RegistryEntity("x", "5", "Госдума", ("ORGANIZATION",), ("Охотный ряд",)),
)


def names(stores: Sequence[Store], draw: Draw) -> None:
    """Let some entries of a register give their names, and no others of it."""
    source, some = "rs"[draw(2)], draw(1 << len(KNOWN))
    entries = [known for at, known in enumerate(KNOWN) if some >> at & 1]
    listed = registry_names(source, entries, RussianNormalizer())
    same([store.set_registry_names(source, listed) for store in stores])
    same([store.linkers() for store in stores])


OPERATIONS = (
    add, delete, move, judge, split, accept, name, state, mention, undo, relink, vectors, index_record, names
)  # fmt: skip
WEIGHTS = (8, 3, 2, 3, 2, 2, 2, 2, 2, 6, 1, 2, 1, 3)


def _judge(stores: Sequence[Store], judgement: Judgement) -> None:
    same([store.judge(judgement) for store in stores])


def same(answers: Sequence[object]) -> None:
    """Stores have to give one answer."""
    assert all(answer == answers[0] for answer in answers), answers


def shown(store: Store) -> tuple[object, ...]:
    """Everything a store shows; vectors by what they are of, as row ids are a store's own."""
    return (
        *contents(store),
        sorted((n.entity, n.type, n.text, n.canonical) for n in store.names()),
        list(store.judgements(undone=True)),
        [store.unjudged_count(), *store.unjudged(5, {}), *store.unjudged(5, LEANINGS)],
        sorted(store.vocabulary()),
        sorted(_vectors(store)),
        [store.index_record(kind, EMBEDDER) for kind in ("sentence", "entity")],
        store.generation(),
    )


def _vectors(store: Store) -> list[tuple[str, bytes]]:
    found = []
    for batch in store.vectors("sentence", EMBEDDER):
        passages = store.passages(batch.ids.tolist())
        found += [(repr(p), v.tobytes()) for p, v in zip(passages, batch.vectors, strict=True)]
    for batch in store.vectors("entity", EMBEDDER):
        entities = store.entities_by_row(batch.ids.tolist())
        found += [(repr(e), v.tobytes()) for e, v in zip(entities, batch.vectors, strict=True)]
    return found


def run(stores: Sequence[Store], operations: int, seed: int) -> Counter[str]:
    """Run random operations, comparing the stores after each; gives how many of each kind.

    Raises:
        AssertionError: the stores differ; the message names seed and operation.
    """
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    for number in range(operations):
        [operation] = chance.choices(OPERATIONS, WEIGHTS)
        operation(stores, chance.randrange)
        done[operation.__name__] += 1
        first, *others = [shown(store) for store in stores]
        for other in others:
            for mine, yours in zip(first, other, strict=True):
                where = f"seed {seed}, operation {number}, {operation.__name__}"
                assert mine == yours, f"{where}: {mine!r} is not {yours!r}"
    return done
