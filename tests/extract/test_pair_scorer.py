"""The pair scorers against slow and plain computations over one pair at a time."""

from __future__ import annotations

from typing import TypeVar

import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import gelu

from kgbuild.extract.batch import PAIR_LABELS, SPAN_TYPES, PairBatch, TextBatch
from kgbuild.extract.pair_scorer import CardScorer, Focus, PairScorer, Rivals, pool
from tests.extract.test_network import LONG, SHORT, batches

HIDDEN, SIZE, HEADS = 32, 16, 4
COUNTS = len(SPAN_TYPES), PAIR_LABELS
Module = TypeVar("Module", bound=nn.Module)


def random_weights(module: Module) -> Module:
    """No table at zero, which would hide mistakes."""
    torch.manual_seed(5)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(std=0.3)
    return module.eval()


@pytest.fixture
def head() -> PairScorer:
    return random_weights(PairScorer(HIDDEN, SIZE, HEADS, 0.3, COUNTS))


def states_of(text: TextBatch) -> Tensor:
    return torch.randn(*text.ids.shape, HIDDEN, generator=torch.Generator().manual_seed(1))


def read_of(states: Tensor, text: TextBatch, entity: list[int]) -> Tensor:
    """What a mention is read as: the mean of its words, its first and its last token."""
    window, first, last, _ = entity
    heads = states[window, text.first[window, first : last + 1]]
    return torch.cat([heads.mean(0), heads[0], states[window, text.last[window, last]]])


def slow_focus(focus: Focus, states: Tensor, subject: Tensor, obj: Tensor) -> Tensor:
    """States [L, H] of a window and two mentions as they are read → context [size]."""
    asked = (focus.subject(subject) + focus.object(obj)).view(HEADS, -1)
    keys, values = (x(states).view(len(states), HEADS, -1) for x in (focus.key, focus.value))
    found = []
    for number in range(HEADS):
        scores = keys[:, number] @ asked[number] / (SIZE / HEADS) ** 0.5
        found.append(scores.softmax(0) @ values[:, number])
    return focus.out(torch.cat(found))


def slow_rivals(rivals: Rivals, hidden: Tensor, pairs: PairBatch) -> Tensor:
    """The residual layer, a mention and a pair at a time."""
    told = torch.zeros(len(pairs.entities), 2 * SIZE)
    for side in (0, 1):
        for mention in range(len(pairs.entities)):
            mine = hidden[pairs.pairs[:, side] == mention]
            if not len(mine):
                continue
            scores = 10 * torch.tanh(rivals.score(mine).chunk(2, 1)[side] / 10)
            news = rivals.news(mine).chunk(2, 1)[side].view(len(mine), HEADS, -1)
            mean = (scores.softmax(0).unsqueeze(-1) * news).sum(0).flatten()
            told[mention, side * SIZE : (side + 1) * SIZE] = mean
    subject, obj = rivals.mention(told).chunk(2, 1)
    rows = []
    for row, (s, o) in enumerate(pairs.pairs.tolist()):
        mixed = rivals.pair(hidden[row]) + subject[s] + obj[o]
        rows.append(hidden[row] + rivals.out(gelu(mixed)))
    return torch.stack(rows)


def slow_hidden(head: PairScorer, states: Tensor, text: TextBatch, pairs: PairBatch) -> Tensor:
    """What the pairs know before they hear of each other."""
    rows = []
    for row, ends in enumerate(pairs.pairs.tolist()):
        (window, s_first, s_last, s_kind), (_, o_first, o_last, o_kind) = (
            pairs.entities[e].tolist() for e in ends
        )
        subject, obj = (read_of(states, text, pairs.entities[e].tolist()) for e in ends)
        add_s, _, mul_s, _ = (head.entity(subject) + head.types.weight[s_kind]).chunk(4)
        _, add_o, _, mul_o = (head.entity(obj) + head.types.weight[o_kind]).chunk(4)
        hidden = add_s + add_o + mul_s * mul_o + head.context(states[window, 0])
        between = range(min(s_last, o_last) + 1, max(s_first, o_first))
        if between:
            words = torch.stack([states[window, text.first[window, w]] for w in between])
            hidden = hidden + head.between(words).mean(0)
        hidden = hidden + slow_focus(head.focus, states[window, text.mask[window]], subject, obj)
        for table, value in zip(head.features, pairs.features[row].tolist(), strict=True):
            hidden = hidden + table.weight[value]
        rows.append(gelu(hidden))
    return torch.stack(rows)


