"""Documents with denials made: what stays in its place, and what isn't so any more."""

from __future__ import annotations

import random
import re
from pathlib import Path

from kgbuild.train.corpora.nerel import Fact, GoldDocument
from kgbuild.train.denying import HEARSAY, NEGATION, denying
from tests.train.dossier import document, note

SEEDS = range(60)
PUT_IN = re.compile(
    "|".join(rf"(?<!\w){re.escape(w)}" for w in sorted((*NEGATION, *HEARSAY), key=len)[::-1]),
    re.IGNORECASE,
)


def variants(gold: GoldDocument) -> list[tuple[int, GoldDocument]]:
    """Variants by seed, each with how many words were put in; nothing else may differ."""
    found = []
    assert PUT_IN.search(gold.text) is None
    for seed in SEEDS:
        made = denying(gold, random.Random(seed))
        plain, count = PUT_IN.subn("", made.text)
        assert plain == gold.text
        found.append((count, made))
    assert {count > 0 for count, _ in found} == {True, False}
    return found


TEXT = (
    "[Директор](PROFESSION#r1) [Иван Зуев](PERSON#p1) возглавил [завод](ORGANIZATION#o1). "
    "{Он}(=p1) женился на [Анне](PERSON#p2). {Родилась}(0=p2) она в [Твери](CITY#c1). "
    "[Анна](PERSON#p2) училась в [Твери](CITY#c1)."
)
FACTS = "p1 WORKS_AS r1\np1 WORKPLACE o1\np1 SPOUSE p2\np2 PLACE_OF_BIRTH c1"


def test_mentions_and_references_stay_on_their_words(tmp_path: Path) -> None:
    gold = document(tmp_path, TEXT, FACTS)
    words = [gold.text[m.start : m.end] for m in gold.mentions]
    spoken = [gold.text[r.start : r.end] for r in gold.references]
    for _, made in variants(gold):
        assert [made.text[m.start : m.end] for m in made.mentions] == words
        assert [(m.type, made.entities[m]) for m in made.mentions] == [
            (m.type, gold.entities[m]) for m in gold.mentions
        ]
        assert [made.text[r.start : r.end] for r in made.references] == spoken
        assert [(r.kind, r.entity) for r in made.references] == [
            (r.kind, r.entity) for r in gold.references
        ]
        assert set(made.links) == set(made.mentions)
        assert made.relations == ()


def test_what_is_put_in_at_a_beginning_takes_the_capital(tmp_path: Path) -> None:
    gold = document(tmp_path, TEXT, FACTS)
    for _, made in variants(gold):
        for start in (0, *(m.end() for m in re.finditer(r"\. ", made.text))):
            assert made.text[start].isupper()


def test_what_a_sentence_states_across_its_verb_is_denied(tmp_path: Path) -> None:
    gold = document(tmp_path, "[Иван](PERSON#p1) женился на [Анне](PERSON#p2).", "p1 SPOUSE p2")
    for count, made in variants(gold):
        fact = (Fact("mill.p1", "SPOUSE", "mill.p2"),)
        assert (made.facts, made.denied) == (((), fact) if count else (fact, ()))


def test_a_verb_without_its_subject_stands_for_it(tmp_path: Path) -> None:
    gold = document(
        tmp_path,
        "[Анна](PERSON#p1) тут. {Родилась}(0=p1) в [Твери](CITY#c1).",
        "p1 PLACE_OF_BIRTH c1",
    )
    for count, made in variants(gold):
        assert bool(made.denied) == bool(count)


def test_what_stands_on_one_side_of_the_verb_stays(tmp_path: Path) -> None:
    gold = document(
        tmp_path,
        "[Директор](PROFESSION#r1) [Иван](PERSON#p1) возглавил [завод](ORGANIZATION#o1).",
        "p1 WORKS_AS r1\np1 WORKPLACE o1",
    )
    post, work = Fact("mill.p1", "WORKS_AS", "mill.r1"), Fact("mill.p1", "WORKPLACE", "mill.o1")
    for count, made in variants(gold):
        assert made.facts == ((post,) if count else (post, work))
        assert made.denied == ((work,) if count else ())


def test_only_what_every_sentence_denies_is_denied(tmp_path: Path) -> None:
    gold = document(
        tmp_path,
        "[Иван](PERSON#p1) женился на [Анне](PERSON#p2). Позже {он}(=p1) развёлся с "
        "[Анной](PERSON#p2).",
        "p1 SPOUSE p2",
    )
    counts = set()
    for count, made in variants(gold):
        counts.add(count)
        assert bool(made.denied) == (count == 2)
        assert len(made.facts) + len(made.denied) == 1
    assert counts == {0, 1, 2}


def test_a_fact_that_no_sentence_holds_stays(tmp_path: Path) -> None:
    gold = document(
        tmp_path, "[Иван](PERSON#p1) уехал. [Анна](PERSON#p2) осталась.", "p1 SPOUSE p2"
    )
    for _, made in variants(gold):
        assert made.facts == gold.facts


def test_sentences_that_deny_already_stay(tmp_path: Path) -> None:
    gold = document(tmp_path, "[Иван](PERSON#p1) не женился на [Анне](PERSON#p2).", "!p1 SPOUSE p2")
    for seed in SEEDS:
        made = denying(gold, random.Random(seed))
        assert made.text == gold.text
        assert made.denied == gold.denied


def test_what_was_denied_stays_so(tmp_path: Path) -> None:
    gold = note(tmp_path)
    for seed in SEEDS:
        made = denying(gold, random.Random(seed))
        assert set(gold.denied) <= set(made.denied)
        assert not set(made.facts) & set(made.denied)
        assert set(made.facts) | set(made.denied) == set(gold.facts) | set(gold.denied)
