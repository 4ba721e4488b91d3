"""Which nodes are one entity, over all documents: the ``EntityClusterer`` of Russian names.

Judgements come first. Then, in an order that depends on the names alone:

1. ``same_name``: nodes of one type and name, unless their years of birth or death or their legal
   forms contradict each other (:mod:`kgbuild.resolve.contradictions`); a node joins the others of
   its name where they can all be one, or where it shares a year or its legal form with them;
2. people of one surname, the fuller name first: the rules of :mod:`kgbuild.resolve.rules`
   say whom a shorter name can mean, the scorer (:mod:`kgbuild.resolve.scorer`) how likely
   it means that one; a name that two people may bear joins neither;
3. ``stated_alias``: a name that documents give as another's, where no other claims it;
4. ``adjective``: «московский» joins Москва, where one name only has its stem.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

from kgbuild.judging import Partition, judged_partition, judged_reasons
from kgbuild.resolve.aliases import ADJECTIVAL, adjective_root, adjective_stems, stems_by_likeness
from kgbuild.resolve.bearers import (
    READING,
    PersonCandidate,
    apart_by_name,
    bearer,
    by_call,
    by_surname,
    candidates,
    cannot_mean,
    is_lone,
    may_mean,
)
from kgbuild.resolve.contradictions import KIN, NOTHING, Life, contradiction, life_of
from kgbuild.resolve.local import ADMINISTERED, SETTLED, region_adjective, region_stem
from kgbuild.resolve.scorer import (
    Features,
    Field,
    Person,
    Scorer,
    features,
    has_evidence,
    shares_neighbour,
)
from kgbuild.resolve.variants import SHORTER, VALUE
from kgbuild.resolve.version import LINKER, dictionary
from kgbuild.russian.given import patronymic_of
from kgbuild.types import CROWD, Clusters, Judgement, NodeStats, Reason

_PLACES = frozenset({"CITY", "COUNTRY", "DISTRICT", "LOCATION", "STATE_OR_PROVINCE"})
_EXPLAINED = 64
"""People of one surname whose pairs are explained, the fullest names first; there are
quadratically many."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A shorter name of a person, a fuller one that it may mean with all the nodes that are its
    bearer's, and what speaks for it."""

    shorter: str
    fuller: str
    nodes: frozenset[str]
    features: Features


_CLEAR = 0.7
"""What share of the odds the likeliest person has to have, for a name to mean that one."""
Asked = Callable[[Pair], float]
"""How likely a shorter name means a person."""


@dataclass(slots=True)
class _Work:
    """The state of one linking."""

    nodes: dict[str, NodeStats]
    partition: Partition[str]
    judged: dict[str, str] = field(default_factory=dict)
    """Of each node that a judgement joined to another, its set by judgements alone."""
    lives: dict[str, Life] = field(default_factory=dict)
    kin: dict[str, list[str]] = field(default_factory=dict)
    """Of each node those of its kin that are namesakes."""
    reasons: list[Reason] = field(default_factory=list)

    def life(self, id: str) -> Life:
        """The years of birth and death, or the legal forms, of a node's set."""
        return self.lives.get(self.partition.find(id), NOTHING)

    def apart(self, one: str, other: str) -> str:
        """The rule that keeps two nodes apart; "" where none does."""
        if not self.partition.may_join(one, other):
            return "judgement"
        if self._are_kin(one, other):
            return "related_people"
        return contradiction(self.life(one), self.life(other))

    def _are_kin(self, one: str, other: str) -> bool:
        """Whether kinship joins the people of two sets."""
        far = self.partition.find(other)
        return any(
            self.partition.find(id) == far
            for member in (self.partition.members(one) if self.kin else ())
            for id in self.kin.get(member, ())
        )

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


def _share_of_first(chances: Sequence[float]) -> float:
    """How much of the odds of all whom a name may mean are the first one's; 1 for an only one."""
    odds = [chance / max(1.0 - chance, 1e-6) for chance in chances]
    return odds[0] / sum(odds) if odds and odds[0] > 0 else 0.0


