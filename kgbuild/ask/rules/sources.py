"""Where a look-up starts: what the name in a question leads to.

A name is an entity of the graph, or a description that is a question itself: «отца Алсу»
in «где работает отец Алсу» is asked first, and its answers are where the next hop starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kgbuild.ask.link import EntityLookup, How
from kgbuild.ask.rules.phrases import split_role
from kgbuild.ask.rules.plan import Anchor, Branch, Lookup, Wants
from kgbuild.ask.rules.question import ParsedQuestion, RelationAsked
from kgbuild.ask.rules.wordings import wordings
from kgbuild.ontology import relation_type
from kgbuild.russian.folding import tokens
from kgbuild.russian.morphology import lemma
from kgbuild.types import Entity

SubQuestion = Callable[[str], Lookup | None]
"""Plans what a description asks, or None where it asks nothing known."""


AGENTS = frozenset({"COUNTRY", "FAMILY", "ORGANIZATION", "PERSON", "PROFESSION"})
"""Types that act alike: what one of them can do or own, the others can."""


def suits(entity: Entity, asked: RelationAsked) -> bool:
    """Whether the relation can have an entity of this type at the named end."""
    relation = relation_type(asked.relation)
    seen = set(relation.object_types if asked.inverse else relation.subject_types)
    if relation.symmetric:
        seen |= {*relation.subject_types, *relation.object_types}
    return entity.type in (seen | AGENTS if seen & AGENTS else seen)


def sources_of(
    asked: RelationAsked, gender: str | None, linker: EntityLookup, ask: SubQuestion | None
) -> tuple[Anchor | Lookup, ...]:
    """What the name can start from, the surest first; nothing where it isn't known.

    The most complete name that the graph knows decides: shorter ones aren't tried then.
    """
    found: list[Anchor | Lookup] = []
    for name in asked.names:
        called = linker.by_name(name, gender)
        if len(name.split()) == 1 and any(entity.type == "PERSON" for entity in called):
            called = tuple(dict.fromkeys((*called, *linker.by_part(name, gender))))
        named = (Anchor(name, linker.by_id(name), How.ID),
                 Anchor(name, called, How.NAME))  # fmt: skip
        found += [anchor for anchor in named if anchor.entities]
        if found:
            break
    text = asked.names[0]
    if not found and ask is not None:
        found += _described(text, linker)
        sub = ask(text)
        found += [sub] if sub is not None else []
    ways = (
        (linker.by_part, How.PART),
        (linker.by_typo, How.TYPO),
    )
    for way, how in ways:
        if how is not How.PART and found:
            break
        for name in asked.names:
            entities = () if split_role(name) is not None else way(name, gender)
            if entities:
                found.append(Anchor(name, entities, how))
                break
    return tuple(found)


def _described(text: str, linker: EntityLookup) -> Iterator[Anchor]:
    """A person under a title that the graph knows them by: «принца Филиппа»."""
    role = split_role(text)
    if role is None:
        return
    for way, how in ((linker.by_name, How.NAME), (linker.by_part, How.PART)):
        people = tuple(
            entity
            for entity in way(role.name, None)
            if entity.type == "PERSON" and bears(linker, entity, role.nouns)
        )
        if people:
            yield Anchor(text, people, how)
            return


def bears(
    linker: EntityLookup, entity: Entity, nouns: frozenset[str], unknown: bool = False
) -> bool:
    """Whether the graph says that the entity is one of these: by name or by profession.

    Declared rule: a narrower profession is the wider one too («вокалист» is «музыкант»).
    ``unknown`` is the answer for a person of whom no profession is known.
    """
    names = [entity.name, *entity.aliases]
    kinds = wordings().kinds
    nouns = nouns.union(*(kinds[noun] for noun in nouns if noun in kinds))
    if entity.type == "PERSON":
        held = [fact.object.name for fact in linker.facts(entity.id, "WORKS_AS")]
        if not held and unknown:
            return True
        names += held
    return any(lemma(word.strip("«»\"',.()")) in nouns for name in names for word in tokens(name))


def role_branches(parsed: ParsedQuestion, linker: EntityLookup) -> Iterator[Branch]:
    """«Президент Польши»: whoever works in Польша and is a президент."""
    for asked in parsed.relations:
        role = split_role(asked.names[0]) if (asked.relation, asked.inverse) == ROLE else None
        if role is None:
            continue
        place = RelationAsked("WORKPLACE", True, (role.name,))
        named = Anchor(role.name, linker.by_name(role.name), How.NAME)
        if any(suits(entity, place) for entity in named.entities):
            yield Branch(place, Wants(noun=role.nouns), (named,))


ROLE = ("WORKS_AS", True)


def leads(parsed: ParsedQuestion) -> frozenset[str]:
    """The nouns for whoever «возглавляет», where that is asked."""
    return wordings().leaders if parsed.evident & wordings().narrow else frozenset()
