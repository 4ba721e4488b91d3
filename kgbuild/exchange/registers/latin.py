"""Names in Latin letters that a list has, and the Russian names of the graph that they spell.

A person's name is one of a surname, a first name and maybe a patronymic, in either order, with
a comma behind the surname that stands first. Every word that both names have has to be spelt
by a scheme of :mod:`kgbuild.exchange.registers.romanised`, each word by one; a few first names are also
known by their English spelling. A first name or its initial has to be there: a surname alone
says nothing. Of an organisation every word has to be spelt, its legal form aside.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kgbuild.exchange.registers.romanised import (
    SCHEMES,
    initial_of,
    latin_word,
    schemes_of,
    skeleton,
)
from kgbuild.russian.folding import is_cyrillic
from kgbuild.russian.person import parse_person
from kgbuild.types import NamedNode, RegistryEntity

_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_PART = re.compile(r"(?:[^\W_]{1,2}|shch)\.|[^\W_]+(?:-[^\W_]+)*")
_LEAST = 5
"""Letters of an organisation's name that are enough to tell it by."""
_ENGLISH = {
    "alexander": "aleksandr", "alexandra": "aleksandra", "julia": "yuliya", "ludmila": "lyudmila",
    "lydia": "lidiya", "peter": "petr", "philip": "filipp", "sophia": "sofia", "victor": "viktor",
    "victoria": "viktoriya", "xenia": "kseniya",
}  # fmt: skip
"""First names that English spells in its own way, and a spelling by BGN/PCGN or ICAO."""
_FORMS = frozenset(
    ["ao", "cjsc", "co", "company", "corp", "inc", "jsc", "llc", "ltd", "oao", "ojsc", "ooo",
     "pao", "pjsc", "plc", "zao", "ао", "зао", "оао", "ооо", "пао"]
)  # fmt: skip
"""Legal forms, which an organisation's name may have or not."""
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Spelt:
    """A node whose name a Latin one spells.

    ``schemes`` are those that spell some word, in the order of ``SCHEMES``; ``parts`` is how
    many of surname, first name and patronymic both names have in full, and of an
    organisation 0.
    """

    node: NamedNode
    schemes: tuple[str, ...]
    parts: int = 0


@dataclass(frozen=True, slots=True)
class _Latin:
    """A Latin name of a person: the surname, the first name or initial, what stands behind."""

    surname: str
    given: tuple[str, ...]


def is_latin(name: str) -> bool:
    """Whether a name is written in Latin letters alone."""
    return _LETTER.search(name) is not None and not is_cyrillic(name)


class LatinNames:
    """The named nodes that Latin names of a register may spell."""

    def __init__(self, nodes: Iterable[NamedNode], known: Iterable[RegistryEntity]) -> None:
        wanted = {key for one in known for name in _latin(one) for key in _sought(name, one.types)}
        self._nodes: dict[Key, list[NamedNode]] = defaultdict(list)
        for node in nodes if wanted else ():
            for key in _offered(node):
                if key in wanted:
                    self._nodes[key].append(node)

    def spelt(self, known: RegistryEntity) -> Iterator[Spelt]:
        """The nodes that some Latin name of the entry spells; some come twice."""
        for name in _latin(known):
            for key in _sought(name, known.types):
                for node in self._nodes.get(key, ()):
                    found = _person(name, node) if node.type == "PERSON" else _body(name, node)
                    if found is not None:
                        yield found


def _latin(known: RegistryEntity) -> list[str]:
    return [name for name in known.names if is_latin(name)]


def _sought(name: str, types: Iterable[str]) -> set[Key]:
    found: set[Key] = set()
    if "ORGANIZATION" in types:
        found.add(("body", skeleton("".join(_words(name))), ""))
    for one in _orders(name) if "PERSON" in types else ():
        first = _ENGLISH.get(one.given[0], one.given[0])
        surname = skeleton(one.surname)
        if first.endswith("."):
            found.add(("surname", surname, ""))
        else:
            found |= {("whole", surname, skeleton(first)), ("initial", surname, "")}
    return found


