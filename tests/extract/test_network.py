"""The joint network over a tiny encoder, against slow and plain computations."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from notation import parse
from tokenizers import Tokenizer
from torch.nn.functional import gelu

from kgbuild.extract.batch import (
    PairBatch,
    TextBatch,
    inside,
    locate_all,
    pair_batch,
    text_batch,
)
from kgbuild.extract.network import JointNetwork, NetworkConfig, type_marks
from kgbuild.extract.windows import Window, tabulate
from kgbuild.models.encoder import LoadedEncoder

CONFIG = NetworkConfig(
    frozen=1, shared=2, span_size=8, pair_size=16, heads=4, max_width=4, dropout=0.3
)
LONG = "[Иван|PERSON] [Петров|PERSON] работает в [[Газпром|ORGANIZATION]-банке|ORGANIZATION] давно."
SHORT = "[Мария|PERSON] в [Москве|CITY]."
SPECIALS = (0, 2, 1)


@pytest.fixture
def network(tiny_encoder: LoadedEncoder) -> JointNetwork:
    torch.manual_seed(5)
    made = JointNetwork(tiny_encoder.model, CONFIG).eval()
    with torch.no_grad():
        for parameter in [*made.pairs.parameters(), *made.type_inputs.parameters()]:
            parameter.normal_(std=0.3)  # tables that start at zero would hide mistakes
    return made


def batches(tokenizer: Tokenizer, *notations: str) -> tuple[TextBatch, PairBatch]:
    items, found = [], []
    for notation in notations:
        case = parse(notation)
        table = tabulate(case.text, tokenizer, 254)
        window = Window(0, len(table.starts))
        items.append((table, window))
        found.append(inside(window, case.mentions, locate_all(table, case.mentions)))
    return text_batch(items, SPECIALS), pair_batch(items, found)


def test_shapes(network: JointNetwork, tokenizer: Tokenizer) -> None:
    text, pairs = batches(tokenizer, LONG, SHORT)
    states = network.encode(text)
    assert states.shape == (*text.ids.shape, 32)
    assert network.score_spans(states, text).shape == (2, text.words.shape[1], 4, 29)
    assert network.score_pairs(states, text, pairs).shape == (len(pairs.pairs), 49)


def test_padding_does_not_change_a_window_s_scores(
    network: JointNetwork, tokenizer: Tokenizer
) -> None:
    both, both_pairs = batches(tokenizer, SHORT, LONG)
    alone, alone_pairs = batches(tokenizer, SHORT)
    words = alone.words.shape[1]
    assert both.ids.shape[1] > alone.ids.shape[1]
    spans = network.score_spans(network.encode(both), both)[0, :words]
    expected = network.score_spans(network.encode(alone), alone)[0]
    for width in range(CONFIG.max_width):
        real = words - width  # spans over the end read the padding: decoding drops them
        torch.testing.assert_close(
            spans[:real, width], expected[:real, width], atol=1e-5, rtol=1e-4
        )
    count = len(alone_pairs.pairs)
    scores = network.score_pairs(network.encode(both), both, both_pairs)[:count]
    torch.testing.assert_close(
        scores,
        network.score_pairs(network.encode(alone), alone, alone_pairs),
        atol=1e-5,
        rtol=1e-4,
    )


@pytest.mark.parametrize("lengths", [(LONG,), (SHORT, LONG), (LONG, SHORT, SHORT)])
def test_bare_layers_score_the_same(
    network: JointNetwork, tokenizer: Tokenizer, lengths: tuple[str, ...]
) -> None:
    text, pairs = batches(tokenizer, *lengths)
    before = _every_score(network, text, pairs)
    network.go_bare()
    for part in (
        *network.frozen,
        *network.trunk,
        *network.mention_branch,
        *network.relation_branch,
    ):
        part.forward = None  # the modules themselves run no more
    after = _every_score(network, text, pairs)
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_an_encoder_of_another_kind_keeps_its_layers(
    network: JointNetwork, tokenizer: Tokenizer
) -> None:
    text, pairs = batches(tokenizer, LONG)
    for layer in (*network.frozen, *network.trunk, *network.relation_branch):
        layer.intermediate.intermediate_act_fn = torch.nn.ReLU()
    network.base_config.hidden_act = "relu"
    before = _every_score(network, text, pairs)
    network.go_bare()
    after = _every_score(network, text, pairs)
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


@torch.inference_mode()
def _every_score(network: JointNetwork, text: TextBatch, pairs: PairBatch) -> list[torch.Tensor]:
    states = network.encode(text)
    spans = network.score_spans(states, text)[text.words]
    return [states[text.mask], spans, network.score_pairs(states, text, pairs)]


def test_the_types_are_an_input_of_the_relation_branch(
    network: JointNetwork, tokenizer: Tokenizer
) -> None:
    text, pairs = batches(tokenizer, LONG)
    states = network.encode(text)
    before = network.score_pairs(states, text, pairs)
    other = pairs.entities.clone()
    other[0, 3] = (other[0, 3] + 1) % 29
    changed = replace(pairs, entities=other)
    network.pairs.types.weight.data.zero_()  # only the marks at the branch's input are left
    plain = network.score_pairs(states, text, pairs)
    assert not torch.allclose(before, plain)
    after = network.score_pairs(states, text, changed)
    untouched = (pairs.pairs != 0).all(1)
    assert untouched.any()
    assert not torch.allclose(plain[untouched], after[untouched])  # through attention
    network.type_inputs.weight.data.zero_()
    assert torch.equal(
        network.score_pairs(states, text, pairs), network.score_pairs(states, text, changed)
    )


def test_type_marks_by_hand(tokenizer: Tokenizer) -> None:
    text, pairs = batches(tokenizer, LONG)
    marks = type_marks(text, pairs.entities, 29)[0]
    expected = torch.zeros_like(marks)
    for _, first, last, kind in pairs.entities.tolist():
        begin, end = int(text.first[0, first]), int(text.last[0, last])
        expected[begin : end + 1, kind] = 1.0
        expected[begin, 29 + kind] = 1.0
    assert torch.equal(marks, expected)


def test_span_scores_equal_a_loop_over_spans(network: JointNetwork, tokenizer: Tokenizer) -> None:
    text, _ = batches(tokenizer, LONG)
    states = torch.randn(*text.ids.shape, 32, generator=torch.Generator().manual_seed(1))
    head = network.spans
    fast = head(states, text)[0]
    words = text.words.shape[1]
    for first in range(words):
        add_s, mul_s = head.start(states[0, text.first[0, first]]).chunk(2)
        for width in range(min(4, words - first)):
            add_e, mul_e = head.end(states[0, text.last[0, first + width]]).chunk(2)
            hidden = add_s + add_e + mul_s * mul_e + head.width.weight[width]
            torch.testing.assert_close(
                fast[first, width], head.out(gelu(hidden)), atol=1e-5, rtol=1e-4
            )


def test_the_base_encoder_is_the_network_s_before_training(
    network: JointNetwork, tiny_encoder: LoadedEncoder, tokenizer: Tokenizer
) -> None:
    text, _ = batches(tokenizer, LONG, SHORT)
    expected = tiny_encoder.model(text.ids, text.mask.long()).last_hidden_state
    from kgbuild.extract.network import attention_bias, run

    states = network.encode(text)
    states = run(network.mention_branch, states, attention_bias(text.mask, states.dtype))
    torch.testing.assert_close(states[text.mask], expected[text.mask], atol=1e-5, rtol=1e-4)


def test_training_changes_no_frozen_weight(network: JointNetwork, tokenizer: Tokenizer) -> None:
    for module in network.trained_parts().values():
        module.requires_grad_(True)
    text, pairs = batches(tokenizer, LONG)
    states = network.encode(text)
    loss = network.score_spans(states, text).sum() + network.score_pairs(states, text, pairs).sum()
    torch.autograd.backward(loss)
    trained = {id(p) for module in network.trained_parts().values() for p in module.parameters()}
    for name, parameter in network.named_parameters():
        assert (parameter.grad is not None) == (id(parameter) in trained), name
