"""What a pruning says of itself in the audit log, alike in every store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from kgbuild.types import AuditEntry, Job, JobState

ENDED = (JobState.DONE, JobState.FAILED)
"""The states of runs that may be forgotten: an interrupted one waits to be gone on with."""

PRUNE = "prune"
"""The action of a pruning's own entry. Such an entry stays when the log is pruned: it is all
that the graph still knows of what went before."""


def jobs_in_words(jobs: Sequence[Job]) -> str:
    """How many runs were forgotten, how they had ended and when."""
    counted = Counter(job.state for job in jobs)
    states = ", ".join(f"{counted[state]} {state.value}" for state in ENDED if counted[state])
    return f"{len(jobs)} removed ({states}), {_between([job.updated_at for job in jobs])}"


def entries_in_words(entries: Sequence[AuditEntry], kept: str) -> str:
    """How many entries were removed, of what time, and where they are kept."""
    span = _between([entry.made_at for entry in entries])
    return f"{len(entries)} removed, {span}; kept in {kept}"


def _between(times: Sequence[datetime]) -> str:
    first, last = (time.isoformat(timespec="seconds") for time in (min(times), max(times)))
    return f"from {first} to {last}"
