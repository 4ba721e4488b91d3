"""Names in the nominative, and the key under which two mentions are one name.

The key of every type is its canonical name folded (case, ё/е, quotes, dashes, stray
punctuation), so forms of one name meet in one node. A lone name is read by itself; the names
of a document by one another and by the words beside them (:mod:`kgbuild.resolve.naming`), and
by nothing outside of it, so that the order of documents makes no difference.

A person's key holds every part that was written: «Дмитрий Менделеев» and «Дмитрий Иванович
Менделеев» are two keys. Names that differ by a part may be two people (the two Alexandre
Dumas), and a false merge costs more than a duplicate; within one document the resolver
joins them on evidence.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgbuild.read.breaks import rejoin
from kgbuild.resolve.naming import names_of, occurrences
from kgbuild.resolve.version import NORMALIZER, dictionary
from kgbuild.russian.forms import normal_name
from kgbuild.types import Mention, Name


class RussianNormalizer:
    """The ``Normalizer`` port for Russian, with pymorphy3's dictionary.

    The dictionary is read at the first name; answers are cached for the whole process.
    """

    @property
    def fingerprint(self) -> str:
        """The version of the rules that name mentions and make nodes, and the dictionary's."""
        return f"russian:{NORMALIZER}:{dictionary()}"

    def normalize(self, surface: str, type: str) -> Name:
        """The key that identifies the name and its nominative form.

        «Дмитрия Ивановича Менделеева» → «Дмитрий Иванович Менделеев»; «Министерством
        обороны России» → «Министерство обороны России»; «в 1834 году» → «1834 год».
        """
        return normal_name(rejoin(surface).strip() or surface, type)

    def names(self, text: str, mentions: Sequence[Mention]) -> list[Name]:
        """The name of each mention of a document, in order.

        «Тринкомале» beside «Тринкомалы» is Тринкомала, and «с Ананьевой» Ананьева.
        """
        return names_of(occurrences(text, mentions))
