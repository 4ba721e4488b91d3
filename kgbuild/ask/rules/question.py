"""What a question asks: which relation, in which direction, about which name.

Nothing here looks at the graph, and a reading is one hop from one entity: questions of more
hops are taken apart before (:mod:`kgbuild.ask.rules.phrases`), so are those of several names
(:mod:`kgbuild.ask.rules.several`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kgbuild.ask.rules.tokens import Token, tokenize
from kgbuild.ask.rules.wordings import SLOTS, Wording, wordings
from kgbuild.russian.morphology import Reading, readings

_PREPOSITIONS = frozenset({"в", "во", "за", "из", "из-за", "к", "на", "от", "с"})
_SAYS_ENOUGH = 2
"""Weight of a wording beside which an unknown noun («каким имуществом владеет») is no bar."""
_ANY_EVENT = "PARTICIPANT_IN"
"""It joins a person to whatever he did, so a noun («на каком инструменте») must say what."""
_MONTHS = frozenset(
    {"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь"}
    | {"октябрь", "ноябрь", "декабрь"}
)
_COPULAS = frozenset({"быть", "являться", "стать"})


@dataclass(frozen=True, slots=True)
class RelationAsked:
    """A relation that the question may ask for; with ``inverse`` its subject is wanted.

    ``names`` are what the entity at the other end may be called, the most complete first;
    ``also`` what else is named, and must stand beside the answer («в 1834 году»).
    """

    relation: str
    inverse: bool
    names: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question's parts.

    ``relations`` are the candidates, all equally good as far as the wording goes. ``types``
    are the types of an answer (empty: any), ``noun`` the dictionary forms of N in «какой N»
    where the types don't say all of it. ``answer_gender`` and ``name_gender`` (the named
    person's) are masc, femn or None. ``evident`` are words of which the evidence must hold
    one, because they say more than the relation does («возглавлять»); often none.
    ``counted`` says that the number of answers is asked for («сколько детей»), ``doubtful``
    that some words were passed over. ``said`` are the words that the wording took: of two
    answers the one whose evidence says them too is better («кто снял» and not «написал»).
    """

    question: str
    relations: tuple[RelationAsked, ...]
    types: frozenset[str] = frozenset()
    noun: frozenset[str] = frozenset()
    answer_gender: str | None = None
    name_gender: str | None = None
    evident: frozenset[str] = frozenset()
    counted: bool = False
    doubtful: bool = False
    said: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Match:
    wording: Wording
    used: frozenset[int]
    weight: int


def _weight(token: Token, element: frozenset[str]) -> int:
    """How much an element says: a word twice as much as a question word, «быть» nothing."""
    if element & SLOTS:
        return 1
    return 0 if token.lemmas & _COPULAS else 2


def _precedes(tokens: tuple[Token, ...], place: int, wording: Wording, position: int) -> bool:
    """Whether a preposition stands right before the wording's next element."""
    if not tokens[place].lemmas & _PREPOSITIONS or position + 1 == len(wording.elements):
        return True
    return place + 1 < len(tokens) and tokens[place + 1].matches(wording.elements[position + 1])


def _match(wording: Wording, tokens: tuple[Token, ...]) -> _Match | None:
    used: set[int] = set()
    weight = 0
    whom = any("WHOM" in element for element in wording.elements)
    for position, element in enumerate(wording.elements):
        place = next(
            (
                i
                for i, token in enumerate(tokens)
                if i not in used
                and (i == 0 or not token.named)
                and token.matches(element)
                and _precedes(tokens, i, wording, position)
            ),
            None,
        )
        if place is None:
            return None
        used.add(place)
        weight += 2 if whom and tokens[place].lemmas & _COPULAS else _weight(tokens[place], element)
    return _Match(wording, frozenset(used), weight)


def _tiers(tokens: tuple[Token, ...]) -> list[list[_Match]]:
    """The wordings that the question holds, those that say equally much together."""
    said = frozenset[str]().union(*(t.slots | t.lemmas for t in tokens if not t.quoted))
    found = [
        match
        for w in wordings().all
        if not any(map(said.isdisjoint, w.elements)) and (match := _match(w, tokens)) is not None
    ]
    weights = sorted({match.weight for match in found}, reverse=True)
    return [[match for match in found if match.weight == weight] for weight in weights]


