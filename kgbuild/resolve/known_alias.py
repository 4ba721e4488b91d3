"""Names that a register gives one entry join: the rule ``known_alias``.

A ``EntityClusterer`` around another one. Where nodes carry ``known`` features, the nodes of one entry's
names are joined before the other linker's own rules are asked, and a person's judgement
outweighs that. A node stays out where

* two entries of one register claim its name (``claimed_twice``);
* documents state another year of birth or death than the register, or than the other names
  (a rule of :mod:`kgbuild.resolve.contradictions`);
* namesakes of other years bear its name and it doesn't say which of them it is (``namesakes``);
* it is a lone word, and the graph knows somebody else by it and a first name (``rival``).

It is a wrapper, not a step of :mod:`kgbuild.resolve.link`, so that a graph without known names
is computed by the code, and has the fingerprint, that it had before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations

from kgbuild.ports import EntityClusterer
from kgbuild.resolve.contradictions import NOTHING, Life, contradiction, life_of
from kgbuild.resolve.version import KNOWN_ALIAS
from kgbuild.types import Clusters, Judgement, NodeStats, Reason, registry_entry

RULE = "known_alias"
_THEN = datetime(1970, 1, 1, tzinfo=UTC)
Entry = tuple[str, str]
"""A register and an entry's id there."""


class RegistryClusterer:
    """The ``AliasClusterer`` port: a linker, and known names before its rules."""

    def __init__(self, inner: EntityClusterer) -> None:
        self._inner = inner

    @property
    def fingerprint(self) -> str:
        """The inner linker's."""
        return self._inner.fingerprint

    @property
    def alias_rule(self) -> str:
        """The rule's version."""
        return f"{RULE}:{KNOWN_ALIAS}"

    def link(self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]) -> Clusters:
        """As the port."""
        return self._inner.link(nodes, [*_as_judgements(known_alias(nodes)), *judgements])

    def reasons(
        self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]
    ) -> Iterator[Reason]:
        """As the port; ``known_alias`` names what it joined."""
        found = known_alias(nodes)
        made = _as_judgements(found)
        ours = {f"judgement {one.id} " for one in made}
        for reason in self._inner.reasons(nodes, [*made, *judgements]):
            if any(reason.rule.startswith(rule) for rule in ours):
                yield replace(reason, rule=RULE if reason.joined else "judgement")
            else:
                yield reason
        yield from (reason for reason in found if not reason.joined)


def _as_judgements(reasons: Sequence[Reason]) -> list[Judgement]:
    """Joins as judgements older than any person's."""
    joined = [reason for reason in reasons if reason.joined]
    return [
        Judgement("same", one.one, RULE, _THEN, object=one.other, id=-number)
        for number, one in enumerate(joined, 1)
    ]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A node that an entry names, and the years that the register gives."""

    node: NodeStats
    years: Life


def known_alias(nodes: Sequence[NodeStats]) -> list[Reason]:
    """The nodes that entries join, each with the entry's fullest name, and those kept out."""
    named: dict[Entry, list[_Listed]] = defaultdict(list)
    claims: dict[tuple[str, str], set[str]] = defaultdict(set)
    for node in nodes:
        for feature, _ in node.features:
            if feature.kind == "known":
                source, id, born, died = registry_entry(feature)
                years = Life(frozenset(born), frozenset(died))
                named[source, id].append(_Listed(node, years))
                claims[node.id, source].add(id)
    twice = {id for (id, _), entries in claims.items() if len(entries) > 1}
    found: dict[tuple[str, str], Reason] = {}
    bearers = _bearers(nodes) if named else {}
    for entry in sorted(named):
        for reason in _joined(sorted(named[entry], key=_fullness), twice, bearers):
            found.setdefault((reason.one, reason.other), reason)
    return list(found.values())


def _joined(
    listed: Sequence[_Listed], twice: set[str], bearers: Mapping[str, set[str]]
) -> Iterator[Reason]:
    keys = {one.node.key for one in listed}
    if len(keys) < 2:
        return
    apart = {one.node.id: _kept_out(one, listed, twice, bearers) for one in listed}
    fit = [one for one in listed if not apart[one.node.id]]
    first = (fit or list(listed))[0]
    life = life_of(first.node)
    for one in listed:
        if one.node.key != first.node.key:
            rule = apart[one.node.id] or contradiction(life, life_of(one.node))
            if not rule and not apart[first.node.id]:
                life = life.with_(life_of(one.node))
            elif not rule:
                rule = apart[first.node.id]
            yield Reason(first.node.id, one.node.id, not rule, rule or RULE)


def _kept_out(
    one: _Listed, listed: Sequence[_Listed], twice: set[str], bearers: Mapping[str, set[str]]
) -> str:
    """The rule by which a node isn't taken for the entry; "" for none."""
    node, life = one.node, life_of(one.node)
    if node.id in twice:
        return "claimed_twice"
    wrong = _against(one.years, life)
    if wrong:
        return wrong
    namesakes = [life_of(o.node) for o in listed if o.node.key == node.key]
    differ = any(contradiction(a, b) for a, b in combinations(namesakes, 2))
    if (differ or any(_against(one.years, other) for other in namesakes)) and not (
        life and one.years
    ):
        return "namesakes"
    own = {o.node.key for o in listed}
    if node.type == "PERSON" and " " not in node.key and bearers.get(node.key, set()) - own:
        return "rival"
    return ""


def _against(listed: Life, stated: Life) -> str:
    """The rule by which documents' years contradict a register's, which may give several."""
    born, died = listed.born & stated.born, listed.died & stated.died
    return contradiction(Life(born or listed.born, died or listed.died), stated)


def _bearers(nodes: Sequence[NodeStats]) -> dict[str, set[str]]:
    """The people's names of several words by surname."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        for feature, _ in node.features if " " in node.key else ():
            if feature.kind == "block" and feature.value.startswith("p:"):
                found[feature.value[2:]].add(node.key)
    return found


def _fullness(one: _Listed) -> tuple[int, int, bool, str, str]:
    node = one.node
    dated = life_of(node) != NOTHING
    return -len(node.key.split()), -len(node.key), dated, node.key, node.id
