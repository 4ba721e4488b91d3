"""Gold documents → training batches: windows redrawn each epoch, targets of both tasks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kgbuild.extract.batch import (
    DENIED,
    REFERENCES,
    RELATION_INDEX,
    Ints,
    PairBatch,
    TextBatch,
    WindowMentions,
    coreferent_pairs,
    inside,
    locate_all,
    pair_batch,
    symmetric_labels,
    text_batch,
)
from kgbuild.extract.references import Floats
from kgbuild.extract.windows import Window, WordTable, plan, tabulate, width
from kgbuild.train.corpora.nerel import Fact, GoldDocument
from kgbuild.train.denying import denying
from kgbuild.types import Mention

Special = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class StatedFact:
    """A relation of two entities, by number, and the pairs of mentions that stand closest."""

    subject: int
    object: int
    label: int
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A document ready to be cut: its table, its mentions (references among them) and where
    they lie, its relations; where ``unsure`` spans lie [n, 2].

    ``variants`` are the same document in capitals and without them, ``denials`` with sentences
    that deny what they said (:mod:`kgbuild.train.denying`), ``found`` with mentions as weights
    find them. Where facts are known between entities, ``entity`` [n] says which each mention
    is, ``facts`` between which mentions a fact is stated at the closest, ``denied`` the same of
    what isn't so, ``unsaid`` the pairs of entities whose facts aren't known, ``strangers`` [n]
    the entities whose aren't; elsewhere ``entity`` is empty.
    """

    document: GoldDocument
    table: WordTable
    mentions: tuple[Mention, ...]
    spans: Ints
    relations: tuple[tuple[int, int, int], ...]
    variants: tuple[Example, ...] = ()
    entity: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    facts: tuple[StatedFact, ...] = ()
    denied: tuple[StatedFact, ...] = ()
    denials: tuple[Example, ...] = ()
    unsure: Ints = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    unsaid: tuple[tuple[int, int], ...] = ()
    strangers: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    found: Example | None = None


