"""Targets by hand: every gold span and label where the network looks for it."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from kgbuild.extract.batch import RELATION_INDEX, TYPE_INDEX
from kgbuild.extract.windows import Window
from kgbuild.ontology import relation_type
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.examples import Example, Shares, collate, epoch_batches, prepare
from kgbuild.train.fit import special_ids
from kgbuild.types import Mention, Relation
from tests.train.gold import document, documents

PERSON, ORG, COUNTRY, CITY = (
    TYPE_INDEX[n] for n in ("PERSON", "ORGANIZATION", "COUNTRY", "CITY")
)  # fmt: skip


def whole(gold: GoldDocument, tokenizer: Tokenizer) -> tuple[Example, Window]:
    [example] = prepare([gold], tokenizer, 254)
    return example, Window(0, len(example.table.starts))


def test_spans_by_hand(tokenizer: Tokenizer) -> None:
    gold = document(
        "a", "В [Банке [России|COUNTRY]|ORGANIZATION] [Анна|PERSON] и [Пётр Ива нов|PERSON]."
    )
    other = document("b", "[Москва|CITY]")
    group = [whole(gold, tokenizer), whole(other, tokenizer)]
    batch = collate(group, special_ids(tokenizer), 3)
    assert sorted(batch.spans.tolist()) == sorted(
        [[0, 1, 1, ORG], [0, 2, 0, COUNTRY], [0, 3, 0, PERSON], [0, 5, 2, PERSON], [1, 0, 0, CITY]]
    )
    narrow = collate(group, special_ids(tokenizer), 2)
    assert [0, 5, 2, PERSON] not in narrow.spans.tolist()
    assert len(narrow.spans) == 4


def test_one_target_for_mentions_on_the_same_words(tokenizer: Tokenizer) -> None:
    mentions = (Mention(0, 4, "PERSON"), Mention(0, 3, "PERSON"))
    gold = GoldDocument("a", "Иван пришёл", mentions, (), {})
    batch = collate([whole(gold, tokenizer)], special_ids(tokenizer), 3)
    assert batch.spans.tolist() == [[0, 0, 0, PERSON]]


def both_ways(relation: Relation) -> list[tuple[Mention, Mention]]:
    """A relation's ends, and turned where it is symmetric."""
    ends = (relation.subject, relation.object)
    return [ends, ends[::-1]] if relation_type(relation.relation).symmetric else [ends]


def test_every_gold_span_and_label_is_a_target(tokenizer: Tokenizer) -> None:
    group = [whole(d, tokenizer) for d in documents()]
    batch = collate(group, special_ids(tokenizer), 16)
    assert len(batch.spans) == sum(len(d.mentions) for d in documents())
    assert batch.labels.shape == batch.known.shape == (len(batch.pairs.pairs), 50)
    assert batch.bags.tolist() == list(range(len(batch.pairs.pairs)))
    found = set()
    for row, label in batch.labels.nonzero().tolist():
        s, o = batch.pairs.pairs[row].tolist()
        window, first, last, _ = batch.pairs.entities[s].tolist()
        table, text = group[window][0].table, documents()[window].text
        subject = text[table.starts[first] : table.ends[last]]
        _, first, last, _ = batch.pairs.entities[o].tolist()
        found.add((window, subject, label, text[table.starts[first] : table.ends[last]]))
    expected = {
        (i, d.text[one.start : one.end], RELATION_INDEX[r.relation], d.text[two.start : two.end])
        for i, d in enumerate(documents())
        for r in d.relations
        for one, two in both_ways(r)
    }
    assert found == expected
    assert batch.labels.sum() == len(expected) == sum(len(d.relations) for d in documents()) + 1


def test_a_pair_may_have_two_labels(tokenizer: Tokenizer) -> None:
    gold = document("a", "[Иван|PERSON], [Пётр|PERSON] => 1 SIBLING 2, 1 PARENT_OF 2")
    batch = collate([whole(gold, tokenizer)], special_ids(tokenizer), 4)
    rows = {tuple(p): row for p, row in zip(batch.pairs.pairs.tolist(), batch.labels, strict=True)}
    assert rows[0, 1].nonzero().flatten().tolist() == sorted(
        RELATION_INDEX[name] for name in ("SIBLING", "PARENT_OF")
    )
    assert rows[1, 0].nonzero().flatten().tolist() == [RELATION_INDEX["SIBLING"]]


def test_mentions_and_relations_cut_by_a_window_are_no_targets(tokenizer: Tokenizer) -> None:
    gold = document("a", "[Иван Петров|PERSON] из [Москвы|CITY] => 1 PLACE_RESIDES_IN 2")
    example, _ = whole(gold, tokenizer)
    batch = collate([(example, Window(1, 4))], special_ids(tokenizer), 4)
    assert batch.spans.tolist() == [[0, 2, 0, CITY]]
    assert batch.labels.sum() == 0