def _trim(run: list[Token]) -> list[Token]:
    while run and run[0].filler and not (run[0].named and len(run) > 1 and not run[0].slots):
        run = run[1:]
    while run and run[-1].filler:
        run = run[:-1]
    return run


def _opens_date(tokens: tuple[Token, ...], place: int) -> bool:
    """Whether «в 1834 году» begins here: it names something of its own."""
    if place + 1 == len(tokens):
        return False
    token, later = tokens[place], tokens[place + 1]
    if token.text.isdigit():
        return bool(later.lemmas & _MONTHS)
    return later.text[0].isdigit() and token.text in ("в", "с", "на", "до", "от")


def _runs(
    tokens: tuple[Token, ...], used: frozenset[int], dated: bool = False
) -> list[list[Token]]:
    """The stretches of words that no element of the wording took; ``dated`` parts dates."""
    runs: list[list[Token]] = [[]]
    for place, token in enumerate(tokens):
        if place in used or token.slots or token.noun or token.spent:
            runs.append([])
        elif dated and runs[-1] and _opens_date(tokens, place):
            runs.append([token])
        else:
            runs[-1].append(token)
    return [trimmed for run in runs if (trimmed := _trim(run))]


def _cases(token: Token) -> frozenset[str]:
    return frozenset(r.case for r in readings(token.text) if r.case is not None)


def _describes(token: Token, name: Token) -> bool:
    """Whether a word before a name only describes it («великий химик Менделеев»).

    It must agree with the name; a noun in the genitive may govern the name instead («сын
    Менделеева»), so it counts only where it says a kind of thing («города Казани»).
    """
    lexicon = wordings()
    kind = bool(token.lemmas & set(lexicon.which))
    if token.named or (token.lemmas & lexicon.vocabulary and not kind):
        return False
    found = readings(token.text)[:4]
    if not found or not all(r.pos in ("NOUN", "ADJF", "PRTF") for r in found[:1]):
        return False
    if name.quoted or not _cases(name):
        return any(_is_thing(reading) for reading in found)
    shared = _cases(token) & _cases(name)
    governs = found[0].pos == "NOUN" and not kind
    return bool(shared - {"accs", "gent"} if governs else shared)


def _is_thing(reading: Reading) -> bool:
    return reading.pos in ("ADJF", "PRTF") or "inan" in reading.marks


def _names(question: str, run: list[Token]) -> list[str]:
    """What a stretch of words may name: all of it, then without its descriptions."""
    names = []
    while True:
        text = question[run[0].start : run[-1].end]
        text += ")" * (text.count("(") - text.count(")"))
        names.append(text[1:-1].strip() if len(run) == 1 and run[0].quoted else text)
        name = next((token for token in run[1:] if token.named), None)
        if name is None or not _describes(run[0], name):
            return names
        run = run[1:]


def _name_gender(tokens: tuple[Token, ...], match: _Match) -> str | None:
    """The gender of the named person where the verb tells: «где родилась Менделеева»."""
    if match.wording.inverse or any(token.slots & {"WHO"} for token in tokens):
        return None
    for place in match.used:
        for reading in readings(tokens[place].text)[:1]:
            past = reading.pos in ("VERB", "PRTS") and "past" in reading.marks
            if past and reading.number == "sing" and reading.gender in ("masc", "femn"):
                return reading.gender
    return None


def _answer(tokens: tuple[Token, ...], match: _Match) -> tuple[frozenset[str], frozenset[str]]:
    """The types of the answer, and the noun that the types don't exhaust."""
    asking = [token for i, token in enumerate(tokens) if i in match.used and token.slots]
    types = next((t.types for t in asking or tokens if t.types), frozenset())
    noun = next((token for token in tokens if token.noun), None)
    if noun is None or noun.lemmas & wordings().exact:
        return types, frozenset()
    if not types and match.weight > _SAYS_ENOUGH and match.wording.relation != _ANY_EVENT:
        return types, frozenset()
    used = any(tokens[i].noun for i in match.used)
    return types, frozenset() if used and not types else noun.lemmas


