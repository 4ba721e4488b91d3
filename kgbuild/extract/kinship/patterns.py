"""Kinship that a word states: «Людвиг Нобель, брат Альфреда Нобеля», «его отец, Отто».

The annotated examples are too few for the network, while Russian says it in a handful of
ways: a word of kinship, whose kin (a genitive, a possessive, «у кого»), and who that is (an
apposition or a predicate). Patterns over the words between found names (Hearst 1992) read
them, by the cases that pymorphy3 allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kgbuild.extract.kinship.clause import LONGEST, WITHIN, Clause
from kgbuild.extract.kinship.page import ANY_CASE, KIN_WORD, NOMINATIVE, Page
from kgbuild.extract.kinship.words import CHILDREN, COMPANY, GENDERS, HINTS, KIN, KinWord, Reading
from kgbuild.types import Mention, Sentence

_DASHES = frozenset("—–-:")
_POSSESSIVE = {"его": "masc", "ее": "femn", "её": "femn"}
_PRONOUN = {"masc": "он", "femn": "она"}
_DISTANT = ("двоюродн", "троюродн")
_GENITIVE = frozenset({"gent"})
_FAR = 14
"""Words between «у кого» and the word of kinship."""
_LOOK_BACK = 3
"""Sentences in which it is looked for whom a possessive means."""
_LETTER = re.compile("[а-яё]", re.IGNORECASE)

_WEDDED = (
    ("жениться", "на", "loct", "masc"),
    ("женатый", "на", "loct", "masc"),
    ("замуж", "за", "accs", "femn"),
    ("замужем", "за", "ablt", "femn"),
)
"""A word that states a marriage, its preposition, the case after it, and whose it is."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A relation and the pattern that found it: whose kin it says, and how it says who."""

    pattern: str
    relation: str
    subject: Mention
    object: Mention


@dataclass(frozen=True, slots=True)
class Kinship:
    """What a text states: relations, and of its sentences that have names and words of
    kinship the relations that may be meant but weren't read."""

    stated: tuple[Stated, ...] = ()
    unread: tuple[tuple[Sentence, frozenset[str]], ...] = ()


def stated_kinship(text: str, mentions: Sequence[Mention]) -> Kinship:
    """What the words of kinship of a text state of the people mentioned in it.

    The subject of PARENT_OF is the parent; of the other relations, which hold both ways, who
    is mentioned first.
    """
    if KIN_WORD.search(text) is None:
        return Kinship()
    page = Page(text, mentions)
    found: dict[tuple[str, Mention, Mention], Stated] = {}
    unread = []
    for number, sentence in enumerate(page.sentences):
        if page.names_in(number) and KIN_WORD.search(text, sentence.start, sentence.end):
            reader = _Reader(Clause(page, number))
            for stated in reader.stated():
                found.setdefault((stated.relation, stated.subject, stated.object), stated)
            if reader.has_kin:
                unread.append((sentence, frozenset(reader.unread)))
    return Kinship(tuple(found.values()), tuple(unread))


@dataclass(frozen=True, slots=True)
class _Kin:
    """A word of kinship at ``at``, its phrase from ``start``, and how it may be read."""

    word: KinWord
    start: int
    at: int
    cases: frozenset[str]
    plural: bool
    distant: bool

    @property
    def gender(self) -> str | None:
        """Of each person that it names."""
        return None if self.plural else self.word.gender

    @property
    def relation(self) -> str:
        """What it states."""
        return "RELATIVE" if self.distant else self.word.relation


_Found = tuple[list[int], str]
"""Who the kin is: places of names; and how it is said."""

_NOBODY: _Found = ([], "")


