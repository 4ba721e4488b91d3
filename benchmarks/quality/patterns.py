"""What the patterns are worth: against NEREL, by pattern (kinship by whose it says), by relation.

Run:  python benchmarks/quality/patterns.py NEREL/train [--errors]

Mentions are the gold ones. A finding is right where the annotators relate the same two
mentions so; what they had related further up counts as wrong where it is stated once more. ``confidence`` is (right + 1) / (found + 2), which
`kgbuild.extract.patterns.extractor.CONFIDENCE` repeats. ``--errors`` lists what was not right.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from kgbuild.extract.patterns.extractor import CONFIDENCE, KINSHIP, LIFE
from kgbuild.extract.patterns.finding import Stated
from kgbuild.extract.patterns.reading import stated_in
from kgbuild.train.corpora.nerel import GoldDocument, read_folder
from kgbuild.types import Mention, Relation

Key = tuple[str, Mention, Mention]
SYMMETRIC = KINSHIP - {"PARENT_OF"}


def key(relation: Relation | Stated) -> Key:
    """What is compared: kinship but for PARENT_OF holds both ways."""
    ends = relation.subject, relation.object
    return relation.relation, *(sorted(ends) if relation.relation in SYMMETRIC else ends)


def shown(document: GoldDocument, stated: Stated) -> str:
    """A finding with the text around it."""
    first, last = sorted((stated.subject, stated.object))
    around = document.text[max(0, first.start - 40) : last.end + 40]
    return f"{stated.relation} ({stated.pattern}): {' '.join(around.split())}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--errors", action="store_true")
    given = parser.parse_args()
    found, right, annotated = Counter[str](), Counter[str](), Counter[str]()
    for document in read_folder(given.folder):
        gold = {key(r) for r in document.relations if r.relation in KINSHIP | LIFE}
        annotated.update(relation for relation, _, _ in gold)
        for stated in stated_in(document.text, document.mentions).stated:
            names = stated.pattern.split()[0], stated.relation
            found.update(names)
            if key(stated) in gold:
                right.update(names)
            elif given.errors:
                print(shown(document, stated))
    print(f"{'pattern':15}{'right':>6}{'found':>6}  confidence")
    for name in CONFIDENCE:
        worth = (right[name] + 1) / (found[name] + 2)
        print(f"{name:15}{right[name]:6}{found[name]:6}{worth:12.2f}")
    print(f"{'relation':15}{'right':>6}{'found':>6}   gold")
    for name in sorted(KINSHIP | LIFE):
        print(f"{name:15}{right[name]:6}{found[name]:6}{annotated[name]:7}")


if __name__ == "__main__":
    main()
