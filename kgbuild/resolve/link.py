"""Which nodes are one entity, over all documents: the ``Linker`` of Russian names.

Judgements come first. Then, in an order that depends on the names alone:

1. ``same_name``: nodes of one type and name, unless their years of birth or death contradict
   each other (:mod:`kgbuild.resolve.contradictions`); a node joins the others of its name where
   they can all be one, or where it shares a year with them;
2. people of one surname, the fuller name first: the rules of :mod:`kgbuild.resolve.rules`
   say whom a shorter name can mean, the scorer (:mod:`kgbuild.resolve.scorer`) how likely
   it means that one; a name that two people may bear joins neither;
3. ``stated_alias``: a name that documents give as another's, where no other claims it;
4. ``adjective``: «московский» joins Москва, where one name only has its stem.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from kgbuild.judging import Partition, judged_partition, judged_reasons
from kgbuild.resolve.aliases import ADJECTIVAL, adjective_stems
from kgbuild.resolve.bearers import Bearer, apart_by_name, bearer, by_surname, candidates
from kgbuild.resolve.contradictions import NOTHING, Life, contradiction, life_of
from kgbuild.resolve.scorer import Features, Scorer, features, has_evidence
from kgbuild.resolve.version import LINKER, dictionary
from kgbuild.types import Judgement, Reason, SeenNode

_EXPLAINED = 64
"""People of one surname whose pairs are explained, the fullest names first; there are
quadratically many."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A shorter name of a person, a fuller one that it may mean, and what speaks for it."""

    shorter: str
    fuller: str
    features: Features


@dataclass(slots=True)
class _Work:
    """The state of one linking."""

    nodes: dict[str, SeenNode]
    partition: Partition
    lives: dict[str, Life] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    def life(self, id: str) -> Life:
        """The years of birth and death of a node's set."""
        return self.lives.get(self.partition.find(id), NOTHING)

    def apart(self, one: str, other: str) -> str:
        """The rule that keeps two nodes apart; "" where none does."""
        if not self.partition.may_join(one, other):
            return "judgement"
        return contradiction(self.life(one), self.life(other))

    def decide(self, one: str, other: str, rule: str, score: float | None, join: bool) -> None:
        """Join two nodes where wished and allowed, and note why, or why not."""
        if self.partition.together(one, other):
            return
        apart = self.apart(one, other)
        if apart and (join or rule == "same_name"):
            join, rule = False, apart
        if join:
            life = self.life(one).with_(self.life(other))
            self.partition.join(one, other)
            self.lives[self.partition.find(one)] = life
        self.reasons.append(Reason(one, other, join, rule, score))


class RussianLinker:
    """The ``Linker`` port for Russian names."""

    def __init__(self, scorer: Scorer | None = None) -> None:
        self._scorer = scorer or Scorer.shipped()

    @property
    def fingerprint(self) -> str:
        """The rules' version, the dictionary's and the scorer's weights."""
        weights = hashlib.sha256(self._scorer.fingerprint.encode()).hexdigest()[:16]
        return f"russian:{LINKER}:{dictionary()}:{weights}"

    def link(self, nodes: Sequence[SeenNode], judgements: Sequence[Judgement]) -> dict[str, str]:
        """As the port: an entity goes by its fullest name."""
        work = self._worked(nodes, judgements)
        return {
            id: entity
            for members in work.partition.sets()
            for entity in [min(members, key=lambda member: _fullness(work.nodes[member]))]
            for id in members
        }

    def reasons(
        self, nodes: Sequence[SeenNode], judgements: Sequence[Judgement]
    ) -> Iterator[Reason]:
        """As the port."""
        yield from judged_reasons([node.id for node in nodes], judgements)
        work = self._worked(nodes, judgements)
        yield from work.reasons
        yield from _kept_apart(work)

    def pairs(self, nodes: Sequence[SeenNode]) -> list[Pair]:
        """The pairs of people's names that the scorer is asked about; it learns from these."""
        work = _started(nodes, ())
        _join_same_names(work)
        return [pair for block in _people(work) for _, pairs in block for pair in pairs]

    def _worked(self, nodes: Sequence[SeenNode], judgements: Sequence[Judgement]) -> _Work:
        work = _started(nodes, judgements)
        _join_same_names(work)
        for block in _people(work):
            for shorter, pairs in block:
                self._join_person(work, shorter, pairs)
        _join_aliases(work)
        _join_adjectives(work)
        return work

    def _join_person(self, work: _Work, shorter: str, pairs: Sequence[Pair]) -> None:
        """Join a shorter name to the likeliest person, unless another is likely too."""
        scored = sorted(
            ((self._scorer.score(pair.features), pair.fuller) for pair in pairs),
            key=lambda item: (-item[0], item[1]),
        )
        sure = self._scorer.threshold
        rivals = len([score for score, _ in scored if score >= sure])
        evidence = {pair.fuller: has_evidence(pair.features) for pair in pairs}
        for score, fuller in scored:
            join = score >= sure and rivals == 1 and evidence[fuller]
            work.decide(
                shorter, fuller, "scorer" if evidence[fuller] else "no_evidence", score, join
            )


