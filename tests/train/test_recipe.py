"""Recipes: the shipped one, a file's, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.errors import FormatError
from kgbuild.extract.network import NetworkConfig
from kgbuild.train import recipe as recipes
from kgbuild.train.recipe import Recipe, load_recipe

SHIPPED = Path(recipes.__file__).parent


def test_the_shipped_recipe_is_read() -> None:
    recipe = load_recipe()
    assert recipe.epochs >= 1
    assert recipe.network.max_width >= 8
    assert load_recipe(epochs=2).epochs == 2


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_recipe_can_be_given_by_name(path: Path) -> None:
    assert load_recipe(path).epochs >= 1


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