def _is_aside(run: list[Token]) -> bool:
    """Whether words beside the name add nothing that an answer must heed («сейчас»)."""
    return all(
        not (token.named and token.start > 0)
        and any(r.pos in ("ADVB", "PRCL", "CONJ", "PREP") for r in readings(token.text)[:1])
        for token in run
    )


def _acts(run: list[Token]) -> bool:
    """Whether the words only say what somebody did: no name."""
    return all(
        not token.named and any(r.pos in ("VERB", "INFN") for r in readings(token.text)[:1])
        for token in run
    )


def _tells(run: list[Token]) -> bool:
    """Whether a stretch of words holds a verb beside what it may name."""
    return any(
        not token.named and any(r.pos in ("VERB", "INFN") for r in readings(token.text)[:1])
        for token in run
    )


def _name_runs(tokens: tuple[Token, ...], match: _Match, doubtful: bool) -> list[list[Token]]:
    """The stretches of words that may name the entity.

    There is no doubt about the only one. In doubt, those of several with a proper name
    count, dates apart, if the wording says more than a question word does.
    """
    found = _runs(tokens, match.used, doubtful)
    runs = [run for run in found if not _is_aside(run) and not _acts(run)]
    if (
        match.weight <= 1 and match.wording.relation == "WORKS_AS"
    ):  # «кто крестил Русь» asks what was done, and no name holds a verb
        runs = [run for run in runs if not _tells(run)]
    if not doubtful:
        return runs if len(runs) == 1 else []
    named = [run for run in runs if any(token.named and token.start > 0 for token in run)]
    return named if match.weight > 1 and len(runs) > 1 else []


def asks_reason(tokens: Sequence[Token]) -> bool:
    """Whether «за что» is asked: only a wording that says so answers it («за что осудили»),
    for the award itself is no reason why it was given."""
    return any(
        one.text.casefold() == "за" and "WHAT" in other.slots and not other.types
        for one, other in pairwise(tokens)
    )


def parse_question(question: str) -> ParsedQuestion:
    """Read a question; ``relations`` is empty where it isn't understood."""
    return next(iter(parse_readings(question)), ParsedQuestion(question, ()))


def parse_readings(question: str) -> tuple[ParsedQuestion, ...]:
    """The ways to read a question, that which explains most of its words first.

    Of two that explain as much, the one whose name is in no doubt comes first.
    """
    tokens = tokenize(question)
    tiers = _tiers(tokens)
    if asks_reason(tokens):
        tiers = [[m for m in tier if "за" in m.wording.elements[0]] for tier in tiers]
    read = (
        _parse(question, tokens, tier, doubtful) for tier in tiers for doubtful in (False, True)
    )
    return tuple(parsed for parsed in read if parsed is not None)


def _parse(
    question: str, tokens: tuple[Token, ...], tier: Sequence[_Match], doubtful: bool
) -> ParsedQuestion | None:
    asked: dict[RelationAsked, _Match] = {}
    for match in tier:
        runs = _name_runs(tokens, match, doubtful)
        for run in runs:
            wording = match.wording
            names = tuple(_names(question, run))
            also = tuple(question[r[0].start : r[-1].end] for r in runs if r is not run)
            reading = RelationAsked(wording.relation, wording.inverse, names, also)
            asked.setdefault(reading, match)
    if not asked:
        return None
    match = next(iter(asked.values()))
    types, noun = _answer(tokens, match)
    genders = wordings().genders
    spoken = {word for i in sorted(match.used) for word in tokens[i].lemmas}
    kins = {genders[word] for word in spoken if word in genders}
    kin = kins.pop() if len(kins) == 1 else None
    whose = any("WHOSE" in tokens[i].slots for i in match.used)
    return ParsedQuestion(
        question,
        tuple(asked),
        types,
        noun,
        None if whose else kin,
        kin if whose else _name_gender(tokens, match),
        wordings().narrow if spoken & wordings().narrow else frozenset(),
        any(token.counted for token in tokens),
        doubtful,
        frozenset(word for i in match.used if not tokens[i].slots for word in tokens[i].lemmas),
    )
