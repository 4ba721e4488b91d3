"""Several small nets of one shape in one safetensors file, as asking keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import WeightsError

Array = NDArray[np.float32]
Shapes = Callable[[Mapping[str, Array]], dict[str, tuple[int, ...]]]
"""What shape each of a net's weights has to have, by the sizes of some of them."""


def save_nets(
    path: Path, nets: Sequence[Mapping[str, Array]], figures: object, **notes: str
) -> None:
    """Write nets with the names of the figures that they read (JSON), weights in half
    precision; ``notes`` stand beside them."""
    from safetensors.numpy import save_file

    tensors = {
        f"{number}/{name}": tensor.astype(np.float16)
        for number, net in enumerate(nets)
        for name, tensor in net.items()
    }
    own = {"figures": json.dumps(figures), "members": str(len(nets))}
    save_file(tensors, path, metadata=own | notes)


def load_nets(
    path: Path, what: str, figures: object, shapes: Shapes
) -> tuple[list[dict[str, Array]], dict[str, Any]]:
    """Read the nets and the notes that :func:`save_nets` wrote; ``what`` is the name in errors.

    Raises:
        WeightsError: the file is missing, isn't such a file, or is of other figures.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            notes = file.metadata()
            tensors = {k: file.get_tensor(k).astype(np.float32) for k in file.keys()}  # noqa: SIM118
        if json.loads(notes["figures"]) != json.loads(json.dumps(figures)):
            raise WeightsError(f"{path}: a {what} of other figures than this version's")
        nets = []
        for number in range(int(notes["members"])):
            lead = f"{number}/"
            net = {k.removeprefix(lead): t for k, t in tensors.items() if k.startswith(lead)}
            wrong = [name for name, shape in shapes(net).items() if net[name].shape != shape]
            if wrong:
                raise WeightsError(f"{path}: no {what}: {', '.join(wrong)} don't fit")
            nets.append(net)
        if not nets:
            raise WeightsError(f"{path}: a {what} without members")
        return nets, notes
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: no weights of a {what}: {error}") from error
