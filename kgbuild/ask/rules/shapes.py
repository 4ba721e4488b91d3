"""Questions that aren't one look-up: yes or no, «как связаны», «кто старше»."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kgbuild.ask.asked import Asked
from kgbuild.ask.link import EntityLookup, How
from kgbuild.ask.rules.plan import Anchor, Compare, Connect, Plan, Unanswerable, Verify
from kgbuild.ask.rules.tokens import Token, tokenize
from kgbuild.ask.rules.wordings import SLOTS, Wording, wordings
from kgbuild.ask.stems import stems
from kgbuild.russian.morphology import readings
from kgbuild.types import Abstention

_CONNECT = re.compile(
    r"^\s*(?:(?:как|чем)\s+(?:между\s+собой\s+)?связан\w*|как\w*\s+(?:есть\s+)?(?:связь|отношени\w+)"
    r"\s+(?:есть\s+)?(?:между|у)|что\s+(?:связывает|объединяет|общего\s+(?:у|между)))\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_AND = re.compile(r"(?<!\s)\s+(?:и|с|со)\s+", re.IGNORECASE)
_OR = re.compile(r"(?<!\s)\s+или\s+", re.IGNORECASE)
_ORDER = {
    "старше": True,
    "раньше": True,
    "ранее": True,
    "младше": False,
    "моложе": False,
    "позже": False,
    "позднее": False,
}
"""Whether the earlier date is asked for."""
_AGES = frozenset({"старше", "младше", "моложе"})
_TRULY = re.compile(
    r"^\s*(?:это\s+)?(?:правда|верно|правильно|действительно|точно)\b[\s,]*+(?:ли\b[\s,]*+)?+(?:что\b\s*+)?+",
    re.IGNORECASE,
)
_TRUTH = frozenset({"правда", "верно", "правильно", "действительно", "точно"})
_LONGEST = 9
"""Words of a name that is looked for inside a statement."""


def special_plan(question: str, linker: EntityLookup) -> Plan | None:
    """The plan of a question of one of these shapes; None for any other question."""
    return _connect(question, linker) or _compare(question, linker) or _verify(question, linker)


def anchor(name: str, linker: EntityLookup) -> Anchor | None:
    """The entities of a name that stands alone."""
    for way, how in (
        (linker.by_id, How.ID),
        (linker.by_name, How.NAME),
        (linker.by_part, How.PART),
        (linker.by_typo, How.TYPO),
    ):
        entities = way(name)
        if entities:
            return Anchor(name, entities, how)
    return None


def _cuts(text: str, separator: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for match in separator.finditer(text):
        yield text[: match.start()].strip(" ,:—–-"), text[match.end() :].strip(" ,:—–-")


def _connect(question: str, linker: EntityLookup) -> Plan | None:
    match = _CONNECT.match(question)
    if match is None:
        return None
    rest = match["rest"].rstrip("?!. ")
    missing = rest
    for one, other in _cuts(rest, _AND):
        first, second = anchor(one, linker), anchor(other, linker)
        if first is not None and second is not None:
            return Connect(first, second)
        missing = other if first is not None else one
    return Unanswerable(Abstention.UNKNOWN_ENTITY, missing)


def comparison(question: str) -> tuple[tuple[str, ...], bool] | None:
    """The relations whose values «кто старше, A или B» compares, and whether the earlier date
    is asked for; None where nothing is compared."""
    found = tokenize(question)
    words = {word for token in found for word in (token.text.casefold(), *token.lemmas)}
    order = sorted(words & _ORDER.keys())
    if not order or _OR.search(question) is None:
        return None
    relations = ("AGE_IS", "DATE_OF_BIRTH", "AGE_DIED_AT") if words & _AGES else _when(found)
    return relations or ("POINT_IN_TIME", "START_TIME"), _ORDER[order[0]]


def _compare(question: str, linker: EntityLookup) -> Plan | None:
    asked = comparison(question)
    if asked is None:
        return None
    relations, earliest = asked
    missing = ""
    for head, other in _cuts(question.rstrip("?!. "), _OR):
        second = anchor(other, linker)
        first = _last_name(head, linker)
        if first is not None and second is not None:
            return Compare(first, second, relations, earliest)
        missing = other if second is None else head.rpartition(" ")[2]
    return Unanswerable(Abstention.UNKNOWN_ENTITY, missing)


def _last_name(head: str, linker: EntityLookup) -> Anchor | None:
    """The longest name at the end of a text."""
    found = tokenize(head)
    for token in found:
        if token.named and (known := linker.by_name(head[token.start :])):
            return Anchor(head[token.start :], known, How.NAME)
    last = found[-1] if found else None
    return None if last is None else anchor(head[last.start :], linker)


def _when(found: Sequence[Token]) -> tuple[str, ...]:
    """The relations that the question's words ask a date of."""
    timed = [w for w in wordings().all if "WHEN" in set().union(*w.elements) and not w.inverse]
    return _stated(timed, found)