@dataclass(frozen=True, slots=True)
class TrainBatch:
    """Windows with targets.

    ``spans`` [G, 4]: gold spans (window, word, width − 1, type); ``unsure`` [U, 4]: spans that
    don't count; ``referring`` [B]: whether
    a window's references are annotated. ``bags`` [P] puts the pairs together that a label
    is known of: all pairs of two entities, or one pair. ``labels``, ``known`` [bags, 50]:
    relations and whether what joins them is denied; what isn't known doesn't count.
    ``coreference`` [P]: whether a reference means a mention, −1 for other pairs.
    """

    text: TextBatch
    spans: torch.Tensor
    unsure: torch.Tensor
    referring: torch.Tensor
    pairs: PairBatch
    bags: torch.Tensor
    labels: torch.Tensor
    known: torch.Tensor
    coreference: torch.Tensor


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of documents that an epoch reads in a variant: with denials, of the others in other
    cases, of the rest with found mentions, as far as a document has such a variant."""

    recased: float = 0.0
    denied: float = 0.0
    found: float = 0.0


DENIALS = 2
"""Variants of a document with denials, made once."""


def prepare(
    documents: Sequence[GoldDocument],
    tokenizer: Tokenizer,
    max_tokens: int,
    cases: bool = False,
    denials: bool = False,
    references: bool = True,
) -> list[Example]:
    """Tokenise documents once; relations become (subject, object, label) over mention numbers.

    ``cases`` prepares each document's variants too, ``denials`` those with denials where facts
    are known between entities. Without ``references`` only what is named is a mention.
    """
    examples = []
    for given in documents:
        document = given if references else replace(given, references=())
        table = tabulate(document.text, tokenizer, max_tokens)
        number = {mention: i for i, mention in enumerate(document.mentions)}
        relations = tuple(
            (number[r.subject], number[r.object], RELATION_INDEX[r.relation])
            for r in document.relations
            if r.relation in RELATION_INDEX
        )
        variants = tuple(prepare(_in_other_cases(document), tokenizer, max_tokens) if cases else ())
        mentions, names = with_references(document)
        spans = locate_all(table, mentions)
        unsure = locate_all(table, document.unsure)
        example = Example(document, table, mentions, spans, relations, variants, unsure=unsure)
        if document.by_entities:
            example = _between_entities(example, names)
            chance = random.Random(document.name)
            changed = [denying(document, chance) for _ in range(DENIALS if denials else 0)]
            made = prepare(changed, tokenizer, max_tokens)
            example = replace(example, denials=tuple(made))
            if document.as_found is not None:
                [found] = prepare([document.as_found], tokenizer, max_tokens)
                example = replace(example, found=found)
        examples.append(example)
    return examples


def with_references(document: GoldDocument) -> tuple[tuple[Mention, ...], list[str]]:
    """A document's mentions, its references to people and organisations behind them as
    mentions of types of their own, and the entity of each."""
    entities = document.entities
    types = {entity: mention.type for mention, entity in entities.items()}
    kinds = {stands: name for name, stands in REFERENCES.items()}
    references = {
        Mention(r.start, r.end, kinds[types[r.entity]]): r.entity
        for r in document.references
        if types.get(r.entity) in kinds
    }
    names = [entities.get(m, "") for m in document.mentions]
    return (*document.mentions, *references), [*names, *references.values()]


def _between_entities(example: Example, names: Sequence[str]) -> Example:
    """The example with the facts of its document."""
    index = {name: i for i, name in enumerate(dict.fromkeys(names))}
    found: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        if example.spans[number, 0] >= 0:
            found.setdefault(name, []).append(number)
    sentence = example.table.sentence[example.spans[:, 0]]

    def closest(fact: Fact) -> tuple[tuple[int, int], ...]:
        pairs = [
            (abs(int(sentence[x] - sentence[y])), x, y)
            for x in found.get(fact.subject, ())
            for y in found.get(fact.object, ())
            if x != y
        ]
        least = min(pairs)[0] if pairs else 0
        return tuple((x, y) for apart, x, y in pairs if apart == least)

    facts = [
        StatedFact(index[f.subject], index[f.object], RELATION_INDEX[f.relation], places)
        for f in example.document.facts
        if (places := closest(f))
    ]
    for several in found.values():  # names of one entity
        variants = [n for n in several if example.mentions[n].type not in REFERENCES]
        places = tuple((x, y) for x in variants for y in variants if x != y)
        numbers = {n for x, y, r in example.relations if r == _NAMES for n in (x, y)}
        if numbers & set(variants):
            one = index[names[variants[0]]]
            facts.append(StatedFact(one, one, _NAMES, places))
    denied = tuple(
        StatedFact(index[d.subject], index[d.object], RELATION_INDEX[d.relation], places)
        for d in example.document.denied
        if (places := closest(d))
    )
    document = example.document
    unsaid = ((index.get(f.subject, -1), index.get(f.object, -1)) for f in document.unsaid)
    return replace(
        example,
        entity=np.array([index[name] for name in names], np.int64),
        facts=tuple(facts),
        denied=denied,
        unsaid=tuple((a, b) for a, b in unsaid if a >= 0 and b >= 0),
        strangers=np.array([index[n] for n in index if n in document.strangers], np.int64),
    )


_NAMES = RELATION_INDEX["ALTERNATIVE_NAME"]


def _in_other_cases(document: GoldDocument) -> list[GoldDocument]:
    """The document in small letters and in capitals; letters that have no single other stay."""
    text = document.text
    lower, upper = (
        "".join(c if len(c) == 1 else old for c, old in zip(map(change, text), text, strict=True))
        for change in (str.lower, str.upper)
    )
    return [replace(document, text=changed) for changed in (lower, upper)]


def epoch_batches(
    examples: Sequence[Example],
    max_tokens: int,
    batch_tokens: int,
    shuffle: random.Random,
    shares: Shares | None = None,
) -> list[list[tuple[Example, Window]]]:
    """One epoch: windows cut anew, grouped by length, the groups in random order."""
    items = [
        (chosen, window)
        for example in examples
        for chosen in [_dressed(example, shares or Shares(), shuffle)]
        for window in plan(chosen.table, max_tokens, 0, shuffle)
    ]
    shuffle.shuffle(items)
    pool = sorted(items, key=lambda item: _length(*item) + shuffle.randint(0, 24))
    groups: list[list[tuple[Example, Window]]] = [[]]
    for item in pool:
        longest = max(_length(*other) for other in [*groups[-1], item])
        if groups[-1] and longest * (len(groups[-1]) + 1) > batch_tokens:
            groups.append([])
        groups[-1].append(item)
    shuffle.shuffle(groups)
    return groups


def _dressed(example: Example, shares: Shares, shuffle: random.Random) -> Example:
    if example.denials and shuffle.random() < shares.denied:
        return shuffle.choice(example.denials)
    if example.variants and shuffle.random() < shares.recased:
        return shuffle.choice(example.variants)
    if example.found is not None and shuffle.random() < shares.found:
        return example.found
    return example


def _length(example: Example, window: Window) -> int:
    return width(example.table, window)


def collate(
    group: Sequence[tuple[Example, Window]], specials: Special, max_width: int
) -> TrainBatch:
    """Tensors and targets of a group of windows."""
    items = [(example.table, window) for example, window in group]
    found = [inside(w, e.mentions, e.spans) for e, w in group]
    pairs = pair_batch(items, found)
    spans = torch.from_numpy(_span_targets(found, max_width))
    unsure = torch.from_numpy(
        _span_targets([inside(w, e.document.unsure, e.unsure) for e, w in group], max_width)
    )
    referring = torch.tensor([e.document.by_entities for e, _ in group])
    targets = (torch.from_numpy(array) for array in _pair_targets(group, found, pairs))
    return TrainBatch(text_batch(items, specials), spans, unsure, referring, pairs, *targets)


def _span_targets(found: Sequence[WindowMentions], max_width: int) -> Ints:
    rows = []
    for row, mentions in enumerate(found):
        width = mentions.spans[:, 1] - mentions.spans[:, 0]
        columns = (np.full(len(width), row), mentions.spans[:, 0], width, mentions.types)
        rows.append(np.unique(np.stack(columns, 1)[width < max_width], axis=0))
    return np.concatenate(rows).astype(np.int64)


def _pair_targets(
    group: Sequence[tuple[Example, Window]], found: Sequence[WindowMentions], pairs: PairBatch
) -> tuple[Ints, Floats, Floats, Floats]:
    """Bags, labels, what is known of them, and coreference of a group's pairs."""
    ends = pairs.pairs.numpy()
    window = pairs.entities[:, 0].numpy()[ends[:, 0]] if len(ends) else np.zeros(0, np.int64)
    parts: list[tuple[Ints, Floats, Floats, Floats]] = []
    base = bags = 0
    for row, ((example, _), mentions) in enumerate(zip(group, found, strict=True)):
        mine = ends[window == row] - base
        related = pairs.related.numpy()[window == row]
        target = (_entity_targets if len(example.entity) else _mention_targets)(
            example, mentions, mine, related
        )
        parts.append((target[0] + bags, *target[1:]))
        base, bags = base + len(mentions.numbers), bags + len(target[1])
    bag, labels, known, coreference = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return bag, labels, known, coreference


