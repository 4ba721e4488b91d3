"""Further readings of relation quality, each beside the whole-document one.

What each counts is said in :mod:`kgbuild.train.scoring.definitions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kgbuild.extract.decode import best_labels
from kgbuild.extract.joint import JointExtractor
from kgbuild.ontology import RELATIONS
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.scoring.definitions import FACTS, RELATED
from kgbuild.train.scoring.evaluate import Report, Row, restricted
from kgbuild.train.scoring.scores import compare
from kgbuild.types import Mention, Relation

SAME_THING = frozenset({"ALTERNATIVE_NAME", "ABBREVIATION"})


def related_pairs(extractor: JointExtractor, documents: Sequence[GoldDocument]) -> Report:
    """Which relation, given that there is one."""
    gold: list[Row] = []
    predicted: list[Row] = []
    for document in documents:
        gold += [(document.name, relation) for relation in document.relations]
        wanted = {(r.subject, r.object) for r in document.relations}
        [averaged] = extractor.score_pairs([document.text], [document.mentions])
        labels, _ = best_labels(document.mentions, averaged)
        for (s, o), label in zip(averaged.pairs.tolist(), labels.tolist(), strict=True):
            pair = document.mentions[s], document.mentions[o]
            if pair in wanted:
                predicted.append((document.name, Relation(RELATIONS[label], *pair)))
    scores = compare(gold, predicted, lambda row: row[1].relation)
    return Report(RELATED, len(documents), scores, restricted(documents, gold, predicted))


Fact = tuple[str, str, str, str]


def facts(documents: Sequence[GoldDocument], predicted: Iterable[Row]) -> Report:
    """What a user sees: each fact of a document once."""
    groups = {document.name: _groups(document) for document in documents}
    gold = [f for d in documents for r in d.relations for f in _fact(groups[d.name], d.name, r)]
    found = [f for name, relation in predicted for f in _fact(groups[name], name, relation)]
    scores = compare(gold, found, lambda fact: fact[2])
    return Report(FACTS, len(documents), scores, {})


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
    return [(name, _between_gold(r, gold[name])) for name, r in predicted]


def _between_gold(relation: Relation, gold: Sequence[Mention]) -> Relation:
    subject, obj = standing_for(relation.subject, gold), standing_for(relation.object, gold)
    return Relation(relation.relation, subject, obj, relation.confidence)


def standing_for(mention: Mention, gold: Sequence[Mention]) -> Mention:
    """The gold mention of its type that a mention overlaps most, else the mention itself."""

    def shared(other: Mention) -> int:
        return min(mention.end, other.end) - max(mention.start, other.start)

    same = [other for other in gold if other.type == mention.type and shared(other) > 0]
    return max(same, key=lambda o: (shared(o), -(o.end - o.start)), default=mention)
