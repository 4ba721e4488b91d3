"""``make security``: every attack of this folder, the slow ones too, and what held.

Run:  PYTHONPATH=.:tests python -m security.run [MODULE …]
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
EVERYTHING = "slow_security or not slow_security"
LONGEST = 300
"""Seconds that one attack may take."""


class Told:
    """What became of each test, by module."""

    def __init__(self) -> None:
        self.outcomes: dict[str, dict[str, str]] = defaultdict(dict)
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        path, _, name = report.nodeid.partition("::")
        module = Path(path).stem
        self.seconds[module] += report.duration
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[module][name] = report.outcome

    def lines(self) -> list[str]:
        shown = []
        for module, outcomes in self.outcomes.items():
            said = ast.get_docstring(ast.parse((FOLDER / f"{module}.py").read_text("utf-8"))) or ""
            held = sum(outcome == "passed" for outcome in outcomes.values())
            skipped = sum(outcome == "skipped" for outcome in outcomes.values())
            rest = f", {skipped} not tried here" if skipped else ""
            shown.append(f"{module}: {' '.join(said.split())}")
            shown.append(
                f"    {held} of {len(outcomes) - skipped} held{rest}, {self.seconds[module]:.0f} s"
            )
            shown += [f"    DID NOT HOLD: {n}" for n, o in outcomes.items() if o == "failed"]
        return shown


def main() -> int:
    """Run what is named, or all; the exit code is pytest's."""
    told = Told()
    named = [str(FOLDER / f"{name}.py") for name in sys.argv[1:]] or [str(FOLDER)]
    code = pytest.main(
        [*named, "-m", EVERYTHING, "-n", "0", f"--timeout={LONGEST}", "-q"], plugins=[told]
    )
    print("\n".join(["", *told.lines()]))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
