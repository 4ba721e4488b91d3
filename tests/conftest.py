"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer

    from kgbuild.models.encoder import LoadedEncoder
    from kgbuild.models.folder import ModelFolder

sys.path.insert(0, str(Path(__file__).parent))
ROOT = Path(__file__).parents[1]

if "PYTEST_XDIST_WORKER" in os.environ:  # as many workers as cores: one thread each
    os.environ.setdefault("OMP_NUM_THREADS", "1")

LONGEST = (
    "test_samples.py", "test_real.py", "test_late.py", "test_first_hour.py", "test_documents.py",
    "test_torture.py", "test_released.py", "test_fit.py", "test_faults.py", "test_patterns.py",
    "test_joint.py", "test_judgement_contract.py", "test_store_contract.py", "test_mcp.py",
)  # fmt: skip
"""Files that workers begin with, so that no other waits for one of them at the end."""


REAL = {"sample_store", "samples_store", "e5_subject"}
"""Fixtures that load the embedded models."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks that fixtures and names tell; the longest files first where several workers
    share the files."""
    for item in items:
        if REAL & set(getattr(item, "fixturenames", ())) or "[e5" in item.name:
            item.add_marker("model")
        if "postgresql" in item.name or "pgvector" in item.name:
            item.add_marker("postgresql")
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = {name: number for number, name in enumerate(LONGEST)}
        items.sort(key=lambda item: place.get(item.path.name, len(place)))


def pytest_collection_finish() -> None:
    """What all test modules import lives to the end: the collector needn't look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def nerel() -> Path:
    """The folder of NEREL (``KGBUILD_NEREL``, or beside the checkout), else the test skips."""
    folder = Path(os.environ.get("KGBUILD_NEREL", ROOT.parent / "shared" / "data" / "nerel"))
    if not (folder / "dev").is_dir():
        pytest.skip(f"NEREL isn't in {folder}: set KGBUILD_NEREL")
    return folder


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """Three random layers whose vocabulary is the letters."""
    from models_support import tiny_weights

    from kgbuild.models import encoder
    from kgbuild.models.folder import publish

    weights = tiny_weights(layers=3)
    target = tmp_path_factory.mktemp("tiny") / "base"
    return publish(target, lambda draft: encoder.convert(weights, draft))


@pytest.fixture
def tiny_encoder(tiny_folder: ModelFolder) -> LoadedEncoder:
    """A fresh copy of it: a network that trains would change a shared one."""
    import torch

    from kgbuild.models.encoder import load_encoder_folder

    return load_encoder_folder(tiny_folder, "cpu", torch.float32)


@pytest.fixture(scope="session")
def tokenizer(tiny_folder: ModelFolder) -> Tokenizer:
    """Its tokenizer: a token a letter, never one for two words."""
    import torch

    from kgbuild.extract.windows import word_tokenizer
    from kgbuild.models.encoder import load_encoder_folder

    return word_tokenizer(load_encoder_folder(tiny_folder, "cpu", torch.float32).tokenizer)


SAMPLES = ("01-mendeleev.txt", "02-blok.txt", "21-korolev.txt", "33-tobolsk.txt")


def made_once(
    factory: pytest.TempPathFactory, name: str, documents: Sequence[Path], expected: int
) -> Path:
    """The folder of a graph of documents, made with the real models by the worker that needs it
    first; the others wait for it."""
    from filelock import FileLock

    from kgbuild.config import Settings
    from kgbuild.wiring import open_graph

    several = "PYTEST_XDIST_WORKER" in os.environ
    place = (factory.getbasetemp().parent if several else factory.getbasetemp()) / name
    with FileLock(f"{place}.lock"):
        if not (place / "whole").exists():
            with open_graph(Settings(store=place / "kg"), create=True) as graph:
                report = graph.ingest(documents)
            assert not report.failures
            assert report.done == expected
            (place / "whole").touch()
    return place / "kg"


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a graph of four sample documents, made with the real models. Read only."""
    documents = [ROOT / "examples" / "docs" / name for name in SAMPLES]
    return made_once(tmp_path_factory, "sample", documents, len(documents))


@pytest.fixture(scope="session")
def samples_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a graph of all sample documents, made with the real models. Read only."""
    samples = ROOT / "examples" / "docs"
    return made_once(tmp_path_factory, "samples", [samples], len(list(samples.glob("*.txt"))))
