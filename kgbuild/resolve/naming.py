"""Names in the nominative from all forms in which they stand in a text.

One form of a name that the dictionary doesn't know may have several nominatives («Неваде»:
Невад or Невада?). Two things decide. The word before a mention says which case it can be in
(«в Неваде», «президента Трампа»). And the other forms of the same words say which nominative
they all go back to: every nominative of a form is weighed by how much the other forms of
the document speak for its words, twice over, as in the EM algorithm (Dempster, Laird and
Rubin 1977). What other documents said may be given too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import pairwise
from math import log1p

from kgbuild.read.breaks import rejoin
from kgbuild.russian.agreement import PLACE_NOUNS
from kgbuild.russian.folding import fold, tokens
from kgbuild.russian.forms import likelihoods, name_readings, named
from kgbuild.russian.hypotheses import is_of_gender
from kgbuild.russian.morphology import NameReading, dictionary_readings, lemma, readings
from kgbuild.russian.person import written_name
from kgbuild.types import Mention, Name

_CASES_AFTER: dict[str, frozenset[str]] = {
    preposition: frozenset(cases.split())
    for prepositions, cases in (
        ("из от до без для у около после против среди возле кроме вокруг из-за из-под ради "
         "вместо помимо внутри вне насчет накануне имени памяти", "gent"),
        ("к ко благодаря согласно вопреки навстречу", "datv"),
        ("по", "datv loct accs"),
        ("с со", "ablt gent"),
        ("в во на", "loct accs"),
        ("о об обо при", "loct accs"),
        ("за под", "ablt accs"),
        ("над перед между", "ablt gent"),
        ("про через сквозь", "accs"),
    )
    for preposition in prepositions.split()
}  # fmt: skip
_OTHER_CASE = 0.05
"""How far a preposition lets another case pass: mentions may begin late, writers may err."""
_OTHER_TITLE = 0.3
_OTHER_PLACE = 0.15
_OTHER_QUOTED = 0.3
"""The same of a name in quotes, which stays in the nominative behind what it is: «вакцины
«Корона»», but «акции «Короны»»."""
_OTHER_APPOSED = 0.15
"""The same of who somebody is, which stands in one case with the name: «исполнитель Каблукова»."""
_OF_SOMEBODY = frozenset(
    [
        "сын",
        "дочь",
        "отец",
        "мать",
        "брат",
        "сестра",
        "муж",
        "жена",
        "супруг",
        "супруга",
        "вдова",
        "вдовец",
        "внук",
        "внучка",
        "дед",
        "бабушка",
        "дядя",
        "тётя",
        "племянник",
        "племянница",
        "друг",
        "подруга",
        "зять",
        "невестка",
        "тёща",
        "свекровь",
        "ребёнок",
        "дети",
        "родитель",
        "ученик",
        "ученица",
        "соратник",
        "помощник",
        "секретарь",
        "представитель",
    ]
)
"""Whose, says the name behind these words, as often as who: «жена Орлова», «брат Пётр»."""
_OTHER_IN_LIST = 0.2
"""How far a list of people lets a name of it stand in another case than its neighbours."""
_NOT_APPOSED = 0.1
"""How far «жена Орлова, …,» lets a name that isn't a woman's nominative pass."""
_SUBJECT, _NOT_SUBJECT = 10.0, 0.3
"""What a verb in the past says for a nominative of its gender and of the other."""
_NO_SUBJECT = 0.3
"""What it says for another case of a name that begins a clause before it: «Влада Рябова пела»."""
_GENDERS = frozenset({"femn", "masc"})
_UNSEEN = 0.1
"""What a nominative weighs that no other form speaks for."""
_SURE, _SAYS_ONE = 0.95, 4.0
"""What a form that has one nominative, by this share of it, says for it beside one that has
several: «Брет Уоллинг» settles «Брету Уоллингу» and «Брете Уоллинге», which agree on Брета."""
_ELSEWHERE = 1.0
_ROUNDS = 2
_MOST = 5
_REACH = 40
_OWN_NAMES = frozenset({"Name", "Patr", "Surn"})
_BRACKETS = ' «„“"(»”)'
_MARKS = ".,;:!?…" + _BRACKETS
_STEM = "~"
"""Marks the stem of a surname among words."""
_OF_A_WOMAN = re.compile(r"(?<=\w\w[оеё]в)а$|(?<=\w\w[иы]н)а$")
_CLOSED = re.compile(r"\s*[,.;]")
_APPOSED = re.compile(r"(?<![^.!?;:,\n])([^.!?;:,\n]+),\s+$")
_LISTED = re.compile(r"\s*,\s+(?:и\s+)?|\s+и\s+")
_TITLED = frozenset({"PRODUCT", "WORK_OF_ART"})
_QUOTED = re.compile(r".?[«„“\"][A-ZА-ЯЁ]", re.DOTALL)
_END = re.compile(r"[.!?:;,]\s|\n")
_SPEAKS = re.compile(r"(?:,|[»“”\"],?\s+[—–-]|[!?…,]\s+[—–-])\s+\w+\s+$")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A mention: its surface form, its type, the words before and after it ("" for none), and
    for a person the words that it stands behind in apposition («жена Блока, …,») and the names
    beside it in a list («Яхонтов Л. Л., Пудова С. К.»)."""

    surface: str
    type: str
    before: str = ""
    after: str = ""
    apposed: str = ""
    listed: tuple[str, ...] = ()
    speaks: bool = False
    quoted: bool = False

    @classmethod
    def of(cls, text: str, mention: Mention, listed: tuple[str, ...] = ()) -> Occurrence:
        """A mention of a text; words beyond a sentence's end or a comma say nothing."""
        before = _END.split(text[max(0, mention.start - _REACH) : mention.start])[-1]
        after = _END.split(text[mention.end : mention.end + _REACH])[0]
        person = mention.type == "PERSON"
        return cls(
            written_name(text, mention.start, mention.end)
            if person
            else rejoin(text[mention.start : mention.end]),
            mention.type,
            next(iter(reversed(tokens(before.rstrip(_BRACKETS)))), ""),
            next(iter(tokens(after.lstrip(_BRACKETS))), "").rstrip(_MARKS),
            _apposed_to(text, mention) if person else "",
            listed,
            person
            and _SPEAKS.search(text, max(0, mention.start - _REACH), mention.start) is not None,
            mention.type in _TITLED and _QUOTED.match(text, max(0, mention.start - 1)) is not None,
        )


