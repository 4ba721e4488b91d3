"""An extractor made of a mention finder and a relation extractor."""

from __future__ import annotations

from collections.abc import Sequence

from kgbuild.ports import MentionFinder, RelationExtractor
from kgbuild.types import Extraction


class TwoStageExtractor:
    """Runs the one, then the other; the fingerprint names both."""

    def __init__(self, finder: MentionFinder, relations: RelationExtractor) -> None:
        self.finder = finder
        self.relations = relations

    @property
    def fingerprint(self) -> str:
        """Both parts' fingerprints."""
        return f"{self.finder.fingerprint}+{self.relations.fingerprint}"

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Mentions and relations of each text."""
        mentions = self.finder.find(texts)
        relations = self.relations.relate(texts, mentions)
        return [Extraction(m, r) for m, r in zip(mentions, relations, strict=True)]