class RussianLinker:
    """The ``EntityClusterer`` port for Russian names."""

    def __init__(self, scorer: Scorer | None = None) -> None:
        self._scorer = scorer or Scorer.shipped()

    @property
    def fingerprint(self) -> str:
        """The rules' version, the dictionary's and the scorer's weights."""
        weights = hashlib.sha256(self._scorer.fingerprint.encode()).hexdigest()[:16]
        return f"russian:{LINKER}:{dictionary()}:{weights}"

    def link(self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]) -> Clusters:
        """As the port: an entity goes by its fullest name."""
        work = self._worked(nodes, judgements)
        entity_of = {
            id: entity
            for members in work.partition.sets()
            for entity in [min(members, key=lambda member: _fullness(work.nodes[member]))]
            for id in members
        }
        weighed = {
            (min(r.one, r.other), max(r.one, r.other)): r
            for r in work.reasons
            if r.score is not None
        }
        return Clusters(entity_of, tuple(weighed.values()))

    def reasons(
        self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]
    ) -> Iterator[Reason]:
        """As the port."""
        yield from judged_reasons([node.id for node in nodes], judgements)
        work = self._worked(nodes, judgements)
        yield from work.reasons
        yield from _kept_apart(work)

    def pairs(self, nodes: Sequence[NodeStats], right: Asked) -> list[Pair]:
        """The pairs of people's names that the scorer is asked about, where ``right`` says how
        likely each is (1 or 0); it learns from these."""
        asked: dict[tuple[str, str], Pair] = {}

        def noted(pair: Pair) -> float:
            asked.setdefault((pair.shorter, pair.fuller), pair)
            return right(pair)

        work = _started(nodes, ())
        _join_same_names(work)
        self._join_people(work, noted)
        return list(asked.values())

    def _worked(self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]) -> _Work:
        work = _started(nodes, judgements)
        _join_same_names(work)
        self._join_people(work, lambda pair: self._scorer.score(pair.features))
        _join_aliases(work)
        _join_values(work)
        _join_forms(work)
        _join_shorter(work)
        _join_adjectives(work)
        _join_places(work)
        return work

    def _join_people(self, work: _Work, asked: Asked) -> None:
        people = {n.id: bearer(n) for n in work.nodes.values() if n.type == "PERSON"}
        persons = _Persons(work.partition, people, work.judged)
        for _, block in sorted(by_surname(people.values()).items()):
            bearers = len({p.name.given[0] for p in block if p.name.given}) or 1
            for shorter, fuller in candidates(block):
                pairs = persons.pairs(shorter, fuller, (bearers, len(block)))
                self._join_person(work, pairs, asked)
        for shorter, fuller in _lone(people.values()):
            pairs = persons.pairs(shorter, fuller, (1, len(fuller)))
            if not shorter.lone:  # a word that may as well be somebody's surname
                pairs = [pair for pair in pairs if shares_neighbour(pair.features)]
            self._join_person(work, pairs, asked)

    def _join_person(self, work: _Work, pairs: Sequence[Pair], asked: Asked) -> None:
        """Join a shorter name to the likeliest person, unless another is nearly as likely."""
        scored = sorted(((asked(pair), pair) for pair in pairs), key=lambda s: (-s[0], s[1].fuller))
        sure = self._scorer.threshold
        clear = _share_of_first([score for score, _ in scored]) >= _CLEAR
        clear &= all(score < sure for score, _ in scored[1:])
        for place, (score, pair) in enumerate(scored):
            evidence = has_evidence(pair.features)
            join = place == 0 and clear and score >= sure and evidence
            rule = "scorer" if evidence else "no_evidence"
            work.decide(pair.shorter, pair.fuller, rule, score, join)


def _started(nodes: Sequence[NodeStats], judgements: Sequence[Judgement]) -> _Work:
    work = _Work(
        {node.id: node for node in sorted(nodes, key=lambda n: n.id)},
        judged_partition([node.id for node in nodes], judgements),
    )
    together = [members for members in work.partition.sets() if len(members) > 1]
    work.judged = {id: members[0] for members in together for id in members}
    for id, node in work.nodes.items():
        kin = [f.value for f, _ in node.features if f.kind == KIN and f.value in work.nodes]
        if kin:
            work.kin[id] = kin
        life = life_of(node)
        if life:
            root = work.partition.find(id)
            work.lives[root] = work.lives.get(root, NOTHING).with_(life)
    return work


