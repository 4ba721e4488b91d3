"""Word lists: text files with a comment on their source; a line that begins with # is one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files


def lines(name: str) -> Iterator[str]:
    """The lines of a list, without comments and empty ones."""
    for line in files(__name__).joinpath(name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def sections(name: str) -> dict[str, str]:
    """What stands under each ``[heading]`` of a list, its lines joined by blanks."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in lines(name):
        if line.startswith("[") and line.endswith("]"):
            heading = line[1:-1]
            found[heading] = []
        else:
            found[heading].append(line)
    return {heading: " ".join(under) for heading, under in found.items()}


@cache
def countries() -> dict[str, str]:
    """The canonical name of a country by another, folded name or adjective of it."""
    found = {}
    for line in lines("countries.txt"):
        name, _, others = line.partition(":")
        found.update({other.strip(): name for other in others.split(";")})
    return found
