"""R-BERT as published: one encoder pass a pair, the two mentions marked in the text.

Wu and He 2019, "Enriching Pre-trained Language Model with Entity Information for Relation
Classification": ``$`` around the one mention, ``#`` around the other; a classifier reads the
sentence vector and the mean of each entity's tokens, here with an embedding of each
entity's type, as the bertre model card has it.

It is here to be measured beside the one-pass scorer (``one_pass.py``), which shares the
encoder, the windows and the candidate pairs with it; ``classic_train.py`` trains it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from kgbuild.extract.batch import (
    RELATION_INDEX,
    TYPE_INDEX,
    allowed_pairs,
    locate_all,
)
from kgbuild.extract.calibration import table_of
from kgbuild.extract.decode import DecodingConfig, decode_relations
from kgbuild.extract.network import attention_bias, run
from kgbuild.extract.references import PairScores
from kgbuild.extract.windows import Window, WordTable, tabulate, word_tokenizer
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.ontology import ENTITY_TYPES
from kgbuild.train.fit import special_ids
from kgbuild.types import Mention, Relation

LIMIT = 128
"""Tokens of a pair's window in training, marks and frame included."""

FRAME = 6
"""The tokens that a pair's window adds: ``<s>``, ``</s>`` and four marks."""

TYPE_SIZE, FROZEN, BATCH_TOKENS = 64, 3, 4096


@dataclass(frozen=True, slots=True)
class MarkedPair:
    """Token ids with marks; of each mention the tokens [begin, end) inside its marks; types."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], tuple[int, int]]
    kinds: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """Ids of ``<s>``, ``</s>``, padding, and of the two marks."""

    begin: int
    end: int
    pad: int
    marks: tuple[int, int]


def frame_of(encoder: LoadedEncoder) -> Frame:
    """The special ids of an encoder; the marks are its tokens for ``$`` and ``#``."""
    tokenizer = word_tokenizer(encoder.tokenizer)
    marks = [tokenizer.encode(sign, add_special_tokens=False).ids[-1] for sign in "$#"]
    return Frame(*special_ids(tokenizer), (marks[0], marks[1]))