def occurrences(text: str, mentions: Sequence[Mention]) -> list[Occurrence]:
    """The mentions of a document as occurrences, in order."""
    people = sorted({m for m in mentions if m.type == "PERSON"})
    listed: dict[Mention, tuple[str, ...]] = defaultdict(tuple)
    for one, other in pairwise(people):
        if _LISTED.fullmatch(text, one.end, max(one.end, other.start)):
            listed[one] += (written_name(text, other.start, other.end),)
            listed[other] += (written_name(text, one.start, one.end),)
    return [Occurrence.of(text, mention, listed[mention]) for mention in mentions]


def _apposed_to(text: str, mention: Mention) -> str:
    """What stands before the comma before a name that a comma or a full stop closes."""
    if _CLOSED.match(text, mention.end) is None:
        return ""
    found = _APPOSED.search(text[max(0, mention.start - _REACH) : mention.start])
    return "" if found is None else found[1].strip()


@dataclass(slots=True)
class NameEvidence:
    """How many forms, over documents, spoke for each word in the nominative."""

    words: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, names: Iterable[Name]) -> None:
        """Count a document's names, each once."""
        for key in {name.key for name in names}:
            for word in key.split():
                self.words[word] += 1.0

    def of(self, word: str) -> float:
        """The weight of what other documents say for a word."""
        return _ELSEWHERE * log1p(self.words.get(word, 0.0))


def _begins_with(word: str) -> bool:
    """Whether a word is capitalised as a sentence's first: a common noun of people («Композитора
    Валерия Гранина») that is nobody's name."""
    found = [r for r in dictionary_readings(word) if r.known]
    common = bool(found) and found[0].pos == "NOUN" and "anim" in found[0].marks
    return common and not any(r.marks & _OWN_NAMES for r in found)


@lru_cache(maxsize=16384)
def _is_kind(word: str) -> bool:
    """Whether a word is a common noun of things in lower case: «вакцины «Корона»»."""
    found = dictionary_readings(word) if word.isalpha() and word.islower() else ()
    return bool(found) and found[0].known and {"NOUN", "inan"} <= {found[0].pos, *found[0].marks}


