"""Targets of facts known between entities: bags of pairs, what is known here, references."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from kgbuild.extract.batch import DENIED, RELATION_INDEX, TYPE_INDEX
from kgbuild.extract.windows import Window
from kgbuild.train.corpora.nerel import Fact, GoldDocument
from kgbuild.train.examples import Example, TrainBatch, collate, prepare, with_references
from kgbuild.train.fit import special_ids
from kgbuild.train.found import as_found
from kgbuild.train.loss import log_sum_exp, pair_loss, span_loss
from kgbuild.types import Mention
from tests.train.dossier import document, note
from tests.train.gold import documents

SPOUSE, NAMES = RELATION_INDEX["SPOUSE"], RELATION_INDEX["ALTERNATIVE_NAME"]
WORKPLACE = RELATION_INDEX["WORKPLACE"]
WIDTH = 6
Bags = dict[tuple[str, str], tuple[torch.Tensor, torch.Tensor]]


def batch_of(
    tokenizer: Tokenizer, *golds: GoldDocument, cut: Window | None = None
) -> tuple[list[Example], TrainBatch]:
    examples = prepare(golds, tokenizer, 254)
    group = [(e, cut or Window(0, len(e.table.starts))) for e in examples]
    return examples, collate(group, special_ids(tokenizer), WIDTH)


def bags_of(gold: GoldDocument, example: Example, batch: TrainBatch, start: int = 0) -> Bags:
    """Labels and what is known of them by the two entities of each bag of one window, whose
    pairs are all of these entities."""
    names = with_references(gold)[1]
    spans = {tuple(s): names[i] for i, s in enumerate(example.spans.tolist())}
    ends: dict[int, set[tuple[str, str]]] = defaultdict(set)
    held = [spans[a + start, b + start] for _, a, b, _ in batch.pairs.entities.tolist()]
    for row, (s, o) in enumerate(batch.pairs.pairs.tolist()):
        if batch.pairs.related[row]:
            ends[int(batch.bags[row])].add((held[s], held[o]))
    assert all(len(some) == 1 for some in ends.values())
    return {next(iter(some)): (batch.labels[n], batch.known[n]) for n, some in ends.items()}


def test_all_pairs_of_two_entities_are_one_bag_that_states_their_fact_both_ways(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    gold = document(
        tmp_path,
        "[Иван](PERSON#p1) женат на [Анне](PERSON#p2). [Иван](PERSON#p1) и [Пётр](PERSON#p3).",
        "p1 SPOUSE p2",
    )
    [example], batch = batch_of(tokenizer, gold)
    bags = bags_of(gold, example, batch)
    assert len(batch.pairs.pairs) == 12
    assert len(bags) == 7  # (p1, p1) and six ordered pairs of two
    for ends, (labels, known) in bags.items():
        stated = ends in {("mill.p1", "mill.p2"), ("mill.p2", "mill.p1")}
        assert labels.nonzero().flatten().tolist() == ([SPOUSE] if stated else [])
        assert known.all()
    sizes = torch.bincount(batch.bags)
    assert sizes.sum() == 12
    assert sorted(sizes.tolist()) == [1, 1, 2, 2, 2, 2, 2]


def test_a_directed_fact_holds_one_way(tokenizer: Tokenizer, tmp_path: Path) -> None:
    gold = document(tmp_path, "[Иван](PERSON#p1), отец [Анны](PERSON#p2).", "p1 PARENT_OF p2")
    [example], batch = batch_of(tokenizer, gold)
    bags = bags_of(gold, example, batch)
    assert bags["mill.p1", "mill.p2"][0].sum() == 1
    assert bags["mill.p2", "mill.p1"][0].sum() == 0


def test_a_fact_stated_in_another_window_is_not_known_here(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    gold = document(
        tmp_path,
        "[Иван](PERSON#p1) женат на [Анне](PERSON#p2). [Иван](PERSON#p1) вошёл. "
        "[Анна](PERSON#p2) вышла.",
        "p1 SPOUSE p2",
    )
    [example] = prepare([gold], tokenizer, 254)
    first = example.table.units[1][0]
    cut = Window(first, len(example.table.starts))
    _, batch = batch_of(tokenizer, gold, cut=cut)
    bags = bags_of(gold, example, batch, start=first)
    assert set(bags) == {("mill.p1", "mill.p2"), ("mill.p2", "mill.p1")}
    for labels, known in bags.values():
        assert labels.sum() == 0
        assert known[SPOUSE] == 0
        assert known.sum() == len(known) - 1  # of the other relations it is known they don't hold


def test_forms_of_a_name_are_names_of_one_entity(tokenizer: Tokenizer, tmp_path: Path) -> None:
    gold = document(
        tmp_path, "[Иван Зуев](PERSON#p1), он же [Ваня](PERSON#p1). [Анна](PERSON#p2) тут."
    )
    [example], batch = batch_of(tokenizer, gold)
    labels, known = bags_of(gold, example, batch)["mill.p1", "mill.p1"]
    assert labels.nonzero().flatten().tolist() == [NAMES]
    assert known.all()


def test_a_denial_is_a_label_of_its_own(tokenizer: Tokenizer, tmp_path: Path) -> None:
    gold = note(tmp_path)
    [example], batch = batch_of(tokenizer, gold)
    bags = bags_of(gold, example, batch)
    denied = {ends for ends, (labels, _) in bags.items() if labels[DENIED]}
    assert denied == {("mill.p3", "mill.o1")}
    labels, known = bags["mill.p3", "mill.o1"]
    assert labels.sum() == 1
    assert known[DENIED] == known[WORKPLACE] == 1


def test_a_denial_counts_where_it_stands_and_both_ways(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    gold = document(
        tmp_path,
        "[Иван](PERSON#p1) не женат на [Анне](PERSON#p2). [Иван](PERSON#p1) вошёл. "
        "[Анна](PERSON#p2) вышла.",
        "! p1 SPOUSE p2",
    )
    [example], batch = batch_of(tokenizer, gold)
    for (one, other), (labels, _) in bags_of(gold, example, batch).items():
        assert labels.nonzero().flatten().tolist() == ([DENIED] if one != other else [])
    first = example.table.units[1][0]
    _, batch = batch_of(tokenizer, gold, cut=Window(first, len(example.table.starts)))
    for labels, known in bags_of(gold, example, batch, start=first).values():
        assert labels.sum() == 0
        assert known[DENIED] == 0


def test_a_reference_means_the_mentions_of_its_entity(tokenizer: Tokenizer, tmp_path: Path) -> None:
    gold = note(tmp_path)
    [example], batch = batch_of(tokenizer, gold)
    names = with_references(gold)[1]
    entities = batch.pairs.entities.tolist()
    numbers = {tuple(s): n for s, n in zip(example.spans.tolist(), names, strict=True)}
    wanted = {TYPE_INDEX["PERSON_REFERENCE"]: TYPE_INDEX["PERSON"],
              TYPE_INDEX["ORGANIZATION_REFERENCE"]: TYPE_INDEX["ORGANIZATION"]}  # fmt: skip
    seen = set()
    for row, (s, o) in enumerate(batch.pairs.pairs.tolist()):
        value = float(batch.coreference[row])
        if wanted.get(entities[s][3]) != entities[o][3]:
            assert value == -1
            continue
        one, other = (numbers[tuple(entities[end][1:3])] for end in (s, o))
        assert value == float(one == other)
        seen.add((one, other, value))
    assert {("mill.p1", "mill.p1", 1.0), ("mill.p2", "mill.p2", 1.0)} <= seen
    assert {value for _, _, value in seen} == {0.0, 1.0}


def test_a_reference_s_pairs_count_for_its_entity(tokenizer: Tokenizer, tmp_path: Path) -> None:
    gold = document(
        tmp_path, "[Анна](PERSON#p1) тут. {Родилась}(0=p1) в [Твери](CITY#c1).",
        "p1 PLACE_OF_BIRTH c1",
    )  # fmt: skip
    [example], batch = batch_of(tokenizer, gold)
    labels, _ = bags_of(gold, example, batch)["mill.p1", "mill.c1"]
    assert labels.nonzero().flatten().tolist() == [RELATION_INDEX["PLACE_OF_BIRTH"]]
    born = batch.bags[[r for r, bag in enumerate(batch.bags.tolist()) if batch.labels[bag].any()]]
    rows = torch.isin(batch.bags, born).nonzero().flatten()
    kinds = batch.pairs.entities[batch.pairs.pairs[rows, 0], 3].tolist()
    assert sorted(kinds) == sorted([TYPE_INDEX["PERSON"], TYPE_INDEX["PERSON_REFERENCE"]])


def test_documents_of_both_kinds_stand_in_one_batch(tokenizer: Tokenizer, tmp_path: Path) -> None:
    dossier, [brat, *_] = note(tmp_path), documents()
    alone = [batch_of(tokenizer, gold)[1] for gold in (brat, dossier)]
    _, batch = batch_of(tokenizer, brat, dossier)
    assert batch.referring.tolist() == [False, True]
    count = len(alone[0].labels)
    assert torch.equal(batch.labels, torch.cat([a.labels for a in alone]))
    assert torch.equal(batch.known, torch.cat([a.known for a in alone]))
    assert torch.equal(batch.bags, torch.cat([alone[0].bags, alone[1].bags + count]))
    assert not batch.known[:count, DENIED].any()
    assert (batch.coreference[: len(alone[0].pairs.pairs)] == -1).all()


# the losses


def test_a_bag_costs_the_cross_entropy_of_its_log_sum_exp(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    gold = document(
        tmp_path,
        "[Иван](PERSON#p1) женат на [Анне](PERSON#p2). [Иван](PERSON#p1) ушёл.",
        "p1 SPOUSE p2",
    )
    _, batch = batch_of(tokenizer, gold)
    torch.manual_seed(1)
    logits = torch.full((len(batch.pairs.pairs), 49), -40.0)
    logits[:, SPOUSE] = torch.randn(len(logits)) * 2
    loss = pair_loss(logits, batch)
    expected = 0.0
    for bag in range(len(batch.labels)):
        pooled = torch.logsumexp(logits[batch.bags == bag, SPOUSE], 0)
        target = float(batch.labels[bag, SPOUSE])
        expected += float(
            -target * pooled.sigmoid().log() - (1 - target) * (-pooled).sigmoid().log()
        )
    torch.testing.assert_close(loss, torch.tensor(expected), rtol=1e-4, atol=1e-4)


def test_one_pair_that_states_the_fact_is_enough(tokenizer: Tokenizer, tmp_path: Path) -> None:
    gold = document(
        tmp_path,
        "[Иван](PERSON#p1) женат на [Анне](PERSON#p2). [Иван](PERSON#p1) ушёл.",
        "p1 SPOUSE p2",
    )
    _, batch = batch_of(tokenizer, gold)
    logits = torch.full((len(batch.pairs.pairs), 49), -12.0)
    for bag in batch.labels[:, SPOUSE].nonzero().flatten().tolist():
        logits[int((batch.bags == bag).nonzero()[0]), SPOUSE] = 12.0
    assert pair_loss(logits, batch) < 0.01
    logits[:, SPOUSE] = -12.0
    assert pair_loss(logits, batch) > 20


def test_log_sum_exp_of_groups_by_hand() -> None:
    values = torch.tensor([[1.0, -30.0], [2.0, 5.0], [3.0, -100.0], [700.0, 0.0]])
    found = log_sum_exp(values, torch.tensor([0, 0, 1, 2]), 3)
    expected = torch.stack([values[:2].logsumexp(0), values[2], values[3]])
    torch.testing.assert_close(found, expected)


def test_what_is_not_known_costs_nothing(tokenizer: Tokenizer, tmp_path: Path) -> None:
    _, batch = batch_of(tokenizer, note(tmp_path), documents()[0])
    torch.manual_seed(2)
    logits = torch.randn(len(batch.pairs.pairs), 51)
    plain = pair_loss(logits, batch)
    window = batch.pairs.entities[batch.pairs.pairs[:, 0], 0]
    silent = logits.clone()
    silent[window == 1, DENIED:] = 20.0  # where denials and references aren't annotated
    assert torch.equal(pair_loss(silent, batch), plain)
    denied = logits.clone()
    denied[window == 0, DENIED] += 5.0
    assert not torch.equal(pair_loss(denied, batch), plain)
    unrelated = logits.clone()
    unrelated[~batch.pairs.related, :DENIED] += 20.0
    torch.testing.assert_close(pair_loss(unrelated, batch), plain)
    meant = logits.clone()
    meant[batch.coreference >= 0, -1] += 1.0
    assert not torch.equal(pair_loss(meant, batch), plain)


def test_references_cost_only_where_they_are_annotated(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    _, batch = batch_of(tokenizer, note(tmp_path), documents()[0])
    logits = torch.zeros(*batch.text.words.shape, WIDTH, 31)
    plain = span_loss(logits, batch)
    for row, counts in ((1, False), (0, True)):
        changed = logits.clone()
        changed[row, 0, 0, 29:] = 3.0
        assert torch.equal(span_loss(changed, batch), plain) != counts
    window, word, width, kind = batch.spans[batch.spans[:, 3] >= 29].unbind(1)
    assert len(window) == 2
    right = logits.clone()
    right[window, word, width, kind] = 5.0
    assert span_loss(right, batch) < plain


def test_of_a_fact_that_the_annotation_leaves_open_nothing_is_known(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    gold = document(
        tmp_path,
        "[Иван](PERSON#p1) женат на [Анне](PERSON#p2), а [Пётр](PERSON#p3) нет.",
        "p1 SPOUSE p2",
    )
    left_open = replace(gold, unsaid=(Fact("mill.p3", "KNOWS", "mill.p1"),))
    [example], batch = batch_of(tokenizer, left_open)
    bags = bags_of(left_open, example, batch)
    silent = {ends for ends, (_, known) in bags.items() if not known.any()}
    assert silent == {("mill.p1", "mill.p3"), ("mill.p3", "mill.p1")}
    assert all(known.all() for ends, (_, known) in bags.items() if ends not in silent)


def test_of_strangers_no_fact_is_known(tokenizer: Tokenizer, tmp_path: Path) -> None:
    gold = document(tmp_path, "[Иван](PERSON#p1), [Анна](PERSON#p2), [Пётр](PERSON#p3).")
    strange = replace(gold, strangers=frozenset({"mill.p2"}))
    [example], batch = batch_of(tokenizer, strange)
    for ends, (labels, known) in bags_of(strange, example, batch).items():
        assert not labels.any()
        assert bool(known.any()) is ("mill.p2" not in ends)


def test_found_mentions_stand_for_marked_ones_and_wrong_ones_have_no_facts(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    gold = document(
        tmp_path, "[Иван Зуев](PERSON#p1) женат на [Анне](PERSON#p2) из Твери.", "p1 SPOUSE p2"
    )
    at = gold.text.index("Твери")
    wrong, short = Mention(at, at + 5, "CITY"), Mention(5, 9, "PERSON")
    anna = gold.mentions[1]
    read = as_found(gold, [short, anna, wrong])
    assert [read.entities[m] for m in read.mentions[:2]] == ["mill.p1", "mill.p2"]
    [example], batch = batch_of(tokenizer, read)
    bags = bags_of(read, example, batch)
    assert bags["mill.p1", "mill.p2"][0].nonzero().flatten().tolist() == [SPOUSE]
    with_wrong = [bag for ends, bag in bags.items() if not ends[1].startswith("mill.")]
    assert with_wrong
    assert all(known.all() and not labels.any() for labels, known in with_wrong)
    doubtful = as_found(replace(gold, unsure=(wrong,)), [short, anna, wrong])
    assert doubtful.strangers == {doubtful.entities[wrong]}
    assert as_found(gold, [anna]).facts == gold.facts  # one that is missed is no error
    assert prepare([as_found(gold, [anna])], tokenizer, 254)[0].facts == ()
