"""Kills a process at random moments of its work on a store, and checks what is left.

Run:  make torture   or   python -m crash.torture --kills 500 --seed 1 [--kind KIND …]

Each kill is a process of its own, forked from this one, at work on a copy of a small store.
It tells each finished step on a pipe and is killed (SIGKILL)

- time: at a random moment of the work's measured duration;
- step: before a random one of its SQL statements and file operations (open, rename, …);
- syscall: at a random one of its writing system calls, by strace where that is allowed.

Then another process opens the store and checks it (``crash.verify``): what was told is
there, nothing is there twice, the graph is the one its documents give, SQLite's integrity
check is clean, the indexes hold the database's rows within 5 s, no temporary file is left;
and it does the work again to its end. Prints a table by kind; exit code 1 where one failed.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crash.verify import after_kill
from crash.work import KINDS, Task, make_templates
from sqlalchemy import event
from sqlalchemy.engine import Engine

STRACE = ("strace", "-f", "-q", "-o", "/dev/null")
CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,mkdir"
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
LIMIT = 60.0

Calls = list[tuple[str, int]]


@dataclass(frozen=True)
class Trial:
    """What one kill came to; ``how`` it was to happen and whether it came in time."""

    kind: str
    how: str
    killed: bool
    acks: int
    seconds: float
    fault: str


def forked(body: Callable[[int], None], gate: bool = False) -> tuple[int, int, int]:
    """Run ``body(pipe)`` in a child: its process id, the pipe's end to read, the gate's end."""
    out, into = os.pipe()
    wait, go = os.pipe()
    child = os.fork()
    if child:
        os.close(into)
        os.close(wait)
        return child, out, go
    status = 1
    try:
        os.close(out)
        os.close(go)
        if gate:
            os.read(wait, 1)
        body(into)
        status = 0
    except BaseException:
        os.write(into, ("!" + traceback.format_exc() + "\n").encode())
    finally:
        os._exit(status)


def working(task: Task, stop_at: int | None = None) -> Callable[[int], None]:
    """The child's body: the task, told step by step, killed at an event if so wanted."""

    def body(pipe: int) -> None:
        os.chdir(task.place)
        count = 0

        def step(*_: object) -> None:
            nonlocal count
            count += 1
            if count == stop_at:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", lambda *_: step())
        event.listen(Engine, "commit", lambda *_: step())
        sys.addaudithook(lambda name, _: step() if name in EVENTS else None)
        began = time.monotonic()
        task.do(lambda line: os.write(pipe, (line + "\n").encode()) and None)
        os.write(pipe, f"#{json.dumps([count, time.monotonic() - began])}\n".encode())

    return body


def drained(child: int, pipe: int, limit: float) -> tuple[list[str], bool]:
    """Everything a child says until it ends or ``limit`` seconds pass, when it is killed."""
    deadline, data, killed = time.monotonic() + limit, b"", False
    while True:
        left = deadline - time.monotonic()
        ready, _, _ = select.select([pipe], [], [], max(0.0, left))
        if not ready:
            os.kill(child, signal.SIGKILL)
            killed = True
            deadline = time.monotonic() + LIMIT
            continue
        part = os.read(pipe, 65536)
        if not part:
            break
        data += part
    os.close(pipe)
    _, status = os.waitpid(child, 0)
    # A line that was cut short was not acknowledged.
    lines = data.decode().split("\n")[:-1]
    return lines, killed or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)