def mark(
    table: WordTable, window: Window, words: Sequence[Sequence[int]], kinds: tuple[int, int],
    frame: Frame, limit: int | None = None,
) -> MarkedPair | None:  # fmt: skip
    """A window with the words of a subject and an object marked; ``limit`` cuts it around them.

    None where the two don't fit into the limit.
    """
    spans = [(int(table.first[a]), int(table.last[b]) + 1) for a, b in words]
    low, high = int(table.first[window.start]), int(table.last[window.end - 1]) + 1
    if limit is not None:
        left, right = min(a for a, _ in spans), max(b for _, b in spans)
        room = limit - FRAME - (right - left)
        if room < 0:
            return None
        low = max(low, left - max(room // 2, room - (high - right)))
        high = min(high, right + room - (left - low))
    events = [
        event
        for (a, b), sign in zip(spans, frame.marks, strict=True)
        for event in ((a, 1, a - b, sign), (b, 0, b - a, sign))
    ]
    ids, at = [frame.begin], low
    places: dict[int, list[int]] = {sign: [] for sign in frame.marks}
    for place, opens, _, sign in sorted(events):  # closing before opening, nested inside
        ids += table.ids[at:place].tolist()
        at = place
        places[sign].append(len(ids) + opens)
        ids.append(sign)
    ids += [*table.ids[at:high].tolist(), frame.end]
    subject, obj = (tuple(places[sign]) for sign in frame.marks)
    return MarkedPair(tuple(ids), (subject, obj), kinds)  # type: ignore[arg-type]


class ClassicRBert(nn.Module):
    """An encoder of its own and a linear classifier of one pair."""

    def __init__(self, encoder: LoadedEncoder, frozen: int = FROZEN) -> None:
        super().__init__()
        hidden = encoder.model.config.hidden_size
        self.embeddings = encoder.model.embeddings
        self.frozen = encoder.model.encoder.layer[:frozen]
        self.layers = encoder.model.encoder.layer[frozen:]
        self.types = nn.Embedding(len(ENTITY_TYPES), TYPE_SIZE)
        self.out = nn.Linear(3 * hidden + 2 * TYPE_SIZE, len(RELATION_INDEX))
        self.dropout = nn.Dropout(0.1)
        nn.init.constant_(self.out.bias, -2.0)

    def forward(self, batch: Sequence[MarkedPair], pad: int) -> Tensor:
        """Pairs → logits [P, 49]."""
        place = self.out.weight.device
        lengths = torch.tensor([len(pair.ids) for pair in batch])
        ids = torch.full((len(batch), int(lengths.max())), pad)
        for row, pair in enumerate(batch):
            ids[row, : len(pair.ids)] = torch.tensor(pair.ids)
        mask = (torch.arange(ids.shape[1])[None] < lengths[:, None]).to(place)
        bias = attention_bias(mask, self.embeddings.word_embeddings.weight.dtype)
        with torch.no_grad():
            states = run(self.frozen, self.embeddings(ids.to(place)), bias)
        states = run(self.layers, states, bias)
        spans = torch.tensor([pair.spans for pair in batch], device=place)
        column = torch.arange(ids.shape[1], device=place)
        inside = (column >= spans[..., :1]) & (column < spans[..., 1:])
        means = (inside / inside.sum(-1, keepdim=True)).to(states.dtype) @ states
        kinds = self.types(torch.tensor([pair.kinds for pair in batch], device=place))
        read = torch.cat([states[:, 0], means.flatten(1), kinds.flatten(1).to(states.dtype)], 1)
        return self.out(self.dropout(read))  # type: ignore[no-any-return]

    def trained(self) -> dict[str, Tensor]:
        """What a weight file holds."""
        parts = ("layers.", "types.", "out.")
        return {n: p.detach() for n, p in self.named_parameters() if n.startswith(parts)}


def candidates(mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    """Ordered pairs of mentions whose types the ontology relates."""
    kinds = np.array([TYPE_INDEX[m.type] for m in mentions], np.int64)
    found = allowed_pairs()[kinds[:, None], kinds[None, :]].copy()
    np.fill_diagonal(found, False)
    return [(int(s), int(o)) for s, o in np.argwhere(found)]


class ClassicExtractor:
    """Scores the pairs of whole documents, as far as both fit into one cut window."""

    def __init__(self, model: ClassicRBert, encoder: LoadedEncoder, limit: int = LIMIT) -> None:
        self.model, self.limit = model.eval(), limit
        self.tokenizer, self.frame = word_tokenizer(encoder.tokenizer), frame_of(encoder)
        self.device = encoder.device
        self.low_precision = encoder.dtype is torch.bfloat16
        self.decoding = DecodingConfig(
            table_of({}, RELATION_INDEX), np.full(len(RELATION_INDEX), 0.5, np.float32)
        )

    def pairs(
        self, text: str, mentions: Sequence[Mention], ends: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[tuple[int, int], MarkedPair]]:
        """Pairs of mentions of a text, marked; those that fit into no window are left out."""
        table = tabulate(text, self.tokenizer, self.limit - FRAME)
        spans = locate_all(table, mentions)
        whole = Window(0, len(table.starts))
        for s, o in ends:
            if spans[s, 0] < 0 or spans[o, 0] < 0:
                continue
            kinds = TYPE_INDEX[mentions[s].type], TYPE_INDEX[mentions[o].type]
            pair = mark(table, whole, (spans[s], spans[o]), kinds, self.frame, self.limit)
            if pair is not None:
                yield (s, o), pair

    @torch.inference_mode()
    def probabilities(self, pairs: Sequence[MarkedPair]) -> np.ndarray:
        """Pairs → [P, 49], batched by length."""
        scores = np.zeros((len(pairs), len(RELATION_INDEX)), np.float32)
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids))
        begin = 0
        while begin < len(order):
            end = begin + 1
            while (
                end < len(order) and len(pairs[order[end]].ids) * (end + 1 - begin) <= BATCH_TOKENS
            ):
                end += 1
            mine = order[begin:end]
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.low_precision):
                logits = self.model([pairs[i] for i in mine], self.frame.pad)
            scores[mine] = logits.float().sigmoid().cpu().numpy()
            begin = end
        return scores

    def score_pairs(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[PairScores]:
        """Probabilities of each text's pairs."""
        found = []
        for text, held in zip(texts, mentions, strict=True):
            marked = list(self.pairs(text, held, candidates(held)))
            ends = np.array([ends for ends, _ in marked], np.int64).reshape(-1, 2)
            found.append(PairScores(ends, self.probabilities([p for _, p in marked])))
        return found

    def relate(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        """Relations among given mentions of each text."""
        scored = self.score_pairs(texts, mentions)
        return [
            decode_relations(m, s, self.decoding) for m, s in zip(mentions, scored, strict=True)
        ]


def load(folder: Path, encoder: LoadedEncoder) -> ClassicExtractor:
    """The extractor that :func:`save` wrote; the encoder becomes its own."""
    values = json.loads((folder / "classic.json").read_text())
    model = ClassicRBert(encoder).to(encoder.device)
    model.load_state_dict(load_file(folder / "classic.safetensors"), strict=False)
    extractor = ClassicExtractor(model, encoder, values["limit"])
    extractor.decoding = DecodingConfig(
        table_of(values["calibration"], RELATION_INDEX),
        np.full(len(RELATION_INDEX), values["threshold"], np.float32),
    )
    return extractor