def _started(nodes: Sequence[SeenNode], judgements: Sequence[Judgement]) -> _Work:
    work = _Work(
        {node.id: node for node in sorted(nodes, key=lambda n: n.id)},
        judged_partition([node.id for node in nodes], judgements),
    )
    for id, node in work.nodes.items():
        life = life_of(node)
        if life:
            root = work.partition.find(id)
            work.lives[root] = work.lives.get(root, NOTHING).with_(life)
    return work


def _fullness(node: SeenNode) -> tuple[bool, int, int, bool, str, str]:
    """Sorts the name that says most to the front, a plain one before one with a year."""
    dated = bool(life_of(node))
    adjective = bool(adjective_stems(node.key, node.type)) and node.type in ADJECTIVAL
    return adjective, -len(node.key.split()), -len(node.key), dated, node.key, node.id


def _join_same_names(work: _Work) -> None:
    groups: dict[tuple[str, str], list[SeenNode]] = defaultdict(list)
    for node in work.nodes.values():
        if node.type:
            groups[node.type, node.key].append(node)
    for key in sorted(groups):
        group = groups[key]
        lives = {node.id: work.life(node.id) for node in group}
        dated = [node for node in group if lives[node.id]]
        one_life = not any(
            contradiction(lives[a.id], lives[b.id]) for a, b in combinations(dated, 2)
        )
        for node in group:
            for other in dated:
                if other is not node:
                    join = one_life or _share_a_year(lives[node.id], lives[other.id])
                    work.decide(node.id, other.id, "same_name", None, join)


def _share_a_year(one: Life, other: Life) -> bool:
    return bool(one.born & other.born or one.died & other.died)


def _people(work: _Work) -> Iterator[list[tuple[str, list[Pair]]]]:
    """By surname, each shorter name with the fuller ones of people whom it may mean.

    A name's candidates are weighed once the fuller names have been joined.
    """
    people = [bearer(node) for node in work.nodes.values() if node.type == "PERSON"]
    for _, block in sorted(by_surname(people).items()):
        yield _Block(work, block).rows()


def _kept_apart(work: _Work) -> Iterator[Reason]:
    """Why people of one surname are two, where their names say so."""
    people = [bearer(node) for node in work.nodes.values() if node.type == "PERSON"]
    for _, block in sorted(by_surname(people).items()):
        for fuller, shorter in combinations(block[:_EXPLAINED], 2):
            rule = apart_by_name(fuller, shorter)
            if rule and not work.partition.together(fuller.node.id, shorter.node.id):
                yield Reason(fuller.node.id, shorter.node.id, False, rule)


class _Block:
    """The people of one surname."""

    def __init__(self, work: _Work, people: Sequence[Bearer]) -> None:
        self._work = work
        self._people = people

    def rows(self) -> list[tuple[str, list[Pair]]]:
        """Each shorter name with its pairs, the fuller names first."""
        bearers = len({p.name.given[0] for p in self._people if p.name.given}) or 1
        rows = []
        for shorter, fuller in candidates(self._people):
            one_each = self._of_each_entity(shorter, fuller)
            if one_each:
                documents = sum(p.node.documents for p in one_each)
                pairs = [
                    Pair(
                        shorter.node.id,
                        other.node.id,
                        features(shorter, other, (len(one_each), bearers, documents)),
                    )
                    for other in one_each
                ]
                rows.append((shorter.node.id, pairs))
        return rows

    def _of_each_entity(self, shorter: Bearer, fuller: Sequence[Bearer]) -> list[Bearer]:
        found: dict[str, Bearer] = {}
        for other in fuller:
            if not self._work.partition.together(shorter.node.id, other.node.id):
                found.setdefault(self._work.partition.find(other.node.id), other)
        return list(found.values())


def _join_aliases(work: _Work) -> None:
    claims: dict[str, Counter[str]] = defaultdict(Counter)
    for node in work.nodes.values():
        for trait, count in node.traits:
            if trait.kind == "alias" and trait.value in work.nodes:
                claims[trait.value][node.id] += count
    for short in sorted(claims):
        owners = sorted(claims[short])
        sets = {work.partition.find(id) for id in owners}
        for owner in owners:
            work.decide(short, owner, "stated_alias", None, len(sets) == 1)


def _join_adjectives(work: _Work) -> None:
    nouns: dict[str, set[str]] = defaultdict(set)
    adjectives: list[SeenNode] = []
    for node in work.nodes.values():
        if node.type not in ADJECTIVAL or not node.type:
            continue
        if adjective_stems(node.key, node.type):
            adjectives.append(node)
            continue
        for trait, _ in node.traits:
            if trait.kind == "block" and trait.value.startswith("a:"):
                nouns[trait.value].add(node.id)
    for node in adjectives:
        found = {
            id
            for stem in adjective_stems(node.key, node.type)
            for id in nouns[f"a:{node.type}:{stem}"]
        }
        sets = {work.partition.find(id) for id in found}
        for noun in sorted(found):
            work.decide(node.id, noun, "adjective", None, len(sets) == 1)
