"""Evaluation of resolution: are one entity's mentions one, and is it called rightly?

Clusters. Gold mentions are given with their types; those whose entity is known (in NEREL by
a Wikidata link that isn't NULL, in SlavicNER by its cross-document id) are compared, over
all documents together: a gold cluster is every mention with one id, a system cluster every
mention with one entity. The other mentions are resolved along with them but not counted.
Relations aren't given; they are predicted between the gold mentions where asked for.

With predicted mentions, a counted gold mention takes the entity of the predicted mention
with its span and type, else of the one of its type that overlaps it most and isn't taken;
one that wasn't found is an entity of its own. Predicted mentions that match none aren't
counted: what they are is unknown.

Names. The canonical name of a mention against SlavicNER's lemma, without case, ё for е
and quotes; ``inflected`` are the mentions whose surface differs from the lemma in this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgbuild.ports import Normalizer
from kgbuild.resolve.corpus import link_documents
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.naming import NameEvidence, Occurrence, names_of
from kgbuild.resolve.resolver import Resolution, resolve_document
from kgbuild.russian.folding import fold_yo, tokens
from kgbuild.train.corpora.dossiers import read_dossiers
from kgbuild.train.corpora.nerel import GoldDocument, read_folder
from kgbuild.train.corpora.slavicner import NamedDocument, Part, read_names
from kgbuild.train.scoring.clustering import ClusterScores, score_clusters
from kgbuild.train.scoring.identity import RULES, naive_nominative
from kgbuild.types import Document, Mention, Relation

Place = tuple[str, Mention]
"""A mention with the name of its document."""

_QUOTES = str.maketrans(dict.fromkeys("«»„“”\"‘’‹›`'"))


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """A text with mentions; ``entities`` are the known ids of some of them."""

    name: str
    text: str
    mentions: tuple[Mention, ...]
    entities: dict[Mention, str]
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class NameScore:
    """How many names were right, of all and of those that had to change."""

    right: int
    total: int
    inflected_right: int
    inflected: int

    @property
    def share(self) -> float:
        """The share of names that were right."""
        return self.right / self.total if self.total else 0.0

    def to_dict(self) -> dict[str, float | int]:
        """As JSON."""
        return {
            "accuracy": round(self.share, 4),
            "inflected_accuracy": round(self.inflected_right / self.inflected, 4)
            if self.inflected
            else 0.0,
            "names": self.total,
            "inflected": self.inflected,
        }


def is_slavicner(folder: Path) -> bool:
    """Whether a folder holds SlavicNER's files rather than brat's."""
    return not any(folder.glob("*.ann")) and any(folder.glob("*.tsv"))


def read_linked(folder: Path, part: Part = "all") -> list[LinkedDocument]:
    """The documents of a NEREL folder, or of a part of SlavicNER.

    Raises:
        FormatError: the folder holds neither, or a file isn't as it should be.
    """
    if is_slavicner(folder):
        return [from_names(document) for document in read_names(folder, part)]
    return [from_nerel(document) for document in read_folder(folder)]


NAMED = frozenset(
    {"AWARD", "CITY", "COUNTRY", "DISTRICT", "FACILITY", "FAMILY", "LOCATION", "ORGANIZATION",
     "PERSON", "PRODUCT", "STATE_OR_PROVINCE", "WORK_OF_ART"}
)  # fmt: skip
"""The types whose mentions count in dossiers, where dates, sums and posts have ids too."""


def read_collections(folder: Path, part: Part = "all") -> list[list[LinkedDocument]]:
    """What is resolved together: a corpus, or each dossier of a folder by itself.

    Raises:
        FormatError: the folder holds no corpus and no dossiers, or a file isn't as it should be.
    """
    if is_slavicner(folder) or any(folder.glob("*.ann")):
        return [read_linked(folder, part)]
    found: dict[str, list[LinkedDocument]] = {}
    for document in read_dossiers(folder):
        counted = {m: entity for m, entity in document.entities.items() if m.type in NAMED}
        linked = LinkedDocument(document.name, document.text, document.mentions, counted)
        found.setdefault(document.name.split("/", maxsplit=1)[0], []).append(linked)
    return list(found.values())


def from_nerel(document: GoldDocument) -> LinkedDocument:
    """Mentions with a Wikidata link."""
    return LinkedDocument(document.name, document.text, document.mentions, document.links)


def from_names(document: NamedDocument) -> LinkedDocument:
    """Every mention has an id."""
    entities = {named.mention: named.entity for named in document.mentions}
    return LinkedDocument(document.name, document.text, tuple(entities), entities)


Resolver = Callable[[Sequence[LinkedDocument]], dict[Place, Hashable]]
"""Gives every mention of the documents its entity."""


def resolutions_of(documents: Sequence[LinkedDocument], normalizer: Normalizer) -> list[Resolution]:
    """Each document resolved by itself."""
    return [_resolved(d.name, d.text, d.mentions, d.relations, normalizer) for d in documents]


def _resolved(
    name: str,
    text: str,
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    normalizer: Normalizer,
) -> Resolution:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return resolve_document(Document(name, text, digest), mentions, relations, normalizer)


def entities_of(documents: Sequence[LinkedDocument], normalizer: Normalizer) -> dict[Place, str]:
    """The entity that this project gives to every mention."""
    resolutions = resolutions_of(documents, normalizer)
    entities = link_documents(resolutions, RussianLinker())
    return {
        (document.name, item.mention): entity
        for document, resolution, found in zip(documents, resolutions, entities, strict=True)
        for item, entity in zip(resolution.mentions, found, strict=True)
    }


def entities_by_rule(documents: Sequence[LinkedDocument], rule: str) -> dict[Place, Hashable]:
    """The entity that a common identity rule gives to every mention."""
    places = [(d.name, m) for d in documents for m in d.mentions]
    surfaces = [(d.text[m.start : m.end], m.type) for d in documents for m in d.mentions]
    return dict(zip(places, RULES[rule](surfaces), strict=True))


def score_resolution(
    gold: Sequence[LinkedDocument],
    system: dict[Place, Hashable],
    predicted: Sequence[LinkedDocument] | None = None,
) -> ClusterScores:
    """Compare the entities of mentions with gold; ``predicted`` where mentions were found."""
    wanted: dict[Place, Hashable] = {
        (d.name, mention): entity for d in gold for mention, entity in d.entities.items()
    }
    if predicted is None:
        return score_clusters(wanted, {place: system[place] for place in wanted})
    stand_in = {}
    for document, found in zip(gold, predicted, strict=True):
        stand_in.update(_matched(document, found.mentions))
    chosen: dict[Place, Hashable] = {
        place: system[place[0], stand_in[place]] if place in stand_in else ("not found", place)
        for place in wanted
    }
    return score_clusters(wanted, chosen)


def found_share(gold: Sequence[LinkedDocument], predicted: Sequence[LinkedDocument]) -> float:
    """Which share of the counted gold mentions has a predicted one that stands for it."""
    pairs = zip(gold, predicted, strict=True)
    matched = sum(len(_matched(document, found.mentions)) for document, found in pairs)
    return matched / (sum(len(document.entities) for document in gold) or 1)


def _matched(gold: LinkedDocument, found: Sequence[Mention]) -> dict[Place, Mention]:
    """Which predicted mention stands for each counted gold one, one to one."""
    exact = set(gold.mentions) & set(found)
    matched = {(gold.name, mention): mention for mention in gold.entities if mention in exact}
    taken = set(exact)
    overlapping = [
        (_overlap(one, other), one, other)
        for one in gold.entities
        if one not in exact
        for other in found
        if other.type == one.type and _overlap(one, other) > 0
    ]
    for _, one, other in sorted(overlapping, key=lambda item: (-item[0], item[1], item[2])):
        if (gold.name, one) not in matched and other not in taken:
            matched[gold.name, one] = other
            taken.add(other)
    return matched


def _overlap(one: Mention, other: Mention) -> int:
    return min(one.end, other.end) - max(one.start, other.start)


def same_name(one: str, other: str) -> bool:
    """Whether two names are equal but for case, ё, quotes and spacing."""
    return _loose(one) == _loose(other)


def _loose(name: str) -> str:
    return " ".join(tokens(fold_yo(name.casefold()).translate(_QUOTES)))


IN_DOCUMENT = "ours, with the rest of its document"
Namer = Callable[[NamedDocument], Sequence[str]]
"""The canonical names of a document's mentions, in their order."""


