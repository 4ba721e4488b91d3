"""How much of what the sample documents state the shipped models find.

Run:  python benchmarks/quality/samples.py

Ingests examples/docs into a temporary graph and compares it with the hand-made list
in tests/acceptance/expected.json: facts with their sentences, questions, abstentions.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import kgbuild

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from acceptance.matching import FoundFacts, same_name  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mark", action="store_true", help="mark what was found as a must")
    path = ROOT / "tests" / "acceptance" / "expected.json"
    expected = json.loads(path.read_text("utf-8"))
    mark = parser.parse_args().mark
    with tempfile.TemporaryDirectory() as folder, kgbuild.open(folder, create=True) as graph:
        graph.ingest([ROOT / "examples" / "docs"])
        found = FoundFacts(graph)
        by_relation: Counter[str] = Counter()
        for fact in expected["facts"]:
            fact["must"] = found.has(fact)
            by_relation[fact["relation"]] += fact["must"]
        for entry in expected["questions"]:
            items = graph.ask(entry["question"]).answers
            entry["must"] = bool(items) and any(
                same_name(wanted, items[0].text) for wanted in entry["answers"]
            )
        abstained = sum(graph.ask(e["question"]).abstained for e in expected["abstain"])
    total = Counter(fact["relation"] for fact in expected["facts"])
    for relation, count in total.most_common():
        print(f"{relation:20} {by_relation[relation]:4} of {count}")
    for kind in ("facts", "questions"):
        print(f"{kind}: {sum(e['must'] for e in expected[kind])} of {len(expected[kind])}")
    print(f"abstained: {abstained} of {len(expected['abstain'])}")
    if mark:
        path.write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
