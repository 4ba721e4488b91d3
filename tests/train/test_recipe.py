"""Recipes: the shipped one, a file's, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kgbuild.errors import FormatError
from kgbuild.extract.network import NetworkConfig
from kgbuild.train import recipe as recipes
from kgbuild.train.recipe import Recipe, load_recipe, reshaped

SHIPPED = Path(recipes.__file__).parent


def test_the_shipped_recipe_is_read() -> None:
    recipe = load_recipe()
    assert recipe.epochs >= 1
    assert recipe.network.max_width >= 8
    assert load_recipe(epochs=2).epochs == 2


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_recipe_can_be_given_by_name(path: Path) -> None:
    assert load_recipe(path).epochs >= 1


@pytest.mark.parametrize("task", ["ner", "relations", "joint"])
def test_each_task_has_its_recipe_and_runs_of_them_can_be_merged(task: str) -> None:
    recipe = load_recipe(task=task)
    assert recipe.network.frozen == recipe.network.shared
    assert recipe == load_recipe(SHIPPED / recipes.SHIPPED[task])
    assert (recipe.mask_mentions > 0) == (task == "relations")


def test_the_card_s_recipe_trains_the_card_s_head() -> None:
    assert load_recipe(SHIPPED / "recipe_card.toml").network.head == "card"


def test_full_and_lora_reshape_the_network() -> None:
    recipe = load_recipe()
    assert reshaped(recipe) == recipe
    assert reshaped(recipe, full=True).network == replace(recipe.network, frozen=0)
    assert reshaped(recipe, lora=True).network == replace(recipe.network, rank=recipes.RANK)
    mine = replace(recipe, network=replace(recipe.network, rank=3))
    assert reshaped(mine, lora=True) == mine
    assert reshaped(mine, full=True).network.rank == 0
    with pytest.raises(FormatError, match="exclude each other"):
        reshaped(recipe, full=True, lora=True)


def test_a_file_overrides_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("epochs = 3\nseed = 9\n[network]\nspan_size = 7\n")
    assert load_recipe(path) == Recipe(epochs=3, seed=9, network=NetworkConfig(span_size=7))
    assert load_recipe(path, epochs=5).epochs == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("epoch = 3", "unknown settings: epoch"),
        ("[network]\nlayers = 3", "unknown settings: layers"),
        ("epochs = ", "no readable recipe"),
        ("network = 3", r"r\.toml"),
        ("epochs = 'many'", r"r\.toml"),
        ("[network]\ndropout = 'much'", r"r\.toml"),
        ("epochs = 0", r"r\.toml"),
        ("extra_weight = 0", r"r\.toml: extra_weight"),
        ("[network]\nhead = 'bert'", "head = 'bert' is none of pairs, card"),
        ("[network]\nhead = 1", "head = 1 is none of pairs, card"),
    ],
)
def test_what_is_not_a_recipe_is_refused_by_name(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(text)
    with pytest.raises(FormatError, match=reason):
        load_recipe(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="absent"):
        load_recipe(tmp_path / "absent.toml")
