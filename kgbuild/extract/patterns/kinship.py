"""Kinship that a word states: «Людвиг Нобель, брат Альфреда Нобеля», «его отец, Отто».

Russian says it in a handful of ways: a word of kinship, whose kin (a genitive, a possessive,
«у кого»), and who that is (an apposition or a predicate).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kgbuild.extract.patterns import who, whose
from kgbuild.extract.patterns.clause import LONGEST, WITHIN, Clause
from kgbuild.extract.patterns.finding import Stated
from kgbuild.extract.patterns.kin import (
    POSSESSIVE,
    Kin,
    is_compound,
    is_of_a_thing,
    is_own,
    read_kin,
)
from kgbuild.extract.patterns.words import CHILDREN, HINTS, KIN, PRONOUNS
from kgbuild.types import Mention

_WEDDED = (
    ("жениться", "на", "loct", "masc"),
    ("женатый", "на", "loct", "masc"),
    ("замуж", "за", "accs", "femn"),
    ("замужем", "за", "ablt", "femn"),
)
"""A word that states a marriage, its preposition, the case after it, and whose it is."""


class KinshipReader:
    """Reads one sentence that has a word of kinship.

    The subject of PARENT_OF is the parent; of the other relations, which hold both ways, who is
    mentioned first. ``unread`` are relations that the sentence may mean and that weren't read.
    """

    def __init__(self, clause: Clause) -> None:
        self.clause, self.items = clause, clause.items
        self.unread: set[str] = set()
        self.has_kin = False
        self._children = 0

    def stated(self) -> Iterator[Stated]:
        """Everything that it states."""
        for at, item in enumerate(self.items):
            if item.name is not None:
                continue
            lemmas = dict.fromkeys(r.lemma for r in item.readings)
            kin = [read_kin(self.clause, at, lemma) for lemma in lemmas if lemma in KIN]
            if any(one.by_rite for one in kin):
                self.has_kin = True  # «крёстный отец», read: it states none of the relations
                continue
            if is_compound(item.text) and is_of_a_thing(self.clause, at):
                self.has_kin = True  # «отец-основатель клуба», likewise
                continue
            said = map(list, map(self._of, kin))
            read = next(filter(None, said), []) or list(self._wedding(at))
            yield from read
            self._note(lemmas, bool(read))
            children = [r for r in item.readings if r.lemma in CHILDREN]
            if children:
                self._children += 1 + all(r.number == "plur" for r in children)
        if self._children > 1:
            self.unread.add("SIBLING")

    def _note(self, lemmas: Iterable[str], read: bool) -> None:
        """What a word may mean that wasn't read."""
        for lemma in lemmas:
            self.has_kin |= lemma in KIN
            if not read and (lemma in KIN or lemma in HINTS):
                self.unread.add(KIN[lemma].relation if lemma in KIN else HINTS[lemma])
                if lemma in CHILDREN:  # «их дочери Марфа и Марина»
                    self.unread.add("SIBLING")

    def _of(self, kin: Kin) -> Iterator[Stated]:
        """What is said with a word of kinship: whose, then who."""
        before, after = kin.start, kin.at + 1
        possessive = self.clause.text(before - 1)
        if possessive in POSSESSIVE or is_own(self.clause, before - 1):
            found = who.person(self.clause, kin, before - 1, after)
            yield from self._meaning("his", kin, POSSESSIVE.get(possessive), found)
        elif owners := whose.owners(self.clause, kin):
            whom, how = who.person(self.clause, kin, before, owners[-1] + 1)
            yield from self._state(f"of {how}", kin, self.clause.mentions(owners), whom)
        elif whose.is_of_somebody(self.clause, after):
            genitive = [r for r in self.items[after].readings if r.case == "gent"]
            found = who.person(self.clause, kin, before, after + 1)
            yield from self._meaning("the", kin, genitive[0].gender, found)
        elif owners := whose.having(self.clause, before):
            whom, how = who.names_after(self.clause, kin, _list_begins(self.clause, after))
            yield from self._state(f"has {how}", kin, self.clause.mentions(owners), whom)

    def _meaning(
        self, pattern: str, kin: Kin, gender: str | None, found: who.Found
    ) -> Iterator[Stated]:
        """With who is meant by a possessive or a common noun of that gender."""
        whom, how = found
        meant = whose.meant(self.clause, kin, gender, whom) if whom else None
        if meant is not None:
            yield from self._state(f"{pattern} {how}", kin, [meant], whom)
            if "nomn" in kin.cases:
                self.clause.page.topics[self.clause.number] = meant

    def _wedding(self, at: int) -> Iterator[Stated]:
        """«женился на Марии», «вышла замуж за Пьера»."""
        for lemma, preposition, case, gender in _WEDDED:
            if self.clause.text(at + 1) != preposition:
                continue
            if not any(r.lemma == lemma for r in self.items[at].readings):
                continue
            end = self.clause.next_name(at + 2)
            other = "femn" if gender == "masc" else "masc"
            if end is None or not self.items[end].fits({case}, other):
                continue
            place = self.clause.last_name(at, gender)
            one = None if place is None else self.items[place].name
            pronoun = any(item.text == PRONOUNS[gender] for item in self.items[:at][-WITHIN:])
            if one is None and pronoun:
                one = self.clause.page.topic(self.clause.number - 1, gender)
            whom = self.items[end].name
            if one is not None and whom is not None and one != whom:
                yield Stated("wedding", "SPOUSE", *sorted((one, whom)))

    def _state(
        self, pattern: str, kin: Kin, owners: Sequence[Mention], whom: Sequence[int]
    ) -> Iterator[Stated]:
        people = self.clause.mentions(whom)
        if len(owners) > 1:
            self.unread.add("SPOUSE")  # whose children they are
        if len(people) > 1:
            self.unread.add("SIBLING")
        for owner in owners:
            for person in people:
                if person == owner:
                    continue
                first, second = sorted((owner, person))
                if kin.relation == "PARENT_OF":
                    first, second = (person, owner) if kin.word.elder else (owner, person)
                yield Stated(pattern, kin.relation, first, second)
        if kin.relation == "PARENT_OF" and not kin.word.elder:
            for number, one in enumerate(people):
                for other in people[number + 1 :]:
                    yield Stated(f"{pattern} listed", "SIBLING", one, other)


def _list_begins(clause: Clause, at: int) -> int:
    """«шесть дочерей от трёх браков: Екатерина, …»: at the colon, where there is one."""
    rest = [item.text for item in clause.items[at : at + LONGEST]]
    return at + rest.index(":") if ":" in rest else at