@lru_cache(maxsize=16384)
def _governed(before: str) -> tuple[frozenset[str], float] | None:
    """The cases that the word before allows, and how far it lets others pass."""
    low = before.casefold()
    cases = _CASES_AFTER.get(low)
    if cases is not None:
        return cases, _OTHER_CASE
    if not low.isalpha() or not (before[0].islower() or _begins_with(low)):
        return None
    known = [r for r in readings(low) if r.pos == "NOUN" and r.known]
    if lemma(low) in PLACE_NOUNS:  # «в селе Шоршелы» and «в селе Мелихове»
        return frozenset({"nomn", *filter(None, (r.case for r in known))}), _OTHER_PLACE
    titles = {r.case for r in known if "anim" in r.marks}
    if known and known[0].lemma in _OF_SOMEBODY:
        return frozenset({"gent", *filter(None, titles)}), _OTHER_TITLE
    return (frozenset(filter(None, titles)), _OTHER_APPOSED) if titles else None


def _other_place(before: str, canonical: str) -> bool:
    """Whether a name hasn't its place noun's gender: «город» Гурьев and «село» Мелихово."""
    neuter = canonical.endswith(("о", "е"))
    return (neuter and lemma(before) == "город") or (not neuter and lemma(before) == "село")


@lru_cache(maxsize=16384)
def _apposition(words: str) -> frozenset[tuple[str, str]]:
    """The cases and genders that people named by common nouns in these words stand in."""
    found = set()
    for word in tokens(words):
        low = word.casefold()
        known = [r for r in dictionary_readings(low) if r.known]
        if not known or known[0].pos != "NOUN" or "anim" not in known[0].marks:
            continue
        if word[0].islower() or not any(r.marks & _OWN_NAMES for r in known):
            found |= {(r.case or "", r.gender or "") for r in known if r.number == "sing"}
    return frozenset(found)


@lru_cache(maxsize=16384)
def _cases_of(surface: str) -> dict[str, float]:
    """The cases that a person's name may stand in, each beside the likeliest."""
    found: dict[str, float] = defaultdict(float)
    for reading in name_readings(surface, "PERSON"):
        found[reading.case] = max(found[reading.case], reading.weight)
    most = max(found.values())
    return {case: weight / most for case, weight in found.items()}


@lru_cache(maxsize=16384)
def _verb_gender(word: str) -> str | None:
    """The gender of a past tense («заявила»), "any" for another form of a verb, else None."""
    if not word.isalpha() or not word[0].islower():
        return None
    found = readings(word)
    if not found or found[0].pos != "VERB" or not found[0].known or found[0].number != "sing":
        return None
    return found[0].gender or "any"


def _weigh(context: Occurrence, reading: NameReading) -> float:
    """How well a reading fits the words beside the mention."""
    if not reading.case:
        return 1.0
    weight = 1.0
    governed = _governed(context.before) if context.before else None
    if governed is not None:
        weight *= 1.0 if reading.case in governed[0] else governed[1]
        weight *= _OTHER_TITLE if _other_place(context.before, reading.canonical) else 1.0
    if context.quoted and reading.case != "nomn" and _is_kind(context.before):
        weight *= _OTHER_QUOTED
    if context.apposed and reading.group:
        fitting = _apposition(context.apposed)
        agrees = any(
            reading.case == case and (gender == "ms-f" or reading.group.startswith(gender))
            for case, gender in fitting
        )
        weight *= 1.0 if agrees or not fitting else _NOT_APPOSED
    for name in context.listed:
        weight *= max(_OTHER_IN_LIST, _cases_of(name).get(reading.case, 0.0))
    if not context.before and reading.case != "nomn" and _verb_gender(context.after) in _GENDERS:
        weight *= _NO_SUBJECT
    if reading.case == "nomn" and reading.group and (governed is None or "nomn" in governed[0]):
        for word in filter(None, (context.before, context.after)):
            gender = _verb_gender(word)
            if gender == "any" and word is context.before and context.speaks:
                weight *= _SUBJECT
            elif gender is not None and gender != "any":
                weight *= _SUBJECT if reading.group.startswith(gender) else _NOT_SUBJECT
    return weight


_Form = tuple[str, str]


def _alone(form: _Form, contexts: Sequence[Occurrence]) -> dict[str, float]:
    """The share of each nominative of a form, from its contexts."""
    found = name_readings(*form)
    together: dict[str, float] = {}
    for context in contexts[:_MOST] or (Occurrence(*form),):
        weights = likelihoods(found, partial(_weigh, context))
        total = sum(weights.values()) or 1.0
        for canonical, weight in weights.items():
            together[canonical] = together.get(canonical, 1.0) * (weight / total + 1e-6)
    return _shares(together)


_POSSIBLE = 0.1
"""From this share of the likeliest on, a nominative counts as one that a name may have."""


