"""Fingerprints of the rules of resolution: of the code that they are, and of its dictionary.

A number to raise by hand would be forgotten. What is hashed is the source of the modules that
a part rests on, as their imports say; so a change of a comment counts as a change too, which
costs a run of ``kgbuild reprocess`` that reads no document with a model.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.metadata import version
from importlib.resources import files

_IMPORT = re.compile(r"^ *from kgbuild\.(\S+) import ", re.MULTILINE)
_RULES = re.compile(r"resolve\.|russian\.|read\.|judging$|ontology$")
"""Modules that hold rules; the types and errors that they pass around don't change an answer."""

_DICTIONARIES = ("pymorphy3", "pymorphy3-dicts-ru")


@cache
def rules_fingerprint(*modules: str) -> str:
    """A fingerprint of modules (named as after ``kgbuild.``), of all the rules they import, and
    of the dictionaries' versions."""
    sources: dict[str, str] = {}
    open_ends = list(modules)
    while open_ends:
        name = open_ends.pop()
        if name in sources:
            continue
        sources[name] = _source(name)
        open_ends += [found for found in _IMPORT.findall(sources[name]) if _RULES.match(found)]
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name}\0{sources[name]}\0".encode())
    for name in _DICTIONARIES:
        digest.update(f"{name}\0{version(name)}\0".encode())
    return digest.hexdigest()[:16]


def _source(name: str) -> str:
    *folders, module = name.split(".")
    folder = files("kgbuild").joinpath(*folders)
    package = folder.joinpath(module)
    if package.is_dir():
        held = sorted((file for file in package.iterdir() if file.is_file()), key=lambda f: f.name)
        return "\0".join(file.read_text("utf-8") for file in held)
    return folder.joinpath(f"{module}.py").read_text("utf-8")
