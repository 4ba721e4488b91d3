"""``kgbuild doctor``: what would be used here, and what is wrong."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Collection, Mapping

import click

from kgbuild import __version__
from kgbuild.cli import FAILED
from kgbuild.cli.common import json_flag, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import redacted, without_password
from kgbuild.errors import KgbuildError

Check = Callable[[Settings], str]

AVX512_KERNELS = ("SKYLAKEX", "COOPERLAKE", "SAPPHIRERAPIDS")
"""OpenBLAS's kernels for processors with AVX-512."""


@click.command()
@click.option("--quick", is_flag=True,
              help="Only what takes no time: no torch, no look through weights and store.")  # fmt: skip
@json_flag
@with_settings
def doctor(settings: Settings, quick: bool, as_json: bool) -> None:
    """Print models, device, FAISS, SQLite and the store that would be used; exit 1 on a fault."""
    found: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name, check in (QUICK if quick else CHECKS).items():
        try:
            found[name] = redacted(check(settings))
        except (KgbuildError, ImportError) as error:
            faults[name] = redacted(str(error))
    if as_json:
        print_json({"found": found, "faults": faults})
    else:
        for name, text in found.items():
            click.echo(f"{name:10} {text}")
        for name, text in faults.items():
            click.echo(f"{name:10} FAULT: {text}")
    if faults:
        sys.exit(FAILED)


def _python(settings: Settings) -> str:
    return f"{platform.python_version()} on {platform.machine()}, kgbuild {__version__}"


def _device(settings: Settings) -> str:
    import torch

    from kgbuild.models.encoder import choose_device, choose_dtype

    device = choose_device(settings.device)
    kind = str(choose_dtype(device)).removeprefix("torch.")
    return f"{device}, {kind}, {torch.get_num_threads()} threads, torch {torch.__version__}"


def _base(settings: Settings) -> str:
    from kgbuild.models.encoder import base_folder

    folder = base_folder()
    return f"multilingual-e5-small, converted in {folder.path}, fingerprint {folder.fingerprint}"


def _extractor(settings: Settings) -> str:
    return _described_extractor(settings, verify=True)


def _quick_extractor(settings: Settings) -> str:
    return _described_extractor(settings, verify=False)


def _described_extractor(settings: Settings, verify: bool) -> str:
    from kgbuild.extract.task_weights import load_settings, shipped_folder
    from kgbuild.models.folder import ModelFolder

    if settings.extractor.startswith(("http://", "https://")):
        return f"remote: {settings.extractor}, {settings.ner_url}"
    chosen = settings.extractor
    from pathlib import Path

    folder = ModelFolder.open(shipped_folder() if chosen == "embedded" else Path(chosen), verify)
    load_settings(folder)
    return f"{chosen}: nested NER + R-BERT, fingerprint {folder.fingerprint}"


def _embedder(settings: Settings) -> str:
    from kgbuild.models.registry import embedder_for

    card = embedder_for(settings.embedder)
    found = f"{card.name}, {card.dimension} dimensions, {card.pooling or 'its own'} pooling"
    waiting = settings.next_embedder
    return f"{found}; next, when its vectors are made: {waiting}" if waiting else found


def _faiss(settings: Settings) -> str:
    from kgbuild.wiring import prepare_threads

    prepare_threads()  # before its OpenBLAS loads
    import faiss

    gpus = faiss.get_num_gpus() if hasattr(faiss, "get_num_gpus") else 0
    return f"{faiss.__version__}, {gpus} GPUs, {faiss.get_compile_options().strip()}"


def _blas(settings: Settings) -> str:
    from kgbuild.models.encoder import cpu_flags
    from kgbuild.wiring import storage

    device = storage("index.faiss")
    threshold = int(device.load_faiss().cvar.distance_compute_blas_threshold)
    state = f"batched search by matrix products from {threshold}"
    if threshold != device.BLAS_THRESHOLD:
        state += f", meant is {device.BLAS_THRESHOLD}"
    return described_kernel(device.blas_kernel(), os.environ, cpu_flags()) + f"; {state}"


def described_kernel(kernel: str, environment: Mapping[str, str], flags: Collection[str]) -> str:
    """The kernel of FAISS's OpenBLAS in words, with a warning where the processor has a faster."""
    said = f"OpenBLAS kernel {kernel}" if kernel else "not an OpenBLAS that names its kernel"
    if not kernel or "avx512f" not in flags or kernel.upper() in AVX512_KERNELS:
        return said
    chosen = environment.get("OPENBLAS_CORETYPE")
    why = f"OPENBLAS_CORETYPE={chosen} in this shell undoes" if chosen else "it didn't choose"
    return f"{said} (WARNING: {why} the AVX-512 kernel SKYLAKEX; searches are slower)"


def _sqlite(settings: Settings) -> str:
    from kgbuild.wiring import storage

    engine = storage("database")
    driver = engine.sqlite_driver()
    safe = driver.sqlite_version_info >= engine.WAL_SAFE
    journal = "write-ahead log" if safe else "rollback journal (this version's log isn't safe)"
    return f"{driver.sqlite_version} ({driver.__name__}), {journal}"


def _store(settings: Settings) -> str:
    return _described_store(settings, check=True)


def _quick_store(settings: Settings) -> str:
    return _described_store(settings, check=False)


def _described_store(settings: Settings, check: bool) -> str:
    from kgbuild.wiring import open_graph

    if settings.db is None and not (settings.store / "graph.db").exists():
        return f"{settings.store}: none yet; made by  kgbuild ingest PATH"
    shown = without_password(settings.database)
    with open_graph(settings, readonly=True) as graph:
        found = graph.stats()
        problems = graph.store.check() if check else []
    if problems:
        raise KgbuildError(f"{shown}: {'; '.join(problems[:3])}")
    said = f"{shown}: {found.documents} documents, {found.facts} facts"
    return f"{said}, sound" if check else said


CHECKS: dict[str, Check] = {
    "python": _python,
    "device": _device,
    "base": _base,
    "extractor": _extractor,
    "embedder": _embedder,
    "faiss": _faiss,
    "blas": _blas,
    "sqlite": _sqlite,
    "store": _store,
}

QUICK: dict[str, Check] = {
    "python": _python,
    "base": _base,
    "extractor": _quick_extractor,
    "embedder": _embedder,
    "sqlite": _sqlite,
    "store": _quick_store,
}
"""What `--quick` looks at: no check loads torch or FAISS, or reads a file through."""
