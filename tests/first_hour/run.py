"""A newcomer's first hour, by the command line alone: read a folder, ask, correct, export, delete.

    python tests/first_hour/run.py [--folder FOLDER] [--json]

Fifteen mixed files and forty questions, all written before the program had seen any of them;
questions are not there to tune on. Figures go to stdout, what was asked of the program to
stderr.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from first_hour import folder as made  # noqa: E402 - found beside this file


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Newcomer:
    """Types commands in a folder of their own, each a process unless ``here``."""

    def __init__(self, home: Path, here: bool = False) -> None:
        self.home, self.here = home, here

    def type(self, *words: str) -> Said:
        print("$ kgbuild", *words, file=sys.stderr, flush=True)
        start = time.perf_counter()
        code, out, err = self._called(words) if self.here else self._started(words)
        return Said(code, out, err, time.perf_counter() - start)

    def _started(self, words: tuple[str, ...]) -> tuple[int, str, str]:
        command = [sys.executable, str(HERE.parents[1] / "cli.py"), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.home)
        return done.returncode, done.stdout, done.stderr

    def _called(self, words: tuple[str, ...]) -> tuple[int, str, str]:
        """The same in this process: one that has loaded the models doesn't load them again."""
        from kgbuild.cli import main as kgbuild

        out, err, before = io.StringIO(), io.StringIO(), sys.argv
        sys.argv = ["kgbuild", *words]
        try:
            with chdir(self.home), redirect_stdout(out), redirect_stderr(err):
                kgbuild()
        except SystemExit as stop:
            return int(stop.code or 0), out.getvalue(), err.getvalue()
        finally:
            sys.argv = before
        raise AssertionError("the command line didn't end with an exit code")


