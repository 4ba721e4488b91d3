"""Take out of hash files what only torch's CUDA build needs: it comes with torch, from its index."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CUDA = re.compile(r"(nvidia-|cuda-|triton)")


def without_cuda(text: str) -> str:
    """The entries, each a line with its continuations, but those of CUDA."""
    entries = re.findall(r"^\S.*(?:\n[ \t]+.*)*\n", text, re.MULTILINE)
    return "".join(entry for entry in entries if not CUDA.match(entry))


for name in sys.argv[1:]:
    path = Path(name)
    path.write_text(without_cuda(path.read_text("utf-8")), "utf-8")
