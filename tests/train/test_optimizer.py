"""Masters in float32, live weights in bfloat16, rates by layer."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
import torch

from kgbuild.extract.network import JointNetwork, NetworkConfig
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.train.optimizer import MasterAdamW, parameter_rates
from kgbuild.train.recipe import Recipe

CONFIG = NetworkConfig(frozen=0, shared=2, span_size=8, pair_size=8, max_width=3, dropout=0.0)
RECIPE = Recipe(
    encoder_rate=1e-3, head_rate=1e-2, layer_decay=0.5, weight_decay=0.1, warmup=0.2, network=CONFIG
)


@pytest.fixture
def network(tiny_encoder: LoadedEncoder) -> JointNetwork:
    torch.manual_seed(0)
    made = JointNetwork(tiny_encoder.model, CONFIG)
    for name in ("trunk", "mention_branch", "relation_branch"):
        getattr(made, name).bfloat16()
    for module in made.trained_parts().values():
        module.requires_grad_(True)
    return made


def set_gradients(network: JointNetwork, value: float) -> None:
    for module in network.trained_parts().values():
        for parameter in module.parameters():
            parameter.grad = torch.full_like(parameter, value)


def test_rates_shrink_towards_the_bottom(network: JointNetwork) -> None:
    rates = dict(parameter_rates(network, RECIPE))
    by_part = {
        name.split(".attention")[0]: rate for name, rate in rates.items() if ".attention" in name
    }
    assert by_part == pytest.approx(
        {"trunk.0": 2.5e-4, "trunk.1": 5e-4, "mention_branch.0": 1e-3, "relation_branch.0": 1e-3}
    )
    assert {rates[n] for n in rates if n.startswith(("spans", "pairs", "type_inputs"))} == {1e-2}
    assert len(rates) == sum(len(list(m.parameters())) for m in network.trained_parts().values())


def test_closed_parts_have_no_rate(network: JointNetwork) -> None:
    network.trunk.requires_grad_(False)
    assert not any(name.startswith("trunk") for name, _ in parameter_rates(network, RECIPE))


def test_live_weights_follow_masters_that_keep_small_steps(network: JointNetwork) -> None:
    optimizer = MasterAdamW(network, RECIPE, 1000)
    before = [m.detach().clone() for m in optimizer.masters]
    for _ in range(3):
        set_gradients(network, 0.1)
        optimizer.step()
    for name, live, master, old in zip(
        optimizer.names, optimizer.live, optimizer.masters, before, strict=True
    ):
        assert master.dtype is torch.float32
        assert torch.equal(live, master.to(live.dtype)), name
        assert not torch.equal(master, old), name
        assert live.grad is None
    bf16 = [
        (live, old)
        for live, old in zip(optimizer.live, before, strict=True)
        if live.dtype is torch.bfloat16
    ]
    assert any(torch.equal(live, old.bfloat16()) for live, old in bf16)  # a step too small for it


def test_gradients_are_clipped_and_their_norm_told(network: JointNetwork) -> None:
    optimizer = MasterAdamW(network, RECIPE, 10)
    set_gradients(network, 0.0)
    optimizer.live[0].grad = torch.zeros_like(optimizer.live[0])
    optimizer.live[0].grad.view(-1)[0] = 30.0
    assert optimizer.step() == pytest.approx(30.0)
    first = optimizer.optimizer.state[optimizer.masters[0]]["exp_avg"]
    assert first.abs().max() == pytest.approx(0.1 * RECIPE.clip, rel=1e-4)


def test_the_rate_rises_then_falls_to_zero(network: JointNetwork) -> None:
    optimizer = MasterAdamW(network, RECIPE, 10)
    rates = []
    for _ in range(10):
        rates.append(optimizer.optimizer.param_groups[-1]["lr"])
        set_gradients(network, 0.1)
        optimizer.step()
    assert rates[0] == pytest.approx(0.5e-2)
    assert max(rates) == pytest.approx(1e-2)
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert optimizer.optimizer.param_groups[-1]["lr"] == 0.0


def test_only_matrices_decay(network: JointNetwork) -> None:
    optimizer = MasterAdamW(network, RECIPE, 10)
    for master, group in zip(optimizer.masters, optimizer.optimizer.param_groups, strict=True):
        assert group["weight_decay"] == (0.1 if master.ndim > 1 else 0.0)


def test_a_saved_state_goes_on_where_it_was(
    network: JointNetwork, tiny_encoder: LoadedEncoder
) -> None:
    straight = MasterAdamW(network, RECIPE, 10)
    for _ in range(4):
        set_gradients(network, 0.1)
        straight.step()
    state = {name: tensor.clone() for name, tensor in straight.state().items()}
    other = JointNetwork(tiny_encoder.model, CONFIG)
    other.requires_grad_(False)
    for module in other.trained_parts().values():
        module.requires_grad_(True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resumed = MasterAdamW(other, RECIPE, 10)
        resumed.load(state, 4)
    groups = zip(straight.optimizer.param_groups, resumed.optimizer.param_groups, strict=True)
    assert all(a["lr"] == pytest.approx(b["lr"]) for a, b in groups)
    for _ in range(3):
        for one, made in ((straight, network), (resumed, other)):
            set_gradients(made, 0.1)
            one.step()
    for a, b in zip(straight.masters, resumed.masters, strict=True):
        torch.testing.assert_close(a, b)


AVERAGED = replace(RECIPE, average=0.9)


def steps(optimizer: MasterAdamW, network: JointNetwork, count: int) -> list[torch.Tensor]:
    """The first master after each of some steps."""
    seen = []
    for number in range(count):
        set_gradients(network, 0.1 * (-1) ** number)
        optimizer.step()
        seen.append(optimizer.masters[0].detach().clone())
    return seen


def test_the_running_mean_by_hand(network: JointNetwork) -> None:
    """It begins at the first weights; young, it gives the newest a larger share."""
    optimizer = MasterAdamW(network, AVERAGED, 100)
    mean = optimizer.masters[0].detach().clone()
    for done, master in enumerate(steps(optimizer, network, 30), start=1):
        decay = min(0.9, (1 + done) / (10 + done))
        mean = mean * decay + master * (1 - decay)
    assert decay < 0.9
    torch.testing.assert_close(optimizer.averages[0], mean)
    assert not torch.equal(optimizer.averages[0], optimizer.masters[0])


def test_the_mean_is_live_inside_and_the_masters_again_outside(network: JointNetwork) -> None:
    optimizer = MasterAdamW(network, AVERAGED, 100)
    steps(optimizer, network, 5)
    with optimizer.averaged():
        for live, mean in zip(optimizer.live, optimizer.averages, strict=True):
            assert torch.equal(live, mean.to(live.dtype))
    for live, master in zip(optimizer.live, optimizer.masters, strict=True):
        assert torch.equal(live, master.to(live.dtype))
    steps(optimizer, network, 1)


def test_without_an_average_nothing_is_swapped(network: JointNetwork) -> None:
    optimizer = MasterAdamW(network, RECIPE, 100)
    steps(optimizer, network, 2)
    before = [live.detach().clone() for live in optimizer.live]
    with optimizer.averaged():
        assert all(torch.equal(a, b) for a, b in zip(optimizer.live, before, strict=True))
    assert not any(name.startswith("average/") for name in optimizer.state())


def test_a_saved_mean_goes_on_where_it_was(
    network: JointNetwork, tiny_encoder: LoadedEncoder
) -> None:
    straight = MasterAdamW(network, AVERAGED, 100)
    steps(straight, network, 3)
    state = {name: tensor.clone() for name, tensor in straight.state().items()}
    other = JointNetwork(tiny_encoder.model, CONFIG)
    other.load_state_dict(network.state_dict())
    for name in ("trunk", "mention_branch", "relation_branch"):
        getattr(other, name).bfloat16()
    for module in other.trained_parts().values():
        module.requires_grad_(True)
    resumed = MasterAdamW(other, AVERAGED, 100)
    resumed.load(state, 3)
    for optimizer, made in ((straight, network), (resumed, other)):
        steps(optimizer, made, 3)
    for a, b in zip(straight.averages, resumed.averages, strict=True):
        torch.testing.assert_close(a, b)
