"""Weights without references in a network with them: the old answers, and a beginning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from kgbuild.errors import WeightsError
from kgbuild.extract import task_weights
from kgbuild.extract.batch import REFERENCES, TYPE_INDEX
from kgbuild.extract.network import JointNetwork
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.models.folder import ModelFolder
from tests.extract.test_joint import CONFIG, saved
from tests.extract.test_network import LONG, SHORT, batches

WIDER = replace(CONFIG, references=1)


@pytest.fixture
def both(tiny_encoder: LoadedEncoder, tmp_path: Path) -> tuple[JointNetwork, JointNetwork]:
    """A network with the weights of a folder, and a wider one that set out from them."""
    saved(tiny_encoder, tmp_path / "w")
    folder = ModelFolder.open(tmp_path / "w")
    old = JointNetwork(tiny_encoder.model, CONFIG).eval()
    task_weights.load_into(old, folder)
    new = JointNetwork(tiny_encoder.model, WIDER).eval()
    task_weights.load_into(new, folder, widen=True)
    return old, new


@torch.inference_mode()
def test_the_old_labels_get_the_old_scores(
    both: tuple[JointNetwork, JointNetwork], tokenizer: Tokenizer
) -> None:
    old, new = both
    text, pairs = batches(tokenizer, LONG, SHORT)
    states = old.encode(text)
    assert torch.equal(new.encode(text), states)
    spans, wider = old.score_spans(states, text), new.score_spans(states, text)
    assert wider.shape[-1] == 31
    torch.testing.assert_close(wider[..., :29], spans, atol=1e-5, rtol=1e-5)
    before, after = old.score_pairs(states, text, pairs), new.score_pairs(states, text, pairs)
    assert after.shape[-1] == 51
    torch.testing.assert_close(after[:, :49], before, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_a_reference_begins_as_what_it_stands_for(
    both: tuple[JointNetwork, JointNetwork],
) -> None:
    old, new = both
    assert old.type_inputs is not None
    assert new.type_inputs is not None
    for reference, stands in REFERENCES.items():
        one, other = TYPE_INDEX[reference], TYPE_INDEX[stands]
        types = new.pairs.types.weight
        assert torch.equal(types[one], old.pairs.types.weight[other])
        for shift, wide in ((0, 0), (29, 31)):
            given = old.type_inputs.weight[:, shift + other]
            torch.testing.assert_close(new.type_inputs.weight[:, wide + one], given / 2)
            assert torch.equal(new.type_inputs.weight[:, wide + other], given)


def test_weights_are_widened_only_where_that_is_asked(
    tiny_encoder: LoadedEncoder, tmp_path: Path
) -> None:
    saved(tiny_encoder, tmp_path / "w")
    network = JointNetwork(tiny_encoder.model, WIDER)
    with pytest.raises(WeightsError, match="of another shape"):
        task_weights.load_into(network, ModelFolder.open(tmp_path / "w"))