def _fullness(node: NodeStats) -> tuple[bool, bool, int, int, bool, str, str]:
    """Sorts the name that says most to the front, a plain one before one with a year."""
    dated = bool(life_of(node))
    adjective = bool(adjective_stems(node.key, node.type)) and node.type in ADJECTIVAL
    return (
        is_lone(node),
        adjective,
        -len(node.key.split()),
        -len(node.key),
        dated,
        node.key,
        node.id,
    )


def _join_same_names(work: _Work) -> None:
    groups: dict[tuple[str, str], list[NodeStats]] = defaultdict(list)
    for node in work.nodes.values():
        if node.type and not is_lone(node):
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
                    join = one_life or _share_a_fact(lives[node.id], lives[other.id])
                    work.decide(node.id, other.id, "same_name", None, join)


def _share_a_fact(one: Life, other: Life) -> bool:
    """Whether both have a year of life in common, or one and the same legal form."""
    same_form = len(one.forms) == 1 and one.forms == other.forms
    return bool(one.born & other.born or one.died & other.died) or same_form


def _kept_apart(work: _Work) -> Iterator[Reason]:
    """Why people of one surname are two, where their names say so."""
    people = [bearer(node) for node in work.nodes.values() if node.type == "PERSON"]
    for _, block in sorted(by_surname(people).items()):
        for fuller, shorter in combinations(block[:_EXPLAINED], 2):
            rule = apart_by_name(fuller, shorter)
            if rule and not work.partition.together(fuller.node.id, shorter.node.id):
                yield Reason(fuller.node.id, shorter.node.id, False, rule)


class _Persons:
    """The people of the sets that have grown so far."""

    def __init__(
        self,
        partition: Partition[str],
        people: Mapping[str, PersonCandidate],
        judged: Mapping[str, str],
    ) -> None:
        self._partition = partition
        self._people = people
        self._judged = judged

    def pairs(
        self, shorter: PersonCandidate, fuller: Sequence[PersonCandidate], counts: tuple[int, int]
    ) -> list[Pair]:
        """A shorter name with each person that it may mean; ``counts`` are the first names of
        its surname and the names that are compared."""
        whole = self._meant(shorter, fuller)
        shared = [len(shorter.near & person.near) for _, person in whole]
        documents = sum(person.documents for _, person in whole)
        made = []
        for place, (first, person) in enumerate(whole):
            others = max((n for i, n in enumerate(shared) if i != place), default=0)
            field = Field(len(whole), counts[0], documents, others, max(counts[1], 1))
            values = features(shorter, person, field)
            made.append(Pair(shorter.node.id, first, person.nodes, values))
        return made

    def _meant(
        self, shorter: PersonCandidate, fuller: Sequence[PersonCandidate]
    ) -> list[tuple[str, Person]]:
        """Each person of the fuller names, by the first of them; not those of whom another name
        says that they are somebody else."""
        partition = self._partition
        own = [shorter, *self._surnamed(shorter)]
        first: dict[str, PersonCandidate] = {}
        for other in fuller:
            if not partition.together(shorter.node.id, other.node.id):
                first.setdefault(partition.find(other.node.id), other)
        found = []
        for other in first.values():
            ids = partition.members(other.node.id)
            members = [self._people[id] for id in ids if id in self._people]
            said = [member for member in members if not member.lone]
            gainsaid = any(cannot_mean(member, mine) for member in said for mine in own)
            if gainsaid and not self._has_two_names(members):
                continue
            near = frozenset[str]().union(*(member.near for member in members))
            documents = sum(member.node.documents for member in members)
            person = Person(other.name, frozenset(ids), near, documents)
            found.append((other.node.id, person))
        same = [one for one in found if _has_father(one[1], shorter)]
        return same or found

    def _surnamed(self, one: PersonCandidate) -> list[PersonCandidate]:
        """The other names with a surname in a name's set: whom one of them means is none of those
        whom another can't."""
        found = (self._people.get(member) for member in self._partition.members(one.node.id))
        return [p for p in found if p is not None and p.node.id != one.node.id and not p.lone]

    def _has_two_names(self, members: Sequence[PersonCandidate]) -> bool:
        """Whether a judgement made people of two names one: whom one of them can mean is that
        one still, whatever the other says."""
        judged = [m for m in members if m.node.id in self._judged and not m.lone]
        return any(
            cannot_mean(a, b) and self._judged[a.node.id] == self._judged[b.node.id]
            for a, b in combinations(judged, 2)
        )