def _stated(candidates: Sequence[Wording], found: Sequence[Token]) -> tuple[str, ...]:
    """The relations of the wordings whose words, question words apart, stand in a text."""
    best: dict[str, int] = {}
    for wording in candidates:
        spoken = [element for element in wording.elements if not element & SLOTS]
        if spoken and all(any(t.matches(element) for t in found) for element in spoken):
            best[wording.relation] = max(len(spoken), best.get(wording.relation, 0))
    most = max(best.values(), default=0)
    return tuple(sorted(relation for relation, count in best.items() if count == most))


def _verify(question: str, linker: EntityLookup) -> Plan | None:
    head = _TRULY.match(question)
    statement = question[head.end() :] if head else question
    found = tokenize(statement)
    asked_so = head is not None or any(token.text == "ли" for token in found[:6])
    if not asked_so and (
        any(token.slots for token in found) or not question.rstrip().endswith("?")
    ):
        return None
    names = names_in(statement, found, linker)
    proper = [name for name in names if any(c.isupper() or c.isdigit() for c in name[2].text)]
    names = proper if len(proper) > 1 else names
    rest = [t for t in found if not any(a <= t.start < b for a, b, _ in names)]
    relations = _stated(wordings().all, rest)
    if len(names) >= 2 and (relations or asked_so or _only_copula(rest)):
        return Verify(names[0][2], names[1][2], relations)
    if not asked_so:
        return None
    unknown = " ".join(token.text for token in rest if token.named)
    if not relations and not unknown:
        return Unanswerable(Abstention.UNKNOWN_RELATION)
    return Unanswerable(Abstention.UNKNOWN_ENTITY, unknown or " ".join(t.text for t in rest[-1:]))


def least_to_ask_whether(asked: Asked) -> float:
    """How likely the ranker must take a question for one whether something is so: not at all
    where «ли» says it, little where «правда» does or nothing but a predicate is asked about."""
    words = asked.words
    truth = any(word.folded in _TRUTH and not word.quoted for word in words)
    if any(word.asking and not (truth and word.folded == "что") for word in words):
        return 1.0
    if any(word.text == "ли" for word in words):
        return 0.0
    if truth:
        return 0.05
    read = [next(iter(readings(word.text)), None) for word in words if not word.named]
    if any(one is not None and "impr" in one.marks for one in read):
        return 1.0
    return 0.1 if any(one is not None and one.pos in ("VERB", "PRTS") for one in read) else 1.0


def _only_copula(rest: Sequence[Token]) -> bool:
    return all(token.lemmas & {"быть", "являться", "это", "ли"} for token in rest)


def _may_name(token: Token) -> bool:
    """Whether a word alone can be a name in a statement: no verb, no word of a relation."""
    if token.named:
        return True
    verb = any(r.pos in ("VERB", "INFN", "PRTS") for r in readings(token.text)[:1])
    return len(token.text) > 3 and not verb and not token.lemmas & wordings().vocabulary


def names_in(
    text: str, found: Sequence[Token], linker: EntityLookup
) -> list[tuple[int, int, Anchor]]:
    """The names of entities in a statement, the longest first to be taken, then in order."""
    taken: list[tuple[int, int, Anchor]] = []
    for length in range(min(len(found), _LONGEST), 0, -1):
        for place in range(len(found) - length + 1):
            start, end = found[place].start, found[place + length - 1].end
            if any(start < b and a < end for a, b, _ in taken):
                continue
            name = text[start:end].strip('«»"')
            if length == 1 and not _may_name(found[place]):
                continue
            if not all(stem in linker.index for stem in stems(name)):
                continue
            if entities := linker.by_name(name):
                taken.append((start, end, Anchor(name, entities, How.NAME)))
    return sorted(taken, key=lambda item: item[0])