def questions() -> list[dict[str, Any]]:
    """``{"kind": sentence | across | none, "question", "answers": [stems]}``."""
    lines = (HERE / "questions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def is_right(wanted: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether the first answer holds one of the stems, or there is rightly none."""
    if answer["abstained"]:
        return not wanted["answers"]
    first = answer["answers"][0]["text"].casefold().replace("ё", "е")
    return any(stem.casefold().replace("ё", "е") in first for stem in wanted["answers"])


def hour(newcomer: Newcomer) -> dict[str, Any]:
    """All of it, as figures; every command that fails where it should not is named."""
    home = newcomer.home
    found: dict[str, Any] = {"files": len(list((home / "docs").iterdir()))}
    faults: list[str] = []

    def expect(said: Said, code: int, what: str) -> Said:
        if said.code != code:
            faults.append(f"{what}: exit code {said.code}: {said.err.strip()[-200:]}")
        return said

    read = newcomer.type("ingest", "docs")
    stored = expect(newcomer.type("documents", "--json"), 0, "documents").lines
    held = {Path(d["source"].partition("#")[0].partition("!")[0]).name for d in stored}
    missing = sorted({path.name for path in (home / "docs").iterdir()} - held)
    expect(read, 3 if missing else 0, "ingest")
    faults += [
        f"{name} isn't read, and nothing says so" for name in missing if name not in read.err
    ]
    again = expect(newcomer.type("ingest", "docs"), 3 if missing else 0, "ingest again")
    if "added 0" not in again.out + again.err:
        faults.append(f"a second ingest added something: {(again.out + again.err)[-200:]}")
    found |= {
        "documents": len(stored),
        "files read": found["files"] - len(missing),
        "files named as not read": missing,
        "seconds to read": round(read.seconds, 1),
    }
    ask_all(newcomer, found, expect)
    correct(newcomer, found, expect)
    export(newcomer, found, expect)
    delete(newcomer, found, expect)
    found["faults"] = faults
    return found


def ask_all(newcomer: Newcomer, found: dict[str, Any], expect: Any) -> None:
    gold = questions()
    (newcomer.home / "questions.txt").write_text("\n".join(q["question"] for q in gold), "utf-8")
    said = expect(newcomer.type("query", "--file", "questions.txt", "--json"), 0, "query")
    right, asked = Counter[str](), Counter[str]()
    wrong = answered = shown = 0
    for wanted, answer in zip(gold, said.lines, strict=True):
        asked[wanted["kind"]] += 1
        right[wanted["kind"]] += is_right(wanted, answer)
        wrong += not answer["abstained"] and not is_right(wanted, answer)
        answered += not answer["abstained"]
        shown += any(item["evidence"] for item in answer["answers"])
    found["questions"] = {kind: f"{right[kind]} of {n} right" for kind, n in asked.items()}
    found["questions"]["all"] = f"{right.total()} of {asked.total()} right"
    found["answers that are wrong"] = wrong
    found["answers"], found["answers with their sentence"] = answered, shown
    cold = [expect(newcomer.type("query", gold[0]["question"]), 0, "a cold query").seconds,
            expect(newcomer.type("search", "теплоход"), 0, "a cold search").seconds]  # fmt: skip
    found["seconds of a cold query and a cold search"] = [round(s, 1) for s in cold]


def correct(newcomer: Newcomer, found: dict[str, Any], expect: Any) -> None:
    """Reject a fact, undo it, accept it; say that two are one, undo that."""
    facts = expect(newcomer.type("export", "facts"), 0, "export facts").lines
    one = facts[0]
    id = f"{one['subject']['entity']}:{one['relation']}:{one['object']['entity']}"

    def stands() -> bool:
        lines = newcomer.type("export", "facts").lines
        return id in {
            f"{f['subject']['entity']}:{f['relation']}:{f['object']['entity']}" for f in lines
        }

    held = []
    expect(newcomer.type("reject", id), 0, "reject")
    held.append(not stands())
    number = str(
        expect(newcomer.type("judgements", "--json"), 0, "judgements").lines[-1]["judgement"]
    )
    expect(newcomer.type("undo", number), 0, "undo")
    held.append(stands())
    people = [e for e in newcomer.type("export", "entities").lines if e["type"] == "PERSON"][:2]
    before = len(newcomer.type("export", "entities").lines)
    expect(newcomer.type("merge", people[0]["id"], people[1]["id"]), 0, "merge")
    held.append(len(newcomer.type("export", "entities").lines) == before - 1)
    number = str(newcomer.type("judgements", "--json").lines[-1]["judgement"])
    expect(newcomer.type("undo", number), 0, "undo the merge")
    held.append(len(newcomer.type("export", "entities").lines) == before)
    found["corrections that held"] = f"{sum(held)} of {len(held)}"


def export(newcomer: Newcomer, found: dict[str, Any], expect: Any) -> None:
    done = []
    for what in ("mentions", "facts", "entities"):
        for format in ("jsonl", "csv", "xlsx", "parquet"):
            name = f"{what}.{format}"
            said = expect(newcomer.type("export", what, "--format", format, "-o", name), 0, name)
            done.append(said.code == 0 and (newcomer.home / name).stat().st_size > 0)
    found["exports"] = f"{sum(done)} of {len(done)}"


def delete(newcomer: Newcomer, found: dict[str, Any], expect: Any) -> None:
    """A document goes with all that only it supported; then everything goes."""
    gone = "docs/02-biography.md"
    expect(newcomer.type("delete", gone), 0, "delete")
    left = {m["document"] for m in newcomer.type("export", "mentions").lines}
    left |= {f["document"] for f in newcomer.type("export", "facts").lines}
    expect(newcomer.type("delete", "docs/"), 0, "delete all")
    after = newcomer.type("stats", "--json").lines[0]
    expect(newcomer.type("db", "check"), 0, "db check")
    found["deleted exactly"] = gone not in left and not any(
        after[name] for name in ("documents", "sentences", "mentions", "entities", "facts")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where to work; kept afterwards")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = given.folder or Path(scratch) / "home"
        made.make(home / "docs")
        found = hour(Newcomer(home))
    if given.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    sys.exit(bool(found["faults"]))


if __name__ == "__main__":
    main()
