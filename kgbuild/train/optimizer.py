"""AdamW over float32 masters of bfloat16 weights, with layer-wise rates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from kgbuild.extract.network import JointNetwork
from kgbuild.train.recipe import Recipe


def parameter_rates(network: JointNetwork, recipe: Recipe) -> Iterator[tuple[str, float]]:
    """The name and peak rate of every parameter that is open to gradients."""
    top = len(network.trunk) + len(network.mention_branch)
    depth = {"trunk": 0, "mention_branch": len(network.trunk)}
    depth["relation_branch"] = depth["mention_branch"]
    for part, module in network.trained_parts().items():
        for name, parameter in module.named_parameters():
            if not parameter.requires_grad:
                continue
            if part in depth:
                layer = depth[part] + int(name.split(".")[0]) + 1
                rate = recipe.encoder_rate * recipe.layer_decay ** (top - layer)
            else:
                rate = recipe.head_rate
            yield f"{part}.{name}", rate


class MasterAdamW:
    """Keeps a float32 master of each parameter, so that bfloat16 weights lose no small step."""

    def __init__(self, network: JointNetwork, recipe: Recipe, steps: int) -> None:
        named = dict(network.named_parameters())
        self.names = [name for name, _ in parameter_rates(network, recipe)]
        self.live = [named[name] for name in self.names]
        self.masters = [nn.Parameter(p.detach().float().clone()) for p in self.live]
        self.rates = [rate for _, rate in parameter_rates(network, recipe)]
        groups = [
            {"params": [m], "lr": r, "weight_decay": recipe.weight_decay if m.ndim > 1 else 0.0}
            for m, r in zip(self.masters, self.rates, strict=True)
        ]
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
        self.warmup, self.steps = max(int(steps * recipe.warmup), 1), steps
        self.clip = recipe.clip
        self.decay = recipe.average
        self.averages = [m.detach().clone() for m in self.masters] if recipe.average else []
        self._go_to(0)

    def _go_to(self, done: int) -> None:
        """Set the rates after ``done`` steps: they rise to their peaks, then fall to zero."""
        self.done = done
        rising = (done + 1) / self.warmup
        falling = max(self.steps - done, 0) / max(self.steps - self.warmup, 1)
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * min(rising, falling)

    def step(self) -> float:
        """Apply the gradients of the live weights; returns the gradient's norm."""
        for live, master in zip(self.live, self.masters, strict=True):
            master.grad = None if live.grad is None else live.grad.float()
            live.grad = None
        norm = torch.nn.utils.clip_grad_norm_(self.masters, self.clip)
        self.optimizer.step()
        self._go_to(self.done + 1)
        self._average()
        self.write_back()
        return float(norm)

    @torch.no_grad()
    def _average(self) -> None:
        """Move the running mean; young, it follows faster."""
        if self.averages:
            share = 1.0 - min(self.decay, (1 + self.done) / (10 + self.done))
            torch._foreach_lerp_(self.averages, [m.detach() for m in self.masters], share)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Inside, the live weights are the running mean."""
        for live, mean in zip(self.live, self.averages, strict=False):
            with torch.no_grad():
                live.copy_(mean)
        yield
        self.write_back()

    @torch.no_grad()
    def write_back(self) -> None:
        """Copy the masters into the live weights."""
        for live, master in zip(self.live, self.masters, strict=True):
            live.copy_(master)

    def state(self) -> dict[str, torch.Tensor]:
        """Everything needed to go on, as named tensors."""
        tensors = {}
        for number, (name, master) in enumerate(zip(self.names, self.masters, strict=True)):
            tensors[f"weight/{name}"] = master.detach()
            if self.averages:
                tensors[f"average/{name}"] = self.averages[number]
            for key, value in self.optimizer.state.get(master, {}).items():
                tensors[f"{key}/{name}"] = value
        return tensors

    def load(self, tensors: dict[str, torch.Tensor], steps_done: int) -> None:
        """Take up a saved state after ``steps_done`` steps."""
        with torch.no_grad():
            for name, mean in zip(self.names, self.averages, strict=False):
                mean.copy_(tensors[f"average/{name}"])
            for name, master in zip(self.names, self.masters, strict=True):
                master.copy_(tensors[f"weight/{name}"])
                keys = ("step", "exp_avg", "exp_avg_sq")
                found = {k: tensors[f"{k}/{name}"] for k in keys if f"{k}/{name}" in tensors}
                if found:
                    self.optimizer.state[master] = found
        self.write_back()
        self._go_to(steps_done)