def test_unknown_relations_and_forbidden_pairs_are_left_out(tokenizer: Tokenizer) -> None:
    gold = document("a", "[Иван|PERSON] [Москва|CITY] => 1 NO_SUCH 2, 2 PARENT_OF 1")
    example, window = whole(gold, tokenizer)
    assert [label for _, _, label in example.relations] == [RELATION_INDEX["PARENT_OF"]]
    batch = collate([(example, window)], special_ids(tokenizer), 4)
    allowed_rows = {tuple(p) for p in batch.pairs.pairs.tolist()}
    assert batch.labels.sum() == ((1, 0) in allowed_rows)


def test_an_epoch_holds_every_word_once_in_batches_that_fit(tokenizer: Tokenizer) -> None:
    long = document("long", "Да нет да. " * 100)
    examples = prepare([*documents(), long], tokenizer, 60)
    groups = epoch_batches(examples, 60, 200, random.Random(1))
    words: dict[str, list[int]] = {}
    for group in groups:
        assert group
        batch = collate(group, special_ids(tokenizer), 4)
        assert batch.text.ids.numel() <= 200 or len(group) == 1
        assert batch.text.ids.shape[1] <= 62
        for example, window in group:
            words.setdefault(example.document.name, []).extend(range(window.start, window.end))
    for example in examples:
        assert sorted(words[example.document.name]) == list(range(len(example.table.starts)))


def test_an_epoch_repeats_with_its_seed_and_differs_without(tokenizer: Tokenizer) -> None:
    examples = prepare([document("long", "Да нет да. " * 100)], tokenizer, 60)

    def cut(seed: int) -> list[list[Window]]:
        groups = epoch_batches(examples, 60, 200, random.Random(seed))
        return [[window for _, window in group] for group in groups]

    assert cut(1) == cut(1)
    assert cut(1) != cut(2)


def test_documents_without_words_or_mentions_are_borne(tokenizer: Tokenizer) -> None:
    examples = prepare([document("a", ""), document("b", "Нет имён.")], tokenizer, 60)
    groups = epoch_batches(examples, 60, 200, random.Random(1))
    [[(example, window)]] = groups
    assert example.document.name == "b"
    batch = collate([(example, window)], special_ids(tokenizer), 4)
    assert batch.spans.shape == (0, 4)
    assert batch.pairs.pairs.shape == (0, 2)
    assert batch.labels.shape == (0, 50)


@pytest.mark.parametrize("seed", range(5))
def test_targets_agree_with_the_text_however_it_is_cut(tokenizer: Tokenizer, seed: int) -> None:
    examples = prepare(documents(), tokenizer, 30)
    for group in epoch_batches(examples, 30, 90, random.Random(seed)):
        batch = collate(group, special_ids(tokenizer), 16)
        for window, word, width, kind in batch.spans.tolist():
            example, cut = group[window]
            table = example.table
            start = int(table.starts[cut.start + word])
            end = int(table.ends[cut.start + word + width])
            types = [
                TYPE_INDEX[m.type]
                for m in example.document.mentions
                if (m.start, m.end) == (start, end)
            ]
            assert kind in types
        assert torch.isfinite(batch.labels).all()
        assert batch.labels.numpy().dtype == np.float32


def test_variants_are_the_document_in_other_cases(tokenizer: Tokenizer) -> None:
    gold = document("a", "[Иван|PERSON] из [МГУ|ORGANIZATION], улица ß. => 1 WORKPLACE 2")
    [example] = prepare([gold], tokenizer, 254, cases=True)
    texts = [v.document.text for v in example.variants]
    assert texts == ["иван из мгу, улица ß.", "ИВАН ИЗ МГУ, УЛИЦА ß."]  # offsets stay
    for variant in example.variants:
        assert variant.document.mentions == gold.mentions
        assert variant.relations == example.relations
        assert variant.spans.tolist() == example.spans.tolist()
        assert variant.table.text == variant.document.text
        assert variant.table.ids.tolist() != example.table.ids.tolist()
        assert not variant.variants
    [plain] = prepare([gold], tokenizer, 254)
    assert plain.variants == ()


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 60, 140), (1.0, 200, 200)])
def test_recased_is_the_share_of_documents_read_in_a_variant(
    tokenizer: Tokenizer, share: float, least: int, most: int
) -> None:
    [example] = prepare([document("a", "[Иван|PERSON] пришёл.")], tokenizer, 60, cases=True)
    groups = epoch_batches([example] * 200, 60, 200, random.Random(3), Shares(share))
    read = [chosen.document.text for group in groups for chosen, _ in group]
    assert len(read) == 200
    changed = [text for text in read if text != "Иван пришёл."]
    assert least <= len(changed) <= most
    assert set(changed) == ({"иван пришёл.", "ИВАН ПРИШЁЛ."} if share else set())