def person_options(
    surface: str, contexts: Sequence[Occurrence]
) -> tuple[tuple[str, str | None], ...]:
    """The nominatives, with gender, that a person's name may have in all these places,
    likeliest first; the gender is None where the form has no say."""
    weights: dict[tuple[str, str | None], float] = {}
    for context in contexts[:_MOST] or (Occurrence(surface, "PERSON"),):
        here: dict[tuple[str, str | None], float] = defaultdict(float)
        for reading in name_readings(surface, "PERSON"):
            gender = reading.group.split(" ")[0] or None
            gender = None if reading.group.endswith("True") else gender
            if gender and not is_of_gender(reading.canonical.casefold(), gender):
                continue  # «Клюгин» is no woman's
            here[reading.canonical, gender] += reading.weight * _weigh(context, reading)
        total = sum(here.values()) or 1.0
        for option in {*weights, *here}:
            share = here.get(option, 0.0) / total + 1e-6
            weights[option] = weights.get(option, 1.0) * share
    best = max(weights.values())
    found = [option for option in weights if weights[option] >= _POSSIBLE * best]
    return tuple(sorted(found, key=lambda option: (-weights[option], option[0], option[1] or "")))


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {canonical: weight / total for canonical, weight in weights.items()}


@lru_cache(maxsize=16384)
def _words(form: _Form, canonical: str) -> tuple[str, ...]:
    """The words of a nominative that are in the nominative: its head, not what depends on it."""
    words = tokens(fold(canonical))
    heads = max(r.heads or len(words) for r in name_readings(*form) if r.canonical == canonical)
    return tuple(words[:heads])


@lru_cache(maxsize=16384)
def _sought(form: _Form, canonical: str) -> tuple[str, ...]:
    """What other forms must say for a nominative: its words; for a person's first name and
    surname the stems, which a man's and a woman's share.

    Beside a first name a surname counts alike for men and women: Яков Кротов doesn't speak
    against Инна Кротова. Alone it doesn't: Инна Кротова speaks for Кротова, not for Кротов.
    """
    words = _words(form, canonical)
    if form[1] != "PERSON" or len(tokens(canonical)) < 2:
        return words
    return tuple(_STEM + _OF_A_WOMAN.sub("", word) for word in words)


@lru_cache(maxsize=16384)
def _said(form: _Form, canonical: str) -> tuple[str, ...]:
    """What a nominative says for others: its words, and of a person's the stems too."""
    words = _words(form, canonical)
    if form[1] != "PERSON":
        return words
    return (*words, *(_STEM + _OF_A_WOMAN.sub("", word) for word in words))


def _supported(
    alone: dict[_Form, dict[str, float]],
    shares: dict[_Form, dict[str, float]],
    elsewhere: NameEvidence | None,
) -> dict[_Form, dict[str, float]]:
    """Shares weighed by what the other forms say for the nominatives' words."""
    said: dict[str, float] = defaultdict(float)
    own: dict[_Form, dict[str, float]] = {}
    for form, of_form in shares.items():
        mine: dict[str, float] = defaultdict(float)
        for canonical, share in of_form.items():
            for word in _said(form, canonical):
                mine[word] += share * (_SAYS_ONE if share > _SURE else 1.0)
        own[form] = mine
        for word, share in mine.items():
            said[word] += share
    weighed = {}
    for form, of_form in alone.items():
        if len(of_form) == 1:
            weighed[form] = of_form
            continue
        weights = {}
        for canonical, share in of_form.items():
            weight = share
            for word in _sought(form, canonical):
                others = said[word] - own[form][word]
                known = elsewhere.of(word.removeprefix(_STEM)) if elsewhere else 0.0
                weight *= _UNSEEN + others + known
            weights[canonical] = weight
        weighed[form] = _shares(weights)
    return weighed


def names_of(
    occurrences: Sequence[Occurrence], elsewhere: NameEvidence | None = None
) -> list[Name]:
    """The name of each mention of one document, in order.

    Every form (surface and type) has one name in a document. ``elsewhere`` is what other
    documents said; without it the answer depends on this document alone.
    """
    contexts: dict[_Form, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        contexts[occurrence.surface, occurrence.type].append(occurrence)
    alone = {form: _alone(form, found) for form, found in contexts.items()}
    shares = alone
    for _ in range(_ROUNDS):
        shares = _supported(alone, shares, elsewhere)
    names = {form: named(max(found, key=lambda c: found[c])) for form, found in shares.items()}
    return [names[occurrence.surface, occurrence.type] for occurrence in occurrences]
