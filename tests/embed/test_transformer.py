"""What a folder must hold, and the reference models themselves where they are at hand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgbuild.embed import TransformerEmbedder
from kgbuild.errors import ModelError, WeightsError
from kgbuild.models.registry import BERTA, E5_SMALL, embedder_for
from kgbuild.ports import PromptName

MakeFolder = Callable[[], Path]


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def load(folder: Path, **options: Any) -> TransformerEmbedder:
    return TransformerEmbedder(embedder_for("BERTA", folder), **options)


def test_a_wrong_prefix_names_both(new_tiny_bert: MakeFolder) -> None:
    folder = new_tiny_bert()
    edit(folder / "config_sentence_transformers.json", prompts={"search_query": "query: "})
    with pytest.raises(ModelError, match=r"'query: ' there, 'search_query: ' on the card"):
        load(folder)


def test_another_pooling_names_both(new_tiny_bert: MakeFolder) -> None:
    folder = new_tiny_bert()
    path = folder / "1_Pooling" / "config.json"
    edit(path, pooling_mode_cls_token=True, pooling_mode_mean_tokens=False)
    with pytest.raises(ModelError, match=r"'cls', the card of BERTA by 'mean'"):
        load(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"pooling_mode_max_tokens": True},
        {"pooling_mode_mean_tokens": False},
        {"include_prompt": False},
    ],
)
def test_an_unsupported_pooling_is_refused(
    new_tiny_bert: MakeFolder, changes: dict[str, bool]
) -> None:
    folder = new_tiny_bert()
    edit(folder / "1_Pooling" / "config.json", **changes)
    with pytest.raises(ModelError, match=r"1_Pooling.config\.json"):
        load(folder)


def test_the_newer_form_of_the_pooling_file(new_tiny_bert: MakeFolder) -> None:
    folder = new_tiny_bert()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "mean"}')
    assert load(folder).dimension == 32


def test_a_further_module_is_refused(new_tiny_bert: MakeFolder) -> None:
    folder = new_tiny_bert()
    (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Dense"}]')
    with pytest.raises(ModelError, match="Dense"):
        load(folder)


def test_missing_files_are_all_named(new_tiny_bert: MakeFolder) -> None:
    folder = new_tiny_bert()
    card = embedder_for(folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(WeightsError, match=r"safetensors \(pickled.*tokenizer\.json"):
        TransformerEmbedder(card)


def test_weights_of_another_shape_are_refused(new_tiny_bert: MakeFolder) -> None:
    folder = new_tiny_bert()
    edit(folder / "config.json", num_hidden_layers=3)
    with pytest.raises(WeightsError, match=r"lack .* tensors of BertModel, such as"):
        load(folder)


def test_truncated_weights_are_refused(new_tiny_bert: MakeFolder) -> None:
    path = (folder := new_tiny_bert()) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match=str(folder)):
        load(folder)


def test_a_model_with_its_own_code_is_refused(new_tiny_bert: MakeFolder) -> None:
    folder = new_tiny_bert()
    (folder / "modeling_own.py").write_text("raise SystemExit('ran')")
    auto = {"AutoConfig": "modeling_own.OwnConfig", "AutoModel": "modeling_own.OwnModel"}
    edit(folder / "config.json", model_type="own", auto_map=auto)
    with pytest.raises(ModelError, match="own"):
        load(folder)


def test_an_unknown_dtype_or_device_is_refused(tiny_bert: Path) -> None:
    with pytest.raises(ModelError, match="float64"):
        load(tiny_bert, dtype="float64")


def test_a_folder_opens_by_its_path(tiny_bert: Path) -> None:
    embedder = TransformerEmbedder.open(str(tiny_bert), device="cpu")
    assert embedder.fingerprint == load(tiny_bert).fingerprint


def test_bfloat16_is_near_float32(tiny_bert: Path) -> None:
    texts = ["Женщину спасают врачи.", "The quick brown fox"]
    exact, rough = (load(tiny_bert, dtype=d).embed(texts, "none") for d in ("float32", "bfloat16"))
    assert (exact * rough).sum(1).min() > 0.99


def test_the_token_budget_changes_no_vector(tiny_bert: Path) -> None:
    texts = [f"Бань разрешили {n} " * (n % 30) for n in range(60)]
    one = load(tiny_bert, token_budget=1).embed(texts, "none")
    many = load(tiny_bert, token_budget=100_000).embed(texts, "none")
    np.testing.assert_allclose(one, many, atol=1e-5)


def test_an_older_vocabulary_goes_through_transformers(new_tiny_bert: MakeFolder) -> None:
    from tokenizers import Tokenizer

    folder = new_tiny_bert()
    vocabulary = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    (folder / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.__getitem__)))
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "BertTokenizer", "do_lower_case": false}'
    )
    assert load(folder).embed(["Женщину"], "none").shape == (1, 32)


def test_the_fingerprint_follows_weights_config_and_tokenizer(new_tiny_bert: MakeFolder) -> None:
    folder = new_tiny_bert()
    seen = {load(folder).fingerprint, load(folder, dtype="bfloat16").fingerprint}
    assert len(seen) == 1
    edit(folder / "config.json", note="changed")
    seen.add(load(folder).fingerprint)
    edit(folder / "tokenizer.json", truncation=None)
    seen.add(load(folder).fingerprint)
    assert len(seen) == 3


def test_a_hub_model_that_is_not_cached_names_what_was_tried() -> None:
    card = replace(BERTA, hub_id="kgbuild/no-such-model")
    with pytest.raises(WeightsError, match=r"kgbuild/no-such-model.*give its folder"):
        TransformerEmbedder(card, local_files_only=True)


def test_the_embedded_model_is_not_on_the_hub() -> None:
    with pytest.raises(ModelError, match="it is the embedder 'embedded'"):
        TransformerEmbedder(E5_SMALL)


CARD_EXAMPLES: list[tuple[PromptName, str, PromptName, str, float]] = [
    (
        "paraphrase",
        "В Ярославской области разрешили работу бань, но без посетителей",
        "paraphrase",
        "Ярославским баням разрешили работать без посетителей",
        0.9530,
    ),
    (
        "categorize_entailment",
        "Женщину доставили в больницу, за ее жизнь сейчас борются врачи.",
        "categorize_entailment",
        "Женщину спасают врачи.",
        0.8667,
    ),
    (
        "search_query",
        "Сколько программистов нужно, чтобы вкрутить лампочку?",
        "search_document",
        "Чтобы вкрутить лампочку, требуется три программиста: один напишет программу извлечения"
        " лампочки, другой — вкручивания лампочки, а третий проведет тестирование.",
        0.7839,
    ),
]


@pytest.fixture(scope="module")
def berta() -> TransformerEmbedder:
    """BERTA itself: the folder in KGBUILD_BERTA, or the model hub's cache."""
    try:
        if folder := os.environ.get("KGBUILD_BERTA"):
            return TransformerEmbedder(embedder_for("BERTA", Path(folder)))
        return TransformerEmbedder(BERTA, local_files_only=True)
    except WeightsError as error:
        if "KGBUILD_BERTA" in os.environ:
            raise
        pytest.skip(f"BERTA's weights aren't here, set KGBUILD_BERTA to their folder: {error}")


@pytest.mark.parametrize(("prompt", "text", "other_prompt", "other", "similarity"), CARD_EXAMPLES)
def test_berta_gives_its_card_s_similarities(
    berta: TransformerEmbedder,
    prompt: PromptName,
    text: str,
    other_prompt: PromptName,
    other: str,
    similarity: float,
) -> None:
    one, two = berta.embed([text], prompt)[0], berta.embed([other], other_prompt)[0]
    assert float(one @ two) == pytest.approx(similarity, abs=2e-4)
