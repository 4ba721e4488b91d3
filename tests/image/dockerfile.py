"""A Dockerfile as its stages and instructions."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

_FLAG = re.compile(r"--[a-z-]+(?:=\S+)?\s+")


@dataclass(frozen=True, slots=True)
class Instruction:
    """``word`` in capitals, its flags (``--from=…``), and the rest of the line."""

    word: str
    flags: tuple[str, ...]
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as words: of a JSON list, else as a shell splits them."""
        if self.rest.startswith("["):
            found: list[str] = json.loads(self.rest)
            return found
        return shlex.split(self.rest)

    def flag(self, name: str) -> str | None:
        """A flag's value; None where it isn't given."""
        found = (f.removeprefix(f"--{name}=") for f in self.flags if f.startswith(f"--{name}="))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its name (its number where it has none), its image, and its instructions."""

    name: str
    image: str
    instructions: tuple[Instruction, ...]

    def last(self, word: str) -> Instruction:
        """The last instruction of a kind."""
        return [i for i in self.instructions if i.word == word][-1]


def read(path: Path) -> list[Stage]:
    """The stages of a Dockerfile, in order."""
    stages: list[Stage] = []
    kept = (line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
    for line in "\n".join(kept).replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        word, rest = line.split(maxsplit=1)
        flags = []
        while found := _FLAG.match(rest):
            flags.append(found[0].strip())
            rest = rest[found.end() :]
        if word == "FROM":
            image, *alias = rest.split()
            stages.append(Stage(alias[1] if alias else str(len(stages)), image, ()))
            continue
        stage = stages[-1]
        made = Instruction(word, tuple(flags), rest.strip())
        stages[-1] = Stage(stage.name, stage.image, (*stage.instructions, made))
    return stages
