"""Further readings of relation quality, each beside the whole-document one.

* ``related pairs``: only pairs that have a gold relation are asked; the question is
  which one. The best allowed relation is taken without a threshold. A pair the model
  never sees together (too far apart) counts as missed.
* ``facts``: gold mentions of one document are grouped by their Wikidata id and by gold
  ALTERNATIVE_NAME and ABBREVIATION links; a (group, relation, group) counts once,
  however often it is stated. Relations inside a group aren't facts.
* ``overlap``: end to end, where a predicted mention stands for the gold mention of its
  type that it overlaps most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kgbuild.extract.decode import average_pairs, best_labels
from kgbuild.extract.joint import JointExtractor
from kgbuild.ontology import RELATIONS
from kgbuild.train.evaluate import Report, Row
from kgbuild.train.nerel import GoldDocument
from kgbuild.train.scores import compare
from kgbuild.types import Mention, Relation

SAME_THING = frozenset({"ALTERNATIVE_NAME", "ABBREVIATION"})


def related_pairs(extractor: JointExtractor, documents: Sequence[GoldDocument]) -> Report:
    """Which relation, given that there is one."""
    gold: list[Row] = []
    predicted: list[Row] = []
    for document in documents:
        gold += [(document.name, relation) for relation in document.relations]
        wanted = {(r.subject, r.object) for r in document.relations}
        [windows] = extractor.score_pairs([document.text], [document.mentions])
        averaged = average_pairs(windows)
        labels, _ = best_labels(document.mentions, averaged)
        for (s, o), label in zip(averaged.pairs.tolist(), labels.tolist(), strict=True):
            pair = document.mentions[s], document.mentions[o]
            if pair in wanted:
                predicted.append((document.name, Relation(RELATIONS[label], *pair)))
    scores = compare(gold, predicted, lambda row: row[1].relation)
    return Report("relations, gold mentions, related pairs only", len(documents), scores, {})


Fact = tuple[str, str, str, str]


def facts(documents: Sequence[GoldDocument], predicted: Iterable[Row]) -> Report:
    """What a user sees: each fact of a document once."""
    groups = {document.name: _groups(document) for document in documents}
    gold = [f for d in documents for r in d.relations for f in _fact(groups[d.name], d.name, r)]
    found = [f for name, relation in predicted for f in _fact(groups[name], name, relation)]
    scores = compare(gold, found, lambda fact: fact[2])
    return Report("facts of a document, gold mentions", len(documents), scores, {})


def _fact(groups: dict[Mention, str], name: str, relation: Relation) -> list[Fact]:
    subject, obj = groups[relation.subject], groups[relation.object]
    return [] if subject == obj else [(name, subject, relation.relation, obj)]


def _groups(document: GoldDocument) -> dict[Mention, str]:
    """A group's name for every mention, by union of links."""
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        while parent.setdefault(item, item) != item:
            item = parent[item]
        return item

    for mention in document.mentions:
        if link := document.links.get(mention):
            parent[root(mention)] = root(link)
    for relation in document.relations:
        if relation.relation in SAME_THING:
            parent[root(relation.subject)] = root(relation.object)
    return {mention: str(root(mention)) for mention in document.mentions}


def overlapping(documents: Sequence[GoldDocument], predicted: Iterable[Row]) -> list[Row]:
    """Predicted relations with each mention replaced by the gold one it overlaps most."""
    gold = {document.name: document.mentions for document in documents}
    return [
        (name, Relation(r.relation, _match(r.subject, gold[name]), _match(r.object, gold[name])))
        for name, r in predicted
    ]


def _match(mention: Mention, gold: Sequence[Mention]) -> Mention:
    def shared(other: Mention) -> int:
        return min(mention.end, other.end) - max(mention.start, other.start)

    same = [other for other in gold if other.type == mention.type and shared(other) > 0]
    return max(same, key=lambda o: (shared(o), -(o.end - o.start)), default=mention)