def test_pair_scores_equal_a_loop_over_pairs(head: PairScorer, tokenizer: Tokenizer) -> None:
    text, pairs = batches(tokenizer, LONG, SHORT)
    states = states_of(text)
    assert len(pairs.pairs) > 8
    hidden = slow_hidden(head, states, text, pairs)
    expected = head.out(slow_rivals(head.rivals, hidden, pairs))
    torch.testing.assert_close(head(states, text, pairs), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", ["pairs", "card"])
def test_other_windows_of_a_batch_and_padding_change_no_score(
    kind: str, tokenizer: Tokenizer
) -> None:
    made = (
        PairScorer(HIDDEN, SIZE, HEADS, 0.3, COUNTS)
        if kind == "pairs"
        else CardScorer(HIDDEN, 6, 0.3)
    )
    scorer = random_weights(made)
    both, both_pairs = batches(tokenizer, LONG, SHORT)
    states = states_of(both)
    together = scorer(states, both, both_pairs)
    padded = states.masked_fill(~both.mask.unsqueeze(-1), 99.0)
    assert torch.equal(scorer(padded, both, both_pairs), together)
    alone, alone_pairs = batches(tokenizer, SHORT)
    count = len(alone_pairs.pairs)
    mine = states[1:, : alone.ids.shape[1]]
    torch.testing.assert_close(
        scorer(mine, alone, alone_pairs), together[-count:], atol=1e-5, rtol=1e-4
    )


def test_focus_reads_no_other_window_and_no_padding(head: PairScorer, tokenizer: Tokenizer) -> None:
    text, pairs = batches(tokenizer, SHORT, LONG)
    states = states_of(text)
    entities = torch.stack([read_of(states, text, e) for e in pairs.entities.tolist()])
    plain = head.focus(states, text, pairs, entities)
    mine = pairs.entities[pairs.pairs[:, 0], 0] == 0
    changed = states.clone()
    changed[1] += 1.0
    changed[0, ~text.mask[0]] = 99.0
    after = head.focus(changed, text, pairs, entities)
    assert torch.equal(after[mine], plain[mine])
    assert not torch.allclose(after[~mine], plain[~mine])


def test_a_pair_hears_of_the_pairs_of_its_own_mentions_alone(tokenizer: Tokenizer) -> None:
    rivals = random_weights(Rivals(SIZE, HEADS))
    _, pairs = batches(tokenizer, LONG, SHORT)
    hidden = torch.randn(len(pairs.pairs), SIZE, generator=torch.Generator().manual_seed(2))
    plain = rivals(hidden, pairs)
    for changed_row, (s, o) in enumerate(pairs.pairs.tolist()):
        changed = hidden.clone()
        changed[changed_row] += 1.0
        moved = ~torch.isclose(rivals(changed, pairs), plain, atol=1e-6).all(1)
        shares = torch.isin(pairs.pairs, torch.tensor([s, o])).any(1)
        assert torch.equal(moved, shares)


def test_pooling_by_hand() -> None:
    scores = torch.tensor([[0.0], [0.0], [1.0]])
    values = torch.tensor([[1.0, 2.0], [3.0, 6.0], [5.0, 5.0]])
    found = pool(scores, values, torch.tensor([0, 0, 2]), 3)
    assert found.tolist() == [[2.0, 4.0], [0.0, 0.0], [5.0, 5.0]]


@pytest.mark.parametrize(
    "scorer", [PairScorer(HIDDEN, SIZE, HEADS, 0.0, COUNTS), CardScorer(HIDDEN, 6, 0)]
)
def test_a_batch_without_pairs_has_no_scores(scorer: nn.Module, tokenizer: Tokenizer) -> None:
    text, pairs = batches(tokenizer, "[Иван|PERSON] один.")
    if isinstance(scorer, PairScorer):
        entities = torch.zeros(1, 3 * HIDDEN)
        assert (
            pool(torch.zeros(0, HEADS), torch.zeros(0, SIZE), torch.zeros(0).long(), 1).sum() == 0
        )
        assert scorer.focus(states_of(text), text, pairs, entities).shape == (0, SIZE)
    labels = PAIR_LABELS if isinstance(scorer, PairScorer) else 49
    assert scorer(states_of(text), text, pairs).shape == (0, labels)


def test_the_card_s_head_is_one_classifier_over_what_the_card_names(tokenizer: Tokenizer) -> None:
    """[CLS], the mean of each entity's token vectors, each entity's type embedding."""
    scorer = random_weights(CardScorer(HIDDEN, 6, 0.3))
    text, pairs = batches(tokenizer, LONG, SHORT)
    states = states_of(text)
    matrix = torch.cat([scorer.sentence.weight, scorer.subject.weight, scorer.object.weight], 1)
    for row, ends in enumerate(pairs.pairs.tolist()):
        read = []
        for end in ends:
            window, first, last, kind = pairs.entities[end].tolist()
            tokens = states[window, text.first[window, first] : text.last[window, last] + 1]
            read += [tokens.mean(0), scorer.types.weight[kind]]
        joined = torch.cat([states[window, 0], *read])
        expected = matrix @ joined + scorer.sentence.bias
        torch.testing.assert_close(scorer(states, text, pairs)[row], expected, atol=1e-4, rtol=1e-4)