def _offered(node: NamedNode) -> Iterator[Key]:
    if node.type == "ORGANIZATION" and is_cyrillic(node.key):
        yield "body", skeleton("".join(_words(node.key))), ""
    words = node.key.split()
    if node.type != "PERSON" or len(words) < 2 or not is_cyrillic(node.key):
        return
    # to read the parts of every name takes too long: here the first word and the last will do
    surname, first = skeleton(words[-1]), words[0].split(".")[0]
    yield "surname", surname, ""
    yield ("whole", surname, skeleton(first)) if len(first) > 1 else ("initial", surname, "")


def _words(name: str) -> list[str]:
    """The words of an organisation's name without its legal form."""
    words = _WORD.findall(latin_word(name))
    return [word for word in words if word not in _FORMS] or words


def _orders(name: str) -> Iterator[_Latin]:
    """The ways to read a person's Latin name."""
    surname, comma, rest = name.partition(",")
    first, words = (_parts(one) for one in (surname, rest if comma else name))
    if comma:
        orders = [(first[-1], words)] if len(first) == 1 and words else []
    else:
        orders = [(words[-1], words[:-1]), (words[0], words[1:])] if len(words) > 1 else []
    for family, given in orders:
        if not family.endswith(".") and 1 <= len(given) <= 2:
            yield _Latin(family, tuple(given))


def _parts(name: str) -> list[str]:
    """The words of a person's Latin name, an initial («i.», «yu.») with its full stop."""
    parts = _PART.findall(latin_word(name))
    return [f"{part}." if len(part) == 1 else part for part in parts]


def _person(name: str, node: NamedNode) -> Spelt | None:
    """What a person's Latin name has in common with a node's; None where they differ."""
    last = node.key.split()[-1]
    readings = [(one, schemes_of(last, one.surname)) for one in _orders(name)]
    if not any(schemes for _, schemes in readings):
        return None
    person = parse_person(node.key.title(), nominative=True)
    own = [part.rstrip(".") for part in (*person.given, *filter(None, (person.patronymic,)))]
    for latin, surname in readings:
        if not surname or not own or person.surname != last:
            continue
        pairs = list(zip(own, latin.given, strict=False))
        spelt = [_same_part(*pair, first=not at) for at, pair in enumerate(pairs)]
        if all(one is not None for one in spelt):
            schemes = surname.union(*filter(None, spelt))
            whole = 1 + sum(map(bool, spelt))
            return Spelt(node, _told([surname, *filter(None, spelt)], schemes), whole)
    return None


def _same_part(own: str, latin: str, first: bool) -> frozenset[str] | None:
    """The schemes by which a part of a name spells another's, none for an initial; None where
    the two differ."""
    if len(own) == 1 or latin.endswith("."):
        return frozenset() if initial_of(own, latin) else None
    found = schemes_of(own, latin)
    if first and not found and latin in _ENGLISH:
        found = schemes_of(own, _ENGLISH[latin]) and frozenset({"usage"})
    return found or None


def _body(name: str, node: NamedNode) -> Spelt | None:
    """Whether an organisation's Latin name spells a node's."""
    own, latin = _words(node.key), _words(name)
    if len(own) != len(latin) or sum(map(len, latin)) < _LEAST:
        return None
    spelt = [schemes_of(*pair) for pair in zip(own, latin, strict=True)]
    return Spelt(node, _told(spelt, frozenset().union(*spelt))) if all(spelt) else None


def _told(spelt: Iterable[frozenset[str]], every: frozenset[str]) -> tuple[str, ...]:
    """The one scheme that spells all words, else those that are needed for some."""
    common = every.intersection(*spelt)
    return next(((s,) for s in SCHEMES if s in common), tuple(s for s in SCHEMES if s in every))
