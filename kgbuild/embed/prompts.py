"""What each family of models wants to read before a text.

Sources: the e5 card (``query: `` also for symmetric tasks) and the cards of FRIDA and of
BERTA, which inherits FRIDA's prefixes; plain models read texts as they are. BERTA's folder names ``categorize_entailment`` as
its default; nothing here has a default, so that a caller always says what it means.
"""

from __future__ import annotations

from collections.abc import Mapping

from kgbuild.errors import InputError, ModelError
from kgbuild.models.registry import ModelCard, PromptFamily
from kgbuild.ports import PROMPTS, PromptName

PROMPTS_VERSION = 1
"""Part of every embedder's fingerprint: raise it when a prefix below changes."""

PREFIXES: Mapping[PromptFamily, Mapping[PromptName, str]] = {
    "e5": {
        "search_query": "query: ",
        "search_document": "passage: ",
        "paraphrase": "query: ",
        "categorize": "query: ",
        "categorize_sentiment": "query: ",
        "categorize_topic": "query: ",
        "categorize_entailment": "query: ",
        "none": "",
    },
    "frida": {name: "" if name == "none" else f"{name}: " for name in PROMPTS},
    "plain": dict.fromkeys(PROMPTS, ""),
}


def prefix(family: PromptFamily, prompt: PromptName) -> str:
    """The prefix that a family wants for a prompt.

    Raises:
        InputError: there is no such prompt.
    """
    try:
        return PREFIXES[family][prompt]
    except KeyError:
        raise InputError(f"no prompt {prompt!r}: the prompts are {', '.join(PROMPTS)}") from None


def prompts_that_differ(family: PromptFamily) -> list[PromptName]:
    """One prompt, the first, for each prefix that a family has."""
    first: dict[str, PromptName] = {}
    for name, lead in PREFIXES[family].items():
        first.setdefault(lead, name)
    return list(first.values())


def check_prefixes(card: ModelCard, found: Mapping[str, str], source: str) -> None:
    """Compare the prefixes that a model's folder names with those of its card.

    Names that kgbuild doesn't use are left alone; a name that the folder lacks is the
    card's.

    Raises:
        ModelError: a prefix differs; the message names the prompt and both prefixes.
    """
    wrong = [
        f"{name}: {found[name]!r} there, {wanted!r} on the card"
        for name, wanted in PREFIXES[card.prompts].items()
        if name in found and found[name] != wanted
    ]
    if wrong:
        raise ModelError(
            f"the prefixes in {source} aren't those of {card.name} ({'; '.join(wrong)}):"
            " this is another model, or its folder was changed"
        )
