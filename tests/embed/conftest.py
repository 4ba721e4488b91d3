"""Embedders under test: the embedded one, and tiny models of the reference classes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from kgbuild.embed import E5Embedder, TransformerEmbedder
from kgbuild.models.registry import Pooling, PromptFamily, embedder_for
from kgbuild.ports import PROMPTS, Embedder

TINY_CORPUS = (
    "В Ярославской области разрешили работу бань, но без посетителей.",
    "Женщину доставили в больницу, за ее жизнь сейчас борются врачи.",
    "The quick brown fox jumps over the lazy dog, № 5.",
    "search_query: search_document: paraphrase: categorize_topic: categorize_sentiment: ",
)
TINY_POSITIONS = 64


@dataclass(frozen=True)
class Subject:
    """An embedder with the parts that a test needs to compute its vectors itself."""

    embedder: Embedder
    model: Any
    tokenizer: Tokenizer
    max_tokens: int
    pooling: Pooling
    family: PromptFamily


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def write_settings(folder: Path, pooling: str) -> None:
    """The files that sentence-transformers puts beside a model."""
    prompts: dict[str, str] = {name: f"{name}: " for name in PROMPTS if name != "none"}
    prompts["SomeBenchmarkTask"] = "categorize_sentiment: "
    write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": prompts, "default_prompt_name": "categorize_entailment"},
    )
    modes = {"cls_token": pooling == "cls", "mean_tokens": pooling == "mean", "max_tokens": False}
    write_json(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": 32,
            **{f"pooling_mode_{k}": v for k, v in modes.items()},
            "include_prompt": True,
        },
    )
    write_json(
        folder / "modules.json",
        [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate([("", "Transformer"), ("1_Pooling", "Pooling")])
        ],
    )


def tiny_tokenizer(kind: str, special: tuple[str, str]) -> Tokenizer:
    """WordPiece or byte-level BPE, with the truncation and padding that hub folders carry."""
    from tokenizers import decoders, models, pre_tokenizers, processors, trainers

    names = ["[PAD]", "[UNK]", *special]
    if kind == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer: Any = trainers.WordPieceTrainer(
            vocab_size=400, special_tokens=names, show_progress=False
        )
    else:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=names,
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
    tokenizer.train_from_iterator(TINY_CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{special[0]} $A {special[1]}",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in special],
    )
    tokenizer.enable_truncation(TINY_POSITIONS)
    tokenizer.enable_padding(length=TINY_POSITIONS)
    return tokenizer


def make_tiny_bert(folder: Path) -> Path:
    """A BERTA in small: BertModel, WordPiece, mean pooling."""
    import torch
    from transformers import BertConfig, BertModel

    tokenizer = tiny_tokenizer("wordpiece", ("[CLS]", "[SEP]"))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=TINY_POSITIONS,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_settings(folder, "mean")
    return folder


def make_tiny_t5(folder: Path) -> Path:
    """A FRIDA in small: T5EncoderModel, byte-level BPE, CLS pooling."""
    import torch
    from transformers import T5Config, T5EncoderModel

    tokenizer = tiny_tokenizer("bpe", ("[CLS]", "</s>"))
    torch.manual_seed(2)
    config = T5Config(
        vocab_size=tokenizer.get_vocab_size(),
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        feed_forward_proj="gated-gelu",
        pad_token_id=0,
        initializer_factor=4.0,
    )
    T5EncoderModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_settings(folder, "cls")
    return folder


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bert(tmp_path_factory.mktemp("tiny-bert"))


@pytest.fixture(scope="session")
def tiny_t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_t5(tmp_path_factory.mktemp("tiny-t5"))


@pytest.fixture
def new_tiny_bert(tmp_path: Path) -> Callable[[], Path]:
    """Makes a tiny BERTA's folder that a test may spoil."""
    return lambda: make_tiny_bert(tmp_path / "model")


@pytest.fixture(scope="session")
def e5_subject() -> Subject:
    from kgbuild.models.encoder import load_base_encoder

    encoder = load_base_encoder()
    return Subject(
        E5Embedder(encoder), encoder.model, encoder.tokenizer, encoder.max_length, "mean", "e5"
    )


@pytest.fixture(scope="session")
def berta_subject(tiny_bert: Path) -> Subject:
    from transformers import BertModel

    embedder = TransformerEmbedder(embedder_for(tiny_bert))
    model: Any = BertModel.from_pretrained(tiny_bert, dtype="float32")
    model.eval()
    return Subject(embedder, model, _bare(tiny_bert), TINY_POSITIONS, "mean", "frida")


@pytest.fixture(scope="session")
def frida_subject(tiny_t5: Path) -> Subject:
    from transformers import T5EncoderModel

    embedder = TransformerEmbedder(embedder_for(tiny_t5))
    model: Any = T5EncoderModel.from_pretrained(tiny_t5, dtype="float32")
    model.eval()
    return Subject(embedder, model, _bare(tiny_t5), 512, "cls", "frida")


@pytest.fixture(scope="session", params=["e5", "berta", "frida"])
def subject(request: pytest.FixtureRequest) -> Subject:
    """Every adapter in turn."""
    found: Subject = request.getfixturevalue(f"{request.param}_subject")
    return found


def _bare(folder: Path) -> Tokenizer:
    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