def _has_father(person: Person, shorter: PersonCandidate) -> bool:
    """Whether a person's patronymic is the shorter name's too: «Ксения Арсеньевна» is Ксения
    Арсеньевна Щеглова before a Ксения whose father nobody names."""
    own = patronymic_of(shorter.name.patronymic)
    return bool(own) and patronymic_of(person.name.patronymic) == own


def _lone(
    people: Iterable[PersonCandidate],
) -> Iterator[tuple[PersonCandidate, list[PersonCandidate]]]:
    """Each name without a surname, the fuller first, with the fuller names that it may mean:
    those that have a surname, and the names of its own kind that say more."""
    everyone = list(people)
    called = by_call(everyone)
    said: dict[str, list[PersonCandidate]] = defaultdict(list)
    borne = {p.name.surname for p in everyone if p.name.given}
    without = sorted(_without_surname(everyone, borne), key=_lone_fullness)
    together = Counter(value for person in without for value in person.calls)
    for person in without:
        wanted = person.calls
        some = [p for value in wanted for p in (*called.get(value, ()), *said[value])]
        yield person, [p for p in dict.fromkeys(some) if may_mean(p, person)]
        for value in wanted if person.name.given else ():
            if together[value] <= CROWD or person.name.patronymic:
                said[value].append(person)


def _without_surname(
    people: Iterable[PersonCandidate], borne: Collection[str]
) -> Iterator[PersonCandidate]:
    """The names without a surname, and the words that may be one but are nobody's, as first names."""
    for person in people:
        if person.lone:
            yield person
        elif person.calls and person.name.surname not in borne:
            name = replace(person.name, given=(person.name.surname,), surname="")
            yield replace(person, name=name)


def _lone_fullness(person: PersonCandidate) -> tuple[int, str]:
    return -(bool(person.name.patronymic) + bool(person.name.given)), person.node.id


def _join_aliases(work: _Work) -> None:
    claims: dict[str, Counter[str]] = defaultdict(Counter)
    for node in work.nodes.values():
        for feature, count in node.features:
            if feature.kind == "alias" and feature.value in work.nodes:
                claims[feature.value][node.id] += count
    for short in sorted(claims):
        owners = sorted(claims[short])
        sets = {work.partition.find(id) for id in owners}
        for owner in owners:
            work.decide(short, owner, "stated_alias", None, len(sets) == 1)


