from __future__ import annotations

import inspect

import pytest

from kgbuild import errors


def test_require_names_the_install_command() -> None:
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'kgbuild\[distributed\]'"):
        errors.require("no_such_module_here", extra="distributed")


def test_require_gives_the_module() -> None:
    assert errors.require("json", extra="serve").dumps([]) == "[]"


def test_the_drawn_tree_is_the_real_one() -> None:
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass)
               if issubclass(c, errors.KgbuildError)]  # fmt: skip
    assert all(c.__name__ in (errors.__doc__ or "") for c in classes)
