"""How processes begin: the command line's own, and every one that kgbuild starts.

Python looks for modules in the working folder when it is told to, by an empty or a relative
entry of ``PYTHONPATH``, by ``-m`` and by ``-c``. Whoever can put a ``csv.py`` beside the documents
could have it run that way. So no process of kgbuild imports from there: the main one forgets
such entries before it loads anything, and children start isolated, with absolute entries only.

Nothing heavy is imported here, and nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import IO

PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The folder that holds the package ``kgbuild``."""

SAFE_FOLDER = os.path.abspath(os.sep)
"""Where children work: the root of the file system, which only its administrator changes."""

KEPT = frozenset(
    ("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH",
     "DYLD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR", "USERPROFILE", "LOCALAPPDATA", "APPDATA")
)  # fmt: skip
"""Variables of the environment that every child gets, with those of the locale (``LC_…``)."""

SECRET = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "ACCESS_KEY", "CREDENTIAL")
"""What the names of variables hold that no child gets unless it needs that very one."""

# Isolated, Python knows its own modules and those installed beside it; what else the parent
# has found its packages by comes after the standard library, so that nothing stands for that.
_BOOT = """\
import json, os, runpy, sys
entries = json.loads(sys.argv[1])
sys.argv = sys.argv[2:]
at = sys.path.index(os.path.dirname(os.__file__)) + 1
at += sys.path[at:at + 1] != [] and os.path.basename(sys.path[at]) == "lib-dynload"
own, rest = sys.path[:at], sys.path[at:]
sys.path = list(dict.fromkeys([*own, *entries, *rest]))
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""

_WORDS = "KGBUILD_COMMAND_LINE"


def entries() -> list[str]:
    """Where this process finds packages, for a child: absolute, and not the working folder.

    The folder that holds kgbuild itself comes first, even where one works in it.
    """
    return list(dict.fromkeys([PACKAGES, *(path for path in sys.path if _is_trusted(path))]))


def _is_trusted(path: str) -> bool:
    if not os.path.isabs(path):
        return False
    return _same(path, PACKAGES) or not _same(path, _working_folder())


def _working_folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return ""


def _same(one: str, other: str) -> bool:
    return bool(other) and os.path.realpath(one) == os.path.realpath(other)


def command(module: str, *words: str) -> list[str]:
    """What runs a module of kgbuild as a program of its own, isolated from user and folder."""
    utf8 = ["-X", "utf8"] * bool(sys.flags.utf8_mode)
    return [sys.executable, "-I", *utf8, "-c", _BOOT, json.dumps(entries()), module, *words]


def environment(also: Collection[str] = (), **values: str) -> dict[str, str]:
    """What a child gets of the environment: :data:`KEPT`, ``also``, and ``values``.

    One of ``also`` that ends in ``_`` stands for every name that begins so and holds no secret.
    """
    families = tuple(name for name in also if name.endswith("_"))
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT
        or name in also
        or name.startswith("LC_")
        or (name.startswith(families) and not any(word in name.upper() for word in SECRET))
    }
    return kept | values


def start(
    module: str,
    words: Sequence[str] = (),
    *,
    out: int | IO[bytes] = subprocess.PIPE,
    err: int | IO[bytes] | None = None,
    variables: Mapping[str, str] | None = None,
    folder: str = SAFE_FOLDER,
) -> subprocess.Popen[bytes]:
    """Start a module of kgbuild with a pipe to its input.

    An interrupt on the terminal is this process's alone. Nothing of ``words`` may be secret:
    every user of the machine sees them. ``variables`` None is the least :func:`environment`,
    with few arenas of the allocator: each of them takes 64 MB of the address space, of which
    children get a bounded piece.
    """
    return subprocess.Popen(
        command(module, *words),
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=err,
        cwd=folder,
        env=environment(MALLOC_ARENA_MAX="2") if variables is None else dict(variables),
        start_new_session=True,
    )


def forget_working_folder() -> None:
    """Take the working folder, and what is written from it on, off this process's path.

    Where kgbuild itself lies in the working folder, that goes behind the standard library.
    """
    kept = [path for path in sys.path if os.path.isabs(path) and not _same(path, PACKAGES)]
    kept = [path for path in kept if not _same(path, _working_folder())]
    library = os.path.dirname(os.__file__)
    at = kept.index(library) + 1 if library in kept else 0
    sys.path[:] = [*kept[:at], PACKAGES, *kept[at:]]


def hide_passwords() -> None:
    """Keep passwords in the command's words from the list of processes, which all can read.

    Where a word holds a URL with a password, the program takes its own place with the words as
    they may be seen; the real ones go by the environment, which only this user reads.
    """
    from kgbuild.display import without_password

    if given := os.environ.pop(_WORDS, None):
        sys.argv[1:] = json.loads(given)
        return
    words = sys.argv[1:]
    seen = [without_password(word) for word in words]
    program, given_words = sys.orig_argv[: -len(words)], sys.orig_argv[-len(words) :]
    if seen != words and given_words == words and os.name == "posix":
        real = os.environ | {_WORDS: json.dumps(words)}
        os.execve(sys.executable, [sys.executable, *program[1:], *seen], real)