def _join_values(work: _Work) -> None:
    """Two spellings of one day or of one sum are one, where each spelling says only one."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in work.nodes.values():
        values = [feature.value for feature, _ in node.features if feature.kind == VALUE]
        if len(values) == 1:
            said[node.type, values[0]].append(node.id)
    for some in said.values():
        for other in some[1:]:
            work.decide(some[0], other, "same_value", None, True)


def _join_forms(work: _Work) -> None:
    """«Ольхово», that stands as «Ольхове» alone, joins «Ольхов» where that is the only name that
    its form allows for and that another form says; of several the one whose forms allow for no
    other."""
    named: dict[tuple[str, str], list[str]] = defaultdict(list)
    allowed: dict[str, set[str]] = defaultdict(set)
    for node in work.nodes.values():
        if node.type != "PERSON":
            named[_kept_type(node.type), node.key].append(node.id)
        for feature, count in node.features if node.type != "PERSON" else ():
            if feature.kind == READING and count == node.documents:
                allowed[node.id].add(feature.value)
    said = {
        id: sorted(other for key in keys for other in named[_kept_type(work.nodes[id].type), key])
        for id, keys in allowed.items()
    }
    for _, id in sorted((len(others), id) for id, others in said.items()):
        found = [other for other in said[id] if not said.get(other)] or said[id]
        sets = {work.partition.find(other) for other in found} - {work.partition.find(id)}
        for other in found:
            work.decide(id, other, "other_form", None, len(sets) == 1)


def _kept_type(type: str) -> str:
    return "PLACE" if type in SETTLED else type


def _join_shorter(work: _Work) -> None:
    """«Егорлык» joins the «Агрохолдинг «Егорлык»», «Камский театр» the «Камский театр оперы и
    балета», where they are the only ones."""
    quoted: dict[tuple[str, str], list[str]] = defaultdict(list)
    begun: dict[tuple[str, str], list[str]] = defaultdict(list)
    made: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in work.nodes.values():
        for feature, _ in node.features:
            if feature.kind == SHORTER:
                made[node.type, feature.value].append(node.id)
            elif feature.kind == "quoted":
                quoted[node.type, feature.value].append(node.id)
            elif feature.kind == "block" and feature.value != f"n:{node.type}:{node.key}":
                begun[node.type, feature.value].append(node.id)
    for node in work.nodes.values():
        longer = quoted[node.type, node.key]
        rule = "quoted_name"
        if not longer:
            longer, rule = made[node.type, node.key], "shorter_name"
        if not longer and " " in node.key and node.type in ("FACILITY", "ORGANIZATION"):
            longer, rule = begun[node.type, f"n:{node.type}:{node.key}"], "beginning"
        sets = {work.partition.find(id) for id in longer} - {work.partition.find(node.id)}
        one = len(sets) == 1 or (rule == "quoted_name" and _are_of_one_kind(work, node.key, longer))
        for other in sorted(longer):
            work.decide(node.id, other, rule, None, one)


def _are_of_one_kind(work: _Work, quoted: str, longer: Iterable[str]) -> bool:
    """Whether what stands before one name in quotes says more or less of the same: «станция
    «Студёная»» and «полярная станция «Студёная»»."""
    kinds = sorted((set(work.nodes[id].key.removesuffix(quoted).split()) for id in longer), key=len)
    return bool(kinds and kinds[0]) and all(a <= b for a, b in pairwise(kinds))


def _join_places(work: _Work) -> None:
    """A place that is taken for a town in one text and for a province in another is one."""
    named: dict[str, list[NodeStats]] = defaultdict(list)
    for node in work.nodes.values():
        if node.type in SETTLED and not adjective_stems(node.key, node.type):
            named[node.key].append(node)
    for some in named.values():
        for other in some[1:]:
            work.decide(some[0].id, other.id, "one_place", None, True)
    regions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in work.nodes.values():
        if node.type in ADMINISTERED and (stem := region_stem(node.key)):
            regions[node.type, stem].append(node.id)
    for node in work.nodes.values():
        if node.type in ADMINISTERED and (stem := region_adjective(node.key)):
            found = regions[node.type, stem]
            sets = {work.partition.find(id) for id in found}
            for region in found:
                work.decide(node.id, region, "adjective", None, len(sets) == 1)


def _join_adjectives(work: _Work) -> None:
    nouns: dict[str, set[str]] = defaultdict(set)
    adjectives: list[NodeStats] = []
    for node in work.nodes.values():
        if node.type not in ADJECTIVAL or not node.type:
            continue
        if adjective_stems(node.key, node.type):
            adjectives.append(node)
            continue
        for feature, _ in node.features:
            if feature.kind == "block" and feature.value.startswith("a:"):
                nouns[feature.value].add(node.id)
    for node in adjectives:
        for stems in stems_by_likeness(node.key, node.type):
            found = {id for stem in stems for id in nouns[f"a:{node.type}:{stem}"]}
            sets = {work.partition.find(id) for id in found}
            for noun in sorted(found):
                work.decide(node.id, noun, "adjective", None, len(sets) == 1)
            if found:
                break
    _join_one_adjectives(work, adjectives)


def _join_one_adjectives(work: _Work, adjectives: Sequence[NodeStats]) -> None:
    """«Ольховская» больница and «Ольховский» суд are of one place."""
    forms: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in adjectives:
        if node.type in _PLACES and (root := adjective_root(node.key)):
            forms[node.type, root].append(node.id)
    for some in forms.values():
        for other in some[1:]:
            work.decide(some[0], other, "one_adjective", None, True)
