"""Lets the disk fail under the command line at random moments, and checks what is left.

Run:  PYTHONPATH=.:tests python -m crash.io_faults [--faults 60] [--seed 1]

Each fault is a process of its own, forked from this one, that runs ``kgbuild ingest``, an
ingest of changed documents, ``delete`` or ``index rebuild`` on a copy of a small store (the
models are the fakes). strace lets one of its writing system calls on the store's files, or
all of that name from one on, fail with EIO or ENOSPC. The command must then have ended with
exit code 1 and one line that names what failed, or have got over it; and as after a kill
(``crash.verify``) nothing that it told is lost, the database is sound, no file is left
about, and the same work then runs to its end. Prints a table by command and call.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crash import verify
from crash.torture import CALLS, Torture, drained, forked
from crash.work import NEW, OLD, Task, write_documents
from fakes import FakeEmbedder, FakeExtractor

from kgbuild import cli, wiring
from kgbuild.types import AddResult, DocumentRecord
from storage.sql import SqlStore

KINDS = ("ingest", "replace", "delete", "index")
ERRORS = ("EIO", "ENOSPC")
LIMIT = 300.0
"""Seconds that a traced command may take; the torture's limits are for times, this isn't."""
TOLD = re.compile(r"(disk I/O error|disk is full|Input/output error|No space left|can't write"
                  r"|can't (make|read)|error opening|unable to open|database .* failed)")  # fmt: skip
"""What a message about a failed disk says."""


@dataclass(frozen=True)
class Fault:
    """What one failed call came to."""

    kind: str
    call: str
    code: str
    fault: str


def command(task: Task) -> list[str]:
    """The arguments of the command that does a task's work, its documents written."""
    docs = task.place / "docs"
    if task.kind == "index":
        return ["index", "rebuild"]
    if task.kind == "delete":
        order = random.Random(task.seed).sample(range(OLD), OLD - 2)
        return ["delete", *(f"docs/{number:02}.txt" for number in order)]
    numbers, version = (range(OLD, OLD + NEW), 0) if task.kind == "ingest" else (range(OLD), 1)
    files = write_documents(docs, numbers, version)
    return ["ingest", *(f"docs/{file.name}" for file in files)]