def score_names(documents: Iterable[NamedDocument], namer: Namer) -> NameScore:
    """Canonical names against lemmas, a mention counting once."""
    right = total = inflected_right = inflected = 0
    for document in documents:
        for named, name in zip(document.mentions, namer(document), strict=True):
            hit, changed = same_name(name, named.lemma), not same_name(named.surface, named.lemma)
            right, total = right + hit, total + 1
            inflected_right, inflected = inflected_right + (hit and changed), inflected + changed
    return NameScore(right, total, inflected_right, inflected)


def namers(normalizer: Normalizer, documents: Sequence[NamedDocument] = ()) -> dict[str, Namer]:
    """What is compared, by the names under which it is printed.

    ``documents`` are all documents, for the names that draw on what the others say.
    """
    elsewhere = NameEvidence()
    for document in documents:
        elsewhere.add(names_of(_occurrences(document)))
    return {
        "ours, each mention alone": lambda document: [
            normalizer.normalize(named.surface, named.mention.type).canonical
            for named in document.mentions
        ],
        IN_DOCUMENT: lambda document: (
            _resolved(
                document.name,
                document.text,
                [named.mention for named in document.mentions],
                (),
                normalizer,
            ).own_names
        ),
        "ours, with all documents": lambda document: [
            name.canonical for name in names_of(_occurrences(document), elsewhere)
        ],
        "each word in the nominative": lambda document: [
            naive_nominative(named.surface) for named in document.mentions
        ],
        "as written": lambda document: [named.surface for named in document.mentions],
    }


def _occurrences(document: NamedDocument) -> list[Occurrence]:
    return [Occurrence.of(document.text, named.mention) for named in document.mentions]
