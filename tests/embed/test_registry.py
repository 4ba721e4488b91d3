from pathlib import Path

import pytest

from kgbuild.errors import ModelError, WeightsError
from kgbuild.models.registry import BERTA, CARDS, E5_SMALL, FRIDA, ModelCard, embedder_for


@pytest.mark.parametrize(
    ("spec", "card"),
    [
        ("embedded", E5_SMALL),
        ("reference", BERTA),
        ("berta", BERTA),
        ("sergeyzh/BERTA", BERTA),
        ("FRIDA", FRIDA),
        ("multilingual-e5-small", E5_SMALL),
    ],
)
def test_a_name_a_profile_or_a_hub_id_finds_its_card(spec: str, card: ModelCard) -> None:
    assert embedder_for(spec) is card


def test_names_are_distinct() -> None:
    assert len({card.name.casefold() for card in CARDS}) == len(CARDS)


def test_a_folder_says_which_model_it_holds(tiny_bert: Path, tiny_t5: Path) -> None:
    card = embedder_for(tiny_bert)
    assert (card.name, card.folder, card.dimension) == ("BERTA", tiny_bert, 32)
    assert embedder_for(str(tiny_t5)).name == "FRIDA"


def test_a_name_with_a_folder(tiny_bert: Path) -> None:
    assert embedder_for("BERTA", folder=tiny_bert) == embedder_for(tiny_bert)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ModelError, match=r"'word2vec'.*embedded, reference.*FRIDA"):
        embedder_for("word2vec")


def test_a_folder_without_prompts_wants_a_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert", "hidden_size": 8}')
    with pytest.raises(ModelError, match="give the model's name"):
        embedder_for(tmp_path)
    assert embedder_for("BERTA", tmp_path).dimension == 8


def test_a_folder_without_a_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"config\.json"):
        embedder_for(tmp_path)


def test_the_embedded_model_has_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="comes with the package"):
        embedder_for("embedded", tmp_path)
