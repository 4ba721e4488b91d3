"""What ``eval resolution`` measures on a folder, put together."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from kgbuild.ports import Extractor, Normalizer, RelationExtractor
from kgbuild.train.corpora.slavicner import Part, read_names
from kgbuild.train.resolution import (
    IN_DOCUMENT,
    LinkedDocument,
    NameScore,
    Place,
    entities_by_rule,
    entities_of,
    found_share,
    is_slavicner,
    namers,
    read_collections,
    score_names,
    score_resolution,
)
from kgbuild.train.scoring.clustering import ClusterScores
from kgbuild.train.scoring.evaluate import BATCH
from kgbuild.train.scoring.identity import RULES
from kgbuild.train.scoring.name_kinds import score_by_kind

CLUSTERS = (
    "clusters: the counted mentions of all documents together are those whose entity is known; "
    "P and R pairwise, B-cubed, CEAF-e (phi4)"
)
NAMES = "names: equal to the lemma but for case, ё and quotes; inflected: where the surface isn't"


class ModelExtractor(Extractor, RelationExtractor, Protocol):
    """Finds mentions and relations, and relations between given mentions."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to measure: topics of SlavicNER, with predicted relations, with found mentions."""

    part: Part = "held-out"
    relations: bool = False
    predicted: bool = False


@dataclass(frozen=True, slots=True)
class ResolutionReport:
    """Scores by system; ``found`` is the share of counted mentions that were found, ``people``
    the names of people with the rest of their document, by gender, case and writing order."""

    protocol: str
    documents: int
    clusters: dict[str, ClusterScores]
    names: dict[str, NameScore]
    found: float | None
    people: dict[str, NameScore]

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "protocol": self.protocol,
            "documents": self.documents,
            "found": None if self.found is None else round(self.found, 4),
            "clusters": {name: scores.to_dict() for name, scores in self.clusters.items()},
            "names": {name: scores.to_dict() for name, scores in self.names.items()},
            "people": {kind: scores.to_dict() for kind, scores in self.people.items()},
        }


def report_resolution(
    folder: Path, choice: Choice, normalizer: Normalizer, model: ModelExtractor | None = None
) -> ResolutionReport:
    """Measure ours and the common rules on a folder of NEREL or SlavicNER.

    ``model`` is needed where relations or mentions are to be predicted.

    Raises:
        FormatError: the folder holds neither corpus.
    """
    collections = read_collections(folder, choice.part)
    gold = [document for one in collections for document in one]
    systems: dict[str, dict[Place, Hashable]] = {name: {} for name in ("ours", *RULES)}
    seen: list[LinkedDocument] = []
    for number, documents in enumerate(collections):
        given = documents if model is None else _predicted(documents, choice, model)
        seen += given
        by_system = {rule: entities_by_rule(given, rule) for rule in RULES}
        by_system["ours"] = dict(entities_of(given, normalizer))
        for name, entities in by_system.items():
            systems[name].update({place: (number, e) for place, e in entities.items()})
    found = seen if choice.predicted else None
    return ResolutionReport(
        _protocol(choice, len(collections)),
        len(gold),
        {name: score_resolution(gold, system, found) for name, system in systems.items()},
        _names(folder, choice, normalizer),
        None if found is None else found_share(gold, found),
        _people(folder, choice, normalizer),
    )


def _names(folder: Path, choice: Choice, normalizer: Normalizer) -> dict[str, NameScore]:
    if not is_slavicner(folder):
        return {}
    documents = read_names(folder, choice.part)
    compared = namers(normalizer, documents)
    return {name: score_names(documents, namer) for name, namer in compared.items()}


def _people(folder: Path, choice: Choice, normalizer: Normalizer) -> dict[str, NameScore]:
    if not is_slavicner(folder):
        return {}
    return score_by_kind(read_names(folder, choice.part), namers(normalizer)[IN_DOCUMENT])


def _protocol(choice: Choice, collections: int) -> str:
    mentions = "predicted mentions" if choice.predicted else "gold mentions"
    relations = "predicted relations" if choice.relations else "no relations"
    over = "all documents" if collections == 1 else f"each of {collections} dossiers by itself"
    return f"resolution over {over}, {mentions}, {relations}"


def _predicted(
    gold: Sequence[LinkedDocument], choice: Choice, model: ModelExtractor
) -> list[LinkedDocument]:
    """The documents as the model sees them: without what wasn't asked for."""
    seen = []
    for i in range(0, len(gold), BATCH):
        batch = gold[i : i + BATCH]
        texts = [document.text for document in batch]
        if choice.predicted:
            for document, extraction in zip(batch, model.extract(texts), strict=True):
                relations = extraction.relations if choice.relations else ()
                seen.append(replace(document, mentions=extraction.mentions, relations=relations))
        else:
            answers = model.relate(texts, [document.mentions for document in batch])
            pairs = zip(batch, answers, strict=True)
            seen += [replace(document, relations=relations) for document, relations in pairs]
    return seen