def commanding(task: Task) -> Callable[[int], None]:
    """The child's body: the command line, telling each stored document and the exit code."""
    arguments = command(task)

    def body(pipe: int) -> None:
        def tell(line: str) -> None:
            os.write(pipe, (line + "\n").encode())

        add, delete = SqlStore.add_documents, SqlStore.delete_document

        def adding(store: SqlStore, records: Sequence[DocumentRecord]) -> list[AddResult]:
            results = add(store, records)
            for record in records:
                tell(f"{Path(record.document.source).stem} {int(task.kind == 'replace')}")
            return results

        def deleting(store: SqlStore, source: str, author: str | None = None) -> object:
            report = delete(store, source, author)
            tell(f"{Path(source).stem} gone")
            return report

        SqlStore.add_documents, SqlStore.delete_document = adding, deleting  # type: ignore[method-assign,assignment]
        wiring.make_extractor = lambda settings: FakeExtractor()  # type: ignore[assignment,return-value]
        wiring.make_embedder = lambda settings: FakeEmbedder()  # type: ignore[assignment,return-value]
        os.chdir(task.place)
        said = os.open(task.place / "said", os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.argv = ["kgbuild", *arguments]
        code: object = "none"
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        tell(f"exit {code}")

    return body


class FailingDisk(Torture):
    """The torture's templates and tracing, with calls that fail instead of kills."""

    def calls_of(self, task: Task) -> list[tuple[str, int]]:
        """Each writing call on the store's files, and which of its name it is."""
        log = self.folder / "calls"
        child, pipe, go = forked(commanding(task), gate=True)
        tracer = self._traced(child, go, ["-y", "-o", str(log), "-e", f"trace={CALLS}"])
        lines, _ = drained(child, pipe, LIMIT)
        tracer.wait()
        if "exit 0" not in lines:
            raise RuntimeError("\n".join([*lines, (task.place / "said").read_text()]))
        seen: collections.Counter[tuple[str, str]] = collections.Counter()
        calls = []
        for line in log.read_text(errors="replace").splitlines():
            thread, _, rest = line.partition(" ")
            name = rest.strip().partition("(")[0]
            seen[thread, name] += 1
            if name in CALLS.split(",") and f"{task.place}/kg" in rest:
                calls.append((name, seen[thread, name]))
        return calls

    def fault(self, kind: str, number: int) -> Fault:
        """One failing call and what is found after it."""
        measured = self.task(kind, 2 * number)
        calls = self.calls_of(measured)
        shutil.rmtree(measured.place)
        task = Task(kind, measured.place, measured.seed)
        shutil.copytree(self.folder / "templates" / task.template, task.place)
        chance = random.Random(task.seed)
        # Each name of call is as likely: there are a hundred times as many writes as renames.
        name = chance.choice(sorted({name for name, _ in calls}))
        at = chance.choice([at for of, at in calls if of == name])
        error, lasting = chance.choice(ERRORS), chance.choice(["", "+"])
        if name == "write":  # pipes and stdout are written so too
            lasting = ""
        child, pipe, go = forked(commanding(task), gate=True)
        inject = f"inject={name}:error={error}:when={at}{lasting}"
        tracer = self._traced(child, go, ["-o", "/dev/null", "-e", f"trace={name}", "-e", inject])
        lines, killed = drained(child, pipe, LIMIT)
        tracer.wait()
        said = (task.place / "said").read_text("utf-8", errors="replace")
        (task.place / "said").unlink()
        code = next((line.split()[1] for line in lines if line.startswith("exit ")), "none")
        fault = self._misbehaved(lines, said, code, killed)
        acks = [line for line in lines if line[0] != "!" and not line.startswith("exit")]
        fault = fault or self._verified(task, acks)
        if not fault:
            shutil.rmtree(task.place)
        what = f"{inject}, said: {said[-600:]}"
        return Fault(kind, name, code, fault and f"{what}\n{fault}")

    def _misbehaved(self, lines: list[str], said: str, code: str, killed: bool) -> str:
        if killed or code == "none":
            return "no end: " + "\n".join(lines)
        if code not in ("0", "1") or "Traceback" in said:
            return f"exit code {code}"
        told = [line for line in said.splitlines() if line.startswith("kgbuild: ")]
        if code == "1" and not (len(told) == 1 and TOLD.search(told[0])):
            return "exit code 1, and no line says what failed"
        return ""


def main(argv: list[str] | None = None) -> int:
    """Run the faults; 1 where one was handled badly, 77 where nothing can be traced."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(argv)
    verify.SECONDS = LIMIT
    with tempfile.TemporaryDirectory(prefix="kgbuild-io-") as folder:
        disk = FailingDisk(Path(folder), chosen.seed)
        if not disk.can_trace:
            print("strace isn't there, or may not trace here")
            return 77
        faults = []
        for number in range(chosen.faults):
            found = disk.fault(KINDS[number % len(KINDS)], number)
            faults.append(found)
            if found.fault:
                print(f"FAILED {found.kind} {number}: {found.fault}", flush=True)
    print("command   call         faults  told, exit 1  got over, exit 0  failed")
    for kind, call in [*sorted({(f.kind, f.call) for f in faults}), ("all", "")]:
        mine = [f for f in faults if (f.kind, f.call) == (kind, call) or kind == "all"]
        codes = collections.Counter(f.code for f in mine)
        print(f"{kind:9} {call:12} {len(mine):6}  {codes['1']:12}  {codes['0']:16}"
              f"  {sum(bool(f.fault) for f in mine):6}")  # fmt: skip
    return int(any(f.fault for f in faults))


if __name__ == "__main__":
    sys.exit(main())