class _Reader:
    """Reads one sentence that has a word of kinship."""

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
            said = (list(self._of(self._kin(at, lemma))) for lemma in lemmas if lemma in KIN)
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

    def _kin(self, at: int, lemma: str) -> _Kin:
        """The word of kinship at a place, with its adjectives before it."""
        readings = [r for r in self.items[at].readings if r.lemma == lemma]
        start = at
        while start and (said := self._agreeing(start - 1, readings)):
            start -= 1
            readings = [r for r in readings if (r.case, r.number) in said] or readings
        counted = any(r.pos == "NUMR" for r in self.clause.item(start - 1).readings)
        return _Kin(
            KIN[lemma],
            start,
            at,
            frozenset(r.case for r in readings if r.case),
            counted or all(r.number == "plur" for r in readings),
            any(item.text.startswith(_DISTANT) for item in self.items[start:at]),
        )

    def _agreeing(self, at: int, readings: Sequence[Reading]) -> set[tuple[str | None, str | None]]:
        """The cases and numbers of an adjective of the word of kinship; none of another word."""
        item = self.items[at]
        if item.name is not None or item.text in _POSSESSIVE or self._is_own(at):
            return set()
        said = {(r.case, r.number) for r in item.readings if r.pos in {"ADJF", "PRTF"}}
        return said if {r.case for r in readings} & {case for case, _ in said} else set()

    def _is_own(self, at: int) -> bool:
        return any(r.lemma == "свой" for r in self.clause.item(at).readings)

    def _of(self, kin: _Kin) -> Iterator[Stated]:
        """What is said with a word of kinship: whose, then who."""
        before, after = kin.start, kin.at + 1
        possessive = self.clause.text(before - 1)
        if possessive in _POSSESSIVE or self._is_own(before - 1):
            found = self._person(kin, before - 1, after)
            yield from self._meaning("his", kin, _POSSESSIVE.get(possessive), found)
        elif owners := self._owners(kin):
            whom, how = self._person(kin, before, owners[-1] + 1)
            yield from self._state(f"of {how}", kin, self.clause.mentions(owners), whom)
        elif self._is_of_somebody(after):
            genitive = [r for r in self.items[after].readings if r.case == "gent"]
            found = self._person(kin, before, after + 1)
            yield from self._meaning("the", kin, genitive[0].gender, found)
        elif owners := self._having(before):
            whom, how = self._after(kin, self._list_begins(after))
            yield from self._state(f"has {how}", kin, self.clause.mentions(owners), whom)

    def _meaning(
        self, whose: str, kin: _Kin, gender: str | None, found: _Found
    ) -> Iterator[Stated]:
        """With who is meant by a possessive or a common noun of that gender."""
        whom, how = found
        meant = self._meant(kin, gender, whom) if whom else None
        if meant is not None:
            yield from self._state(f"{whose} {how}", kin, [meant], whom)
            if "nomn" in kin.cases:
                self.clause.page.topics[self.clause.number] = meant

    def _owners(self, kin: _Kin) -> list[int]:
        """The names in the genitive after the word, whose kin it is."""
        end = self.clause.next_name(kin.at + 1)
        if end is None or not self.items[end].fits(_GENITIVE):
            return []
        between = self.items[kin.at + 1 : end]
        if any(r.lemma in KIN or r.lemma in COMPANY for i in between for r in i.readings):
            return []
        if between:
            if between[0].readings and not between[0].fits(_GENITIVE):
                return []
        elif self.clause.item(end + 1).name is None and self._may_be_who(kin, end):
            return []
        if self.clause.text(end + 1) == "и":
            other = self.clause.next_name(end + 2)
            if other is not None and self.items[other].fits(_GENITIVE):
                return [end, other]
        return [end]

    def _may_be_who(self, kin: _Kin, at: int) -> bool:
        """Whether the name after «дочери» may be hers rather than whose she is: «дочери Милы».

        «X, сына Y» says it.
        """
        name = self.items[at]
        if not name.fits(kin.cases, kin.gender):
            return False
        return name.fits(NOMINATIVE, kin.gender) or self._before(kin, kin.start) is None

    def _is_of_somebody(self, at: int) -> bool:
        """Whether a common noun tells whose kin it is: «брат композитора»."""
        item = self.clause.item(at)
        return item.human and item.fits(_GENITIVE) and self.clause.ends(at + 1)

    def _having(self, before: int) -> list[int]:
        """«у Георгия Бооса уже есть шесть …»: who has the kin."""
        for at in range(before - 1, max(-1, before - _FAR), -1):
            if self.items[at].text == "у":
                end = self.clause.next_name(at + 1)
                if end is None or end >= before or not self.items[end].fits(_GENITIVE):
                    return []
                return [end, *(p for p in self.clause.listed(end, _GENITIVE) if p < before)]
        return []

    def _list_begins(self, at: int) -> int:
        """«шесть дочерей от трёх браков: Екатерина, …»: at the colon, where there is one."""
        rest = [item.text for item in self.items[at : at + LONGEST]]
        return at + rest.index(":") if ":" in rest else at

    def _person(self, kin: _Kin, before: int, after: int) -> _Found:
        """Who the kin is, of a phrase that begins at ``before`` and ends before ``after``."""
        if "ablt" in kin.cases and self.clause.item(after).is_copula:
            end = self.clause.next_name(after + 1)
            if end is not None and self.items[end].fits(NOMINATIVE, kin.gender):
                return [end], "predicate"
        if (place := self._before(kin, before)) is not None:
            return [place], "before"
        return self._after(kin, after)

    def _before(self, kin: _Kin, before: int) -> int | None:
        """The name that the word is an apposition or a predicate of."""
        end = before - 1
        while before - end <= LONGEST and self.clause.item(end).is_attribute:
            end -= 1
        if self.clause.item(end).is_copula:
            return self.clause.last_name(end, kin.gender) if "ablt" in kin.cases else None
        mark = self.clause.text(end)
        place = self.clause.name_over_brackets(end - 1)
        if place is None or (mark not in _DASHES and mark not in {",", "("}):
            return None
        wanted = kin.cases & NOMINATIVE if mark in _DASHES else kin.cases
        return place if self.items[place].fits(wanted, kin.gender) else None

    def _after(self, kin: _Kin, after: int) -> _Found:
        """Who is named after the word, beside it, behind a comma or a dash."""
        how, wanted = "beside", kin.cases
        mark = self.clause.text(after)
        if mark and mark in _DASHES:
            how, wanted = "dash", kin.cases | NOMINATIVE
        elif mark in {",", "("}:
            how = "apposed"
        begin = after if how == "beside" else after + 1
        end = self.clause.next_name(begin)
        if end is None or (how != "beside" and self.clause.text(begin) == "и"):
            return _NOBODY
        name = self.items[end]
        crossed = any(r.lemma in KIN for item in self.items[begin:end] for r in item.readings)
        translated = mark == "(" and _LETTER.search(name.text) is None
        if crossed or translated or not name.fits(wanted, kin.gender):
            return _NOBODY
        return [end, *(self.clause.listed(end, wanted) if kin.plural else [])], how

    def _meant(self, kin: _Kin, gender: str | None, whom: Sequence[int]) -> Mention | None:
        """Whom «его», «её», «свой» or «композитора» beside a word of kinship means."""
        at = kin.start - 1
        near = list(self.clause.named(at - WITHIN, at, whom))
        if self._is_own(at):
            after = self.clause.named(at, at + WITHIN, whom)
            near = [name for name in (*reversed(near), *after) if name.fits(NOMINATIVE)]
        elif self.clause.text(at - 1) in {"и", "с", "со"} and self.clause.item(at - 2).name:
            near = [self.items[at - 2]] if self.items[at - 2].fits(ANY_CASE, gender) else []
        else:
            subjects = [name for name in near if name.fits(NOMINATIVE, gender)]
            others = [name for name in reversed(near) if name not in subjects]
            others = [name for name in others if name.fits(ANY_CASE, gender)]
            near = subjects if "nomn" in kin.cases else [*others, *subjects]
        if near:
            return near[0].name
        page, number = self.clause.page, self.clause.number
        before = (page.topic(number - back, gender) for back in range(1, _LOOK_BACK + 1))
        return next(filter(None, before), None)

    def _wedding(self, at: int) -> Iterator[Stated]:
        """«женился на Марии», «вышла замуж за Пьера»."""
        for lemma, preposition, case, gender in _WEDDED:
            if self.clause.text(at + 1) != preposition:
                continue
            if not any(r.lemma == lemma for r in self.items[at].readings):
                continue
            end = self.clause.next_name(at + 2)
            other = GENDERS[gender == "masc"]
            if end is None or not self.items[end].fits({case}, other):
                continue
            place = self.clause.last_name(at, gender)
            who = None if place is None else self.items[place].name
            pronoun = any(item.text == _PRONOUN[gender] for item in self.items[:at][-WITHIN:])
            if who is None and pronoun:
                who = self.clause.page.topic(self.clause.number - 1, gender)
            whom = self.items[end].name
            if who is not None and whom is not None and who != whom:
                yield Stated("wedding", "SPOUSE", *sorted((who, whom)))

    def _state(
        self, pattern: str, kin: _Kin, owners: Sequence[Mention], whom: Sequence[int]
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
