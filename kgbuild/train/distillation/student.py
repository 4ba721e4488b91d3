"""A student embedder: some of its teacher's layers, or another model; and its folder."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from kgbuild.embed.inference import PromptedEmbedder, SentenceEncoder
from kgbuild.embed.prompts import PREFIXES
from kgbuild.errors import InputError, ModelError
from kgbuild.models.folder import ModelFolder, publish
from kgbuild.models.registry import PromptFamily

QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Student:
    """A student before or after training: its encoder, in float32, and where it came from.

    ``layers`` are the teacher's layers that it began with; empty for another model.
    """

    encoder: SentenceEncoder
    layers: tuple[int, ...] = ()


def kept_layers(total: int, count: int) -> tuple[int, ...]:
    """``count`` of ``total`` layers, evenly, the first and the last among them.

    The last makes the space that vectors lie in, the first reads the embeddings: students
    without either begin far from their teacher.

    Raises:
        InputError: a model of so many layers has no such part.
    """
    if not 2 <= count <= total:
        raise InputError(f"a student can take 2 to {total} of its teacher's layers, not {count}")
    return tuple(step * (total - 1) // (count - 1) for step in range(count))


def student_of_layers(teacher: SentenceEncoder, wanted: str) -> Student:
    """A copy of some layers of the teacher: ``quarter`` of them, or a number.

    The student pools by the mean, whatever its teacher does.

    Raises:
        InputError: no such number of layers.
        ModelError: a class whose layers aren't known.
    """
    stack, name = _stack(teacher.model)
    total = len(getattr(stack, name))
    count = max(total // 4, 2) if wanted == QUARTER else int(wanted)
    layers = kept_layers(total, count)
    model = copy.deepcopy(teacher.model).float()
    stack, name = _stack(model)
    setattr(stack, name, nn.ModuleList([getattr(stack, name)[i] for i in layers]))
    for config in {id(c): c for c in (_config(model), _config(stack))}.values():
        field = "num_hidden_layers" if hasattr(config, "num_hidden_layers") else "num_layers"
        setattr(config, field, count)
    return Student(replace(teacher, model=model, pooling="mean", bare=None), layers)


def student_of_model(embedder: PromptedEmbedder) -> Student:
    """Another model, which will read the teacher's prefixes and pool by the mean."""
    encoder = embedder.encoder
    model = copy.deepcopy(encoder.model).float()
    return Student(replace(encoder, model=model, pooling="mean", bare=None))


def _config(module: nn.Module) -> Any:
    return getattr(module, "config", None)


def _stack(model: nn.Module) -> tuple[nn.Module, str]:
    """The module that holds the list of layers, and the list's name there."""
    for name in ("layer", "block"):
        encoder = getattr(model, "encoder", None)
        if isinstance(getattr(encoder, name, None), nn.ModuleList):
            return encoder, name  # type: ignore[return-value]
    raise ModelError(f"{type(model).__name__}: its layers aren't known, so none can be taken")


def open_to_training(model: nn.Module) -> dict[str, nn.Parameter]:
    """Open all parameters to gradients but the tables of embeddings; gives them by name."""
    model.requires_grad_(True)
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            module.requires_grad_(False)
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def save_student(
    student: Student, family: PromptFamily, target: Path, notes: Mapping[str, object]
) -> ModelFolder:
    """Write a folder as sentence-transformers has it, with kgbuild's ``manifest.json``.

    Matrices are float16, the rest float32. Nothing may stand at ``target`` yet.

    Raises:
        InputError: something stands there.
    """
    if target.exists():
        raise InputError(f"{target} exists already: choose another folder or remove it")
    return publish(target, lambda draft: _write(student, family, draft, notes))


def _write(
    student: Student, family: PromptFamily, draft: Path, notes: Mapping[str, object]
) -> None:
    encoder = student.encoder
    model: Any = encoder.model
    state = {n: t.half() if t.ndim > 1 else t.float() for n, t in model.state_dict().items()}
    model.save_pretrained(draft, state_dict=state)
    encoder.windows.tokenizer.save(str(draft / "tokenizer.json"), pretty=False)
    pooling = {"word_embedding_dimension": encoder.dimension, "pooling_mode_mean_tokens": True}
    names = ("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(names)
    ]
    files: dict[str, object] = {
        "config_sentence_transformers.json": {"prompts": dict(PREFIXES[family])},
        "modules.json": modules,
        "1_Pooling/config.json": pooling,
        "sentence_bert_config.json": {"max_seq_length": encoder.windows.max_tokens},
        "distillation.json": dict(notes),
    }
    for name, value in files.items():
        path = draft / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


def trained_state(parameters: Mapping[str, nn.Parameter]) -> dict[str, torch.Tensor]:
    """What a checkpoint keeps of a model."""
    return {f"weight/{name}": p.detach() for name, p in parameters.items()}
