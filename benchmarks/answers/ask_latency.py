"""How long a question takes on a large graph: p50 and p95, warm.

Run:  python benchmarks/answers/ask_latency.py [--facts 1000000] [--entities 200000] [--questions 200]

Makes a graph in a temporary SQLite file: invented people, towns, organisations and years
with facts of several relations, one evidence each, written row by row in bulk. Then asks
questions of each shape about random names, one after another, after a warm-up round. The
whole way of asking is timed: names, candidates, the question's vectors, the ranker, the
answer with its evidence.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert, text

from kgbuild.ask.asker import Asker, Tools
from kgbuild.ports import Store
from kgbuild.wiring import (
    make_decision,
    make_normalizer,
    make_question_vectors,
    make_ranker,
    storage,
)

GIVEN = [
    "Иван",
    "Пётр",
    "Анна",
    "Мария",
    "Олег",
    "Софья",
    "Лев",
    "Вера",
    "Глеб",
    "Ольга",
    "Юрий",
    "Нина",
    "Павел",
    "Зоя",
    "Марк",
    "Лидия",
]
HEADS = [
    "Бор",
    "Лес",
    "Реч",
    "Гор",
    "Сол",
    "Мор",
    "Дуб",
    "Лип",
    "Ель",
    "Клён",
    "Зор",
    "Ветр",
    "Снеж",
    "Камен",
    "Песч",
    "Свет",
]
MIDDLES = ["ав", "ен", "ич", "ол", "ун", "ар", "ев", "им", "ок", "ад", "юш", "ет"]
RELATIONS = (
    ("WORKPLACE", "ORGANIZATION"),
    ("PLACE_OF_BIRTH", "CITY"),
    ("DATE_OF_BIRTH", "DATE"),
    ("SPOUSE", "PERSON"),
    ("KNOWS", "PERSON"),
    ("PARENT_OF", "PERSON"),
)
SHAPES = (
    "Где работает {p}?",
    "Где родился {p}?",
    "Когда родился {p}?",
    "Кто супруг {p}?",
    "Кто родился в {c}?",
    "Кто работает в «{o}»?",
    "Где работает супруг {p}?",
    "Сколько детей у {p}?",
    "Правда ли, что {p} родился в {c}?",
    "Как связаны {p} и {q}?",
    "Кто родился раньше всех?",
    "Кто из работников «{o}» старше всех?",
    "У кого больше всего детей?",
    "Где родился Аристарх Неведомский?",
    "Какого роста {p}?",
)


def surname(number: int) -> str:
    """A surname that no other number has."""
    parts = []
    while True:
        number, rest = divmod(number, len(MIDDLES))
        parts.append(MIDDLES[rest])
        if not number:
            break
    return HEADS[sum(map(len, parts)) % len(HEADS)] + "".join(parts) + "ов"


def entities(count: int) -> list[tuple[str, str]]:
    """(type, name) of each entity: of ten, seven people, two organisations, one town or year."""
    made = []
    for number in range(count):
        kind = number % 10
        if kind < 7:
            made.append(("PERSON", f"{GIVEN[number % len(GIVEN)]} {surname(number // 16)}"))
        elif kind < 9:
            made.append(("ORGANIZATION", f"Завод {surname(number)[:-2]}"))
        elif number % 200 < 100:
            made.append(("CITY", f"{surname(number)[:-2]}ск"))
        else:
            made.append(("DATE", f"{1000 + number // 200 % 1000} год"))
    return made


def write(connection: Connection, count: int, facts: int, schema: Any) -> None:
    """All rows of the graph, in one transaction."""
    chance = random.Random(1)
    made = entities(count)
    of_type: dict[str, list[int]] = {}
    for row, (type, _) in enumerate(made, 1):
        of_type.setdefault(type, []).append(row)
    connection.execute(insert(schema.ModelRow), [{"id": 1, "fingerprint": "made up"}])
    connection.execute(
        insert(schema.DocumentRow),
        [{"id": 1, "source": "a.txt", "sha256": "0" * 64, "media_type": "text/plain",
          "extractor_id": 1, "text": "Всё выдумано."}],
    )  # fmt: skip
    fold = storage("rules").fold
    rows: list[dict[str, Any]] = []
    for row, (type, name) in enumerate(made, 1):
        rows.append({"id": row, "key": f"E{row:016x}", "type": type, "name": name,
                     "name_folded": fold(name), "mention_count": 1})  # fmt: skip
    _insert(connection, schema.EntityRow, rows)
    _insert(connection, schema.NodeRow, [
        {"id": r["id"], "key": r["key"], "type": r["type"], "name_key": r["name_folded"],
         "entity_id": r["id"]} for r in rows
    ])  # fmt: skip
    _insert(connection, schema.AliasRow, [
        {"id": r["id"], "entity_id": r["id"], "node_id": r["id"], "type": r["type"], "name": r["name"],
         "surface": r["name"], "surface_folded": r["name_folded"], "count": 1} for r in rows
    ])  # fmt: skip
    _insert(connection, schema.MentionRow, [
        {"id": r["id"], "document_id": 1, "start": r["id"], "stop": r["id"] + 1,
         "type": r["type"], "score": 1.0, "alias_id": r["id"], "node_id": r["id"]} for r in rows
    ])  # fmt: skip
    wanted = list(_facts(chance, of_type, facts))
    _insert(connection, schema.FactRow, [
        {"id": n, "relation": r, "subject_id": s, "object_id": o, "confidence": 0.9}
        for n, (s, r, o) in enumerate(wanted, 1)
    ])  # fmt: skip
    _insert(connection, schema.RelationMentionRow, [
        {"id": n, "document_id": 1, "relation": r, "subject_id": s, "object_id": o,
         "confidence": 0.9} for n, (s, r, o) in enumerate(wanted, 1)
    ])  # fmt: skip
    _insert(connection, schema.EvidenceRow, [
        {"id": n, "fact_id": n, "relation_mention_id": n, "document_id": 1, "start": 0,
         "stop": 13, "passage": "Всё выдумано.", "confidence": 0.9}
        for n in range(1, len(wanted) + 1)
    ])  # fmt: skip


def _facts(
    chance: random.Random, of_type: dict[str, list[int]], count: int
) -> Iterator[tuple[int, str, int]]:
    people = of_type["PERSON"]
    seen = set()
    while len(seen) < count:
        relation, type = RELATIONS[chance.randrange(len(RELATIONS))]
        fact = chance.choice(people), relation, chance.choice(of_type[type])
        if fact not in seen and fact[0] != fact[2]:
            seen.add(fact)
            yield fact


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    for begin in range(0, len(rows), 50_000):
        connection.execute(insert(table), rows[begin : begin + 50_000])


def make(path: Path, count: int, facts: int) -> Store:
    """A store of invented facts."""
    store: Store = storage("sql").SqlStore.open(path, create=True)
    store.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("PRAGMA synchronous = OFF"))
        write(connection, count, facts, storage("schema"))
    engine.dispose()
    opened: Store = storage("sql").SqlStore.open(path, create=False)
    return opened


def questions(count: int, size: int, seed: int) -> list[str]:
    """Questions of each shape in turn about random names."""
    chance = random.Random(seed)
    by_type: dict[str, list[str]] = {}
    for type, name in entities(size):
        by_type.setdefault(type, []).append(name)
    return [
        SHAPES[number % len(SHAPES)].format(
            p=chance.choice(by_type["PERSON"]),
            q=chance.choice(by_type["PERSON"]),
            c=chance.choice(by_type["CITY"]),
            o=chance.choice(by_type["ORGANIZATION"]),
        )
        for number in range(count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--entities", type=int, default=200_000)
    parser.add_argument("--questions", type=int, default=204)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        store = make(Path(folder) / "graph.db", given.entities, given.facts)
        made = time.perf_counter()
        asker = Asker(
            store, Tools(make_normalizer, make_ranker, make_decision, make_question_vectors)
        )
        asker.names()
        print(f"graph {made - began:.1f} s, names {time.perf_counter() - made:.1f} s")
        for question in questions(len(SHAPES) * 2, given.entities, 1):
            asker.ask(question)
        taken: dict[str, list[tuple[float, float]]] = {}
        for place, question in enumerate(questions(given.questions, given.entities, 2)):
            wall, cpu = time.perf_counter(), time.process_time()
            asker.ask(question)
            spent = time.perf_counter() - wall, time.process_time() - cpu
            taken.setdefault(SHAPES[place % len(SHAPES)], []).append(spent)
        store.close()
    for shape, times in taken.items():
        print(f"{1000 * statistics.median(w for w, _ in times):7.1f} ms  {shape}")
    for name, kind in (("wall", 0), ("processor", 1)):
        every = sorted(times[kind] for some in taken.values() for times in some)
        p50, p95 = (1000 * every[int(len(every) * share)] for share in (0.5, 0.95))
        print(f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {len(every)} questions")


if __name__ == "__main__":
    main()
