import subprocess
import sys

import pytest

from kgbuild.embed.prompts import PREFIXES, check_prefixes, prefix
from kgbuild.errors import InputError, ModelError
from kgbuild.models.registry import BERTA, E5_SMALL
from kgbuild.ports import PROMPTS


def test_every_family_knows_every_prompt() -> None:
    assert all(tuple(table) == PROMPTS for table in PREFIXES.values())


def test_e5_asks_with_query_and_stores_with_passage() -> None:
    assert prefix("e5", "search_query") == prefix("e5", "paraphrase") == "query: "
    assert prefix("e5", "search_document") == "passage: "
    assert prefix("e5", "none") == ""


def test_frida_s_prefixes_are_the_prompts_names() -> None:
    assert prefix("frida", "search_query") == "search_query: "
    assert prefix("frida", "categorize_entailment") == "categorize_entailment: "
    assert prefix("frida", "none") == ""


def test_an_unknown_prompt_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'ask'.*search_document"):
        prefix("frida", "ask")  # type: ignore[arg-type]


def test_prefixes_of_other_names_are_left_alone() -> None:
    check_prefixes(BERTA, {"search_query": "search_query: ", "STS22": "paraphrase: "}, "a.json")
    check_prefixes(E5_SMALL, {}, "a.json")


def test_a_mismatch_names_both() -> None:
    with pytest.raises(ModelError, match=r"a\.json.*BERTA.*'query: ' there, 'search_query: '"):
        check_prefixes(BERTA, {"search_query": "query: "}, "a.json")


def test_importing_the_stage_loads_no_model_library() -> None:
    code = (
        "import sys, kgbuild.embed, kgbuild.models.registry\n"
        "print([m for m in ('torch', 'transformers', 'tokenizers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
