"""Spans that can't be mentions, whatever the network scores them, and those that can be nothing
else.

Each rule is a named function of a text's stretch that answers whether it is unsound there.
None of them fits an annotated mention of NEREL's training part in more than a handful of
cases; what they take away are spans that run over a title's end, into the next clause or into
the middle of a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from kgbuild.russian.folding import fold
from kgbuild.russian.given import is_full_name
from kgbuild.russian.morphology import analyzer
from kgbuild.russian.person import parse_person

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_FIELD = re.compile(r"\n[^\S\n]*[А-ЯЁA-Z][^\n:]{0,40}:(?:\s|$)")
_SENTENCE_END = re.compile(r"[а-яё]{4}[.!?…]\s+[А-ЯЁ]")
_LOWER_WORD = re.compile(r"(?<![\w-])[а-яё]{2,}(?![\w-])")
_LONE_WORD = re.compile(r"[а-яё]{2,}")
_QUOTED = re.compile(r"[«„“\"].*?(?:[»”\"]|$)", re.DOTALL)
_PATRONYMIC = re.compile(r"[А-ЯЁ]\w{1,40}(?:ович|евич|овн|евн|иничн)\w{0,9}\s")
_THREE_WORDS = re.compile(r"(?:[А-ЯЁ][а-яё]+(?:-[А-ЯЁ]?[а-яё]+)?(?:\s|$)){3}")
_STEM = 3
_NAME_BEFORE = re.compile(r"[А-ЯЁ][а-яё]+[^\S\n]+$")

ERA = re.compile(r"\s+(?:до\s+)?(?:н\.?\s?э\.|нашей\s+эры|Р\.?\s?Х\.)", re.IGNORECASE)
"""What counts the years before it: «до н. э.», «нашей эры»."""

_CLAUSES = frozenset({"CRIME", "DISEASE", "EVENT", "IDEOLOGY", "LAW", "PENALTY", "PRODUCT"})
"""Types that are said by whole clauses too: «попал в больницу», «потерял сознание»."""

_TITLES = frozenset({"WORK_OF_ART"})

_REFERENCES = frozenset({"PERSON_REFERENCE", "ORGANIZATION_REFERENCE"})
"""A verb is one where its subject is left out: «родился в Твери, учился в Москве»."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch ``[start, end)`` of a text, and the type that it is to have."""

    text: str
    start: int
    end: int
    type: str

    @property
    def surface(self) -> str:
        """The stretch itself."""
        return self.text[self.start : self.end]


def over_paragraphs(stretch: Stretch) -> bool:
    """«Московский университет» as a title and the sentence under it that begins so."""
    return _PARAGRAPH.search(stretch.surface) is not None


def over_sentences(stretch: Stretch) -> bool:
    """«Нобелевский фонд. Первые премии»; titles and events may be called so."""
    if stretch.type in _CLAUSES | _TITLES:
        return False
    return _SENTENCE_END.search(_QUOTED.sub("", stretch.surface)) is not None


def over_cells(stretch: Stretch) -> bool:
    """«Иванов | директор»: the edge of a table's cell ends a mention."""
    return "|" in stretch.surface.strip("|") or "\t" in stretch.surface


def over_fields(stretch: Stretch) -> bool:
    """«Лавров Олег» and the line «Должность: директор» under it: another field of a form."""
    return _FIELD.search(stretch.surface) is not None


def odd_bracket(stretch: Stretch) -> bool:
    """«Приволжский) федеральный университет»."""
    return stretch.surface.count("(") != stretch.surface.count(")")


def finite_verb(stretch: Stretch) -> bool:
    """«факультет МГУ и является членом»; «писали» as a profession."""
    if stretch.type in _CLAUSES | _TITLES | _REFERENCES:
        return False
    return any(map(_is_verb, _LOWER_WORD.findall(_QUOTED.sub("", stretch.surface))))


def lone_preposition(stretch: Stretch) -> bool:
    """«по» of «по-русски» as a language."""
    return _LONE_WORD.fullmatch(stretch.surface) is not None and _is_preposition(stretch.surface)


def from_patronymic(stretch: Stretch) -> bool:
    """«Ивановна Попова» of «Анна Ивановна Попова»."""
    if stretch.type != "PERSON" or _PATRONYMIC.match(stretch.surface) is None:
        return False
    return _NAME_BEFORE.search(stretch.text, max(0, stretch.start - 40), stretch.start) is not None


def age_of_an_era(stretch: Stretch) -> bool:
    """«347 году» of «умер в 347 году до н. э.» as an age."""
    return stretch.type == "AGE" and ERA.match(stretch.text, stretch.end) is not None


UNSOUND: tuple[Callable[[Stretch], bool], ...] = (
    over_paragraphs,
    over_sentences,
    over_cells,
    over_fields,
    odd_bracket,
    finite_verb,
    lone_preposition,
    from_patronymic,
    age_of_an_era,
)


def unsound(stretch: Stretch) -> str:
    """The name of the first rule that a stretch breaks, "" for none."""
    return next((rule.__name__ for rule in UNSOUND if rule(stretch)), "")


def is_whole_name(stretch: Stretch) -> bool:
    """«Любовь Дмитриевна Менделеева»: a known first name, a patronymic and a surname. 335 of the
    338 in NEREL's training part and the training dossiers are annotated as a person."""
    if stretch.type != "PERSON" or _THREE_WORDS.fullmatch(stretch.surface) is None:
        return False
    name = parse_person(stretch.surface)
    first = fold(stretch.surface)[:_STEM]
    known = any(is_full_name(given) and given[:_STEM] == first for given in name.given)
    return known and bool(name.patronymic) and bool(name.surname)


@lru_cache(maxsize=1 << 16)
def _is_verb(word: str) -> bool:
    """Whether the dictionary knows a word as a finite verb and as nothing else."""
    parses = [parse for parse in analyzer().parse(word) if parse.is_known]
    return bool(parses) and all(parse.tag.POS == "VERB" for parse in parses)


@lru_cache(maxsize=1 << 10)
def _is_preposition(word: str) -> bool:
    parses = analyzer().parse(word)
    return bool(parses) and parses[0].is_known and parses[0].tag.POS == "PREP"
