"""A look-up for a question whose relation was guessed: from a name that the graph knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kgbuild.ask.classifier import Guess, Guesser
from kgbuild.ask.link import How, Linker
from kgbuild.ask.plan import Anchor, Branch, Lookup, Wants
from kgbuild.ask.question import RelationAsked, parse_question
from kgbuild.ask.shapes import comparison
from kgbuild.ask.sources import suits
from kgbuild.ask.tokens import Token, tokenize

_LONGEST = 8
"""Words of a name that is looked for."""


def guessed_lookup(question: str, guess: Guess, linker: Linker) -> Lookup | None:
    """Follow the guessed relation from each name of the question that it can start from."""
    tokens = tokenize(question)
    wants = Wants(next((token.types for token in tokens if token.types), frozenset()))
    branches = []
    for name in _known_names(question, tokens, linker):
        asked = RelationAsked(guess.relation, guess.inverse, (name,))
        entities = tuple(e for e in linker.by_name(name) if suits(e, asked))
        if entities:
            branches.append(Branch(asked, wants, (Anchor(name, entities, How.NAME),)))
    return Lookup(tuple(branches)) if branches else None


def _known_names(question: str, tokens: Sequence[Token], linker: Linker) -> Iterator[str]:
    """The longest stretches of words, each with a part of a name, that the graph knows."""
    place = 0
    while place < len(tokens):
        for end in range(min(len(tokens), place + _LONGEST), place, -1):
            stretch = tokens[place:end]
            text = question[stretch[0].start : stretch[-1].end].strip('«»"„“”')
            named = any(token.named and (token.start > 0 or token.quoted) for token in stretch)
            if named and linker.is_known(text):
                yield text
                place = end - 1
                break
        place += 1


def relations_asked(question: str, guess: Guesser | None = None) -> frozenset[str]:
    """The relations of a question's best reading; without one, the guessed relation."""
    compared = comparison(question)
    if compared is not None:
        return frozenset(compared[0])
    read = frozenset(asked.relation for asked in parse_question(question).relations)
    guessed = guess(question) if guess is not None and not read else None
    return read if guessed is None else frozenset({guessed.relation})