def _mention_targets(
    example: Example, mentions: WindowMentions, pairs: Ints, related: NDArray[np.bool_]
) -> tuple[Ints, Floats, Floats, Floats]:
    """Relations annotated between mentions: each pair is a bag of its own."""
    labels = np.zeros((len(pairs), DENIED + 1), np.float32)
    known = np.ones_like(labels)
    known[:, DENIED] = 0
    row_of = {(s, o): i for i, (s, o) in enumerate(pairs.tolist())}
    local = {number: i for i, number in enumerate(mentions.numbers)}
    for subject, obj, label in example.relations:
        found = local.get(subject), local.get(obj)
        for pair in (found, found[::-1]) if symmetric_labels()[label] else (found,):
            if pair in row_of:
                labels[row_of[pair], label] = 1.0
    return np.arange(len(pairs)), labels, known, np.full(len(pairs), -1, np.float32)


def _entity_targets(
    example: Example, mentions: WindowMentions, pairs: Ints, related: NDArray[np.bool_]
) -> tuple[Ints, Floats, Floats, Floats]:
    """Facts known between entities: all related pairs of two entities are one bag (at least
    one of them states the fact). What is stated or denied between mentions elsewhere in the
    text isn't known here. Pairs that no relation may join are bags that don't count."""
    held = np.array(mentions.numbers, np.int64)
    entity = example.entity[held]
    ends = entity[pairs] if len(pairs) else np.zeros((0, 2), np.int64)
    keys = np.where(related, ends[:, 0] * (example.entity.max() + 1) + ends[:, 1], -1)
    unique, first, bag = np.unique(keys, return_index=True, return_inverse=True)
    row_of = {(a, b): i for i, (a, b) in enumerate(ends[first].tolist()) if unique[i] >= 0}
    labels = np.zeros((len(unique), DENIED + 1), np.float32)
    known = np.repeat((unique >= 0).astype(np.float32)[:, None], DENIED + 1, 1)
    strange = np.isin(ends[first], example.strangers).any(1)
    open_to = {row_of[way] for a, b in example.unsaid for way in ((a, b), (b, a)) if way in row_of}
    known[strange] = 0.0
    known[sorted(open_to)] = 0.0
    inside_here = set(mentions.numbers)

    def stands(fact: StatedFact) -> bool:
        return any(x in inside_here and y in inside_here for x, y in fact.places)

    said = [(f.label, f) for f in example.facts] + [(DENIED, f) for f in example.denied]
    # Of several sayings of a pair the one that stands here is written last, and holds.
    ordered = sorted(((stands(f), label, f) for label, f in said), key=itemgetter(0))
    for stated, label, fact in ordered:
        ways = ((fact.subject, fact.object), (fact.object, fact.subject))
        for pair in ways if symmetric_labels()[fact.label] else ways[:1]:
            if pair in row_of:
                labels[row_of[pair], label] = float(stated)
                known[row_of[pair], label] = float(stated)
    kinds = mentions.types[pairs]
    meant = coreferent_pairs()[kinds[:, 0], kinds[:, 1]]
    same = (ends[:, 0] == ends[:, 1]).astype(np.float32)
    return bag.reshape(-1), labels, known, np.where(meant, same, -1).astype(np.float32)


def stream(
    groups: Sequence[Sequence[tuple[Example, Window]]], specials: Special, max_width: int
) -> Iterator[TrainBatch]:
    """The batches of an epoch, made as they are asked for."""
    for group in groups:
        yield collate(group, specials, max_width)