class Torture:
    """Templates, what each kind of work takes, and the trials."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.can_trace = False
        self._measured: dict[tuple[str, str], tuple[int, float, Calls]] = {}
        self._plain("templates", lambda pipe: make_templates(folder / "templates"))
        self.can_trace = self._try_strace()

    def _plain(self, what: str, body: Callable[[int], None]) -> list[str]:
        child, pipe, go = forked(body)
        os.close(go)
        lines, killed = drained(child, pipe, LIMIT)
        faults = [line for line in lines if line.startswith("!")]
        if killed or faults:
            raise RuntimeError(f"{what}: {'killed' if killed else chr(10).join(lines)}")
        return lines

    def _try_strace(self) -> bool:
        if shutil.which("strace") is None:
            return False
        done = subprocess.run([*STRACE, "true"], capture_output=True, check=False)
        return done.returncode == 0

    def task(self, kind: str, number: int) -> Task:
        """A task in a fresh copy of its template."""
        place = self.folder / f"{kind}-{number}"
        task = Task(kind, place, self.seed * 100_003 + number)
        shutil.copytree(self.folder / "templates" / task.template, place)
        return task

    def measured(self, task: Task) -> tuple[int, float, Calls]:
        """Events, seconds and writing system calls of a kind of work that isn't killed."""
        key = task.kind, task.template
        if key not in self._measured:
            number = -1 - len(self._measured)
            first = Task(task.kind, self.folder / f"{task.kind}-m{number}", task.seed)
            shutil.copytree(self.folder / "templates" / task.template, first.place)
            lines = self._plain(task.kind, working(first))
            events, seconds = json.loads(next(line for line in lines if line[0] == "#")[1:])
            calls: Calls = []
            if self.can_trace:
                shutil.rmtree(first.place)
                shutil.copytree(self.folder / "templates" / task.template, first.place)
                calls = self._count_calls(first)
            shutil.rmtree(first.place)
            self._measured[key] = int(events), float(seconds), calls
        return self._measured[key]

    def _count_calls(self, task: Task) -> Calls:
        """The name of each call in order, and which of its name and thread it is."""
        log = self.folder / "calls"
        child, pipe, go = forked(working(task), gate=True)
        tracer = self._traced(child, go, ["-o", str(log), "-e", f"trace={CALLS}"])
        drained(child, pipe, LIMIT)
        tracer.wait()
        seen: collections.Counter[tuple[str, str]] = collections.Counter()
        calls: Calls = []
        for line in log.read_text(errors="replace").splitlines():
            thread, _, rest = line.partition(" ")
            name = rest.strip().partition("(")[0]
            if name in CALLS.split(","):
                seen[thread, name] += 1
                calls.append((name, seen[thread, name]))
        return calls

    def _traced(self, child: int, go: int, options: list[str]) -> subprocess.Popen[bytes]:
        command = ["strace", "-f", *options, "-p", str(child)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
        assert tracer.stderr is not None
        tracer.stderr.readline()  # "Process N attached"
        os.write(go, b".")
        os.close(go)
        tracer.stderr.close()
        return tracer

    def trial(self, kind: str, number: int) -> Trial:
        """One kill and what is found after it."""
        task = self.task(kind, number)
        events, seconds, calls = self.measured(task)
        chance = random.Random(task.seed)
        how = chance.choice(["time", "step", "syscall"] if calls else ["time", "step"])
        began = time.monotonic()
        tracer = None
        if how == "syscall":
            child, pipe, go = forked(working(task), gate=True)
            name, at = chance.choice(calls)
            inject = f"inject={name}:signal=SIGKILL:when={at}"
            tracer = self._traced(
                child, go, ["-o", "/dev/null", "-e", f"trace={name}", "-e", inject]
            )
            limit = LIMIT
        else:
            at = chance.randint(1, events) if how == "step" else 0
            child, pipe, go = forked(working(task, at or None))
            os.close(go)
            limit = chance.uniform(0, 1.05 * seconds) if how == "time" else LIMIT
        lines, killed = drained(child, pipe, limit)
        if tracer is not None:
            tracer.wait()
        fault = next((line for line in lines if line.startswith("!")), "") and "\n".join(lines)
        acks = [line for line in lines if line[0] not in "#!"] if not fault else []
        fault = fault or self._verified(task, acks)
        if not fault:
            shutil.rmtree(task.place)
        return Trial(kind, how, killed, len(acks), time.monotonic() - began, fault)

    def _verified(self, task: Task, acks: list[str]) -> str:
        try:
            self._plain("verify", lambda pipe: after_kill(task, acks))
        except RuntimeError as error:
            return str(error)
        return ""


def main() -> int:
    """Run the kills; 1 where one failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=list(KINDS))
    chosen = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kgbuild-torture-") as folder:
        torture = Torture(Path(folder), chosen.seed)
        trials = []
        for number in range(chosen.kills):
            trial = torture.trial(chosen.kind[number % len(chosen.kind)], number)
            trials.append(trial)
            if trial.fault:
                print(f"FAILED {trial.kind} {number} ({trial.how}):\n{trial.fault}", flush=True)
    _print_table(trials, chosen.seed, time.monotonic() - began)
    return int(any(trial.fault for trial in trials))


def _print_table(trials: list[Trial], seed: int, seconds: float) -> None:
    print("kind        runs  killed  at once  by time  step  syscall  steps told  failed")
    rows = [*dict.fromkeys(t.kind for t in trials), "all"]
    for kind in rows:
        mine = [t for t in trials if kind in (t.kind, "all")]
        hows = collections.Counter(t.how for t in mine)
        at_once = sum(t.killed and not t.acks for t in mine)
        print(
            f"{kind:11} {len(mine):4}  {sum(t.killed for t in mine):6}  {at_once:7}"
            f"  {hows['time']:7}  {hows['step']:4}  {hows['syscall']:7}"
            f"  {sum(t.acks for t in mine):10}  {sum(bool(t.fault) for t in mine):6}"
        )
    print(f"seed {seed}, {seconds:.0f} s, {seconds / max(1, len(trials)):.2f} s a kill")


if __name__ == "__main__":
    sys.exit(main())
