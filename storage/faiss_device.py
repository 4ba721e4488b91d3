"""FAISS as it is set up here, and a GPU where there is one.

``faiss-gpu`` holds a copy of the index on the GPU. Indexes there can't delete and their
search knows no more than 2,048 neighbours: the index on the CPU is the one that is kept,
changed and saved, and the copy is made anew from it.
"""

from __future__ import annotations

import ctypes
import logging
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

log = logging.getLogger(__name__)

GPU_MOST_HITS = 2048

_resources: Any = None


BLAS_THRESHOLD = 800
"""Queries × dimension from which FAISS multiplies matrices instead of looping; its own is
128,000. The product is faster for any batch, the loop for a single query."""

_MAPS = Path("/proc/self/maps")
_CORE_NAMES = ("openblas_get_corename", "openblas_get_corename64_")


def load_faiss() -> ModuleType:
    """FAISS, with exact batched search by matrix products."""
    import faiss

    faiss.cvar.distance_compute_blas_threshold = BLAS_THRESHOLD
    return faiss


def blas_kernel() -> str:
    """The kernel that the OpenBLAS inside FAISS has chosen, once FAISS is loaded; "" where it
    doesn't say (another BLAS, or a system without ``/proc``)."""
    lines = _MAPS.read_text().splitlines() if _MAPS.exists() else []
    loaded = {line.split()[-1] for line in lines if "openblas" in line}
    for path in sorted(path for path in loaded if "faiss" in path) or sorted(loaded):
        library = ctypes.CDLL(path)
        for name in _CORE_NAMES:
            with suppress(AttributeError):
                asked = getattr(library, name)
                asked.restype = ctypes.c_char_p
                return str(asked().decode())
    return ""


def has_gpu(faiss: ModuleType) -> bool:
    """Whether this FAISS can use a GPU and sees one."""
    return hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0


def to_search(faiss: ModuleType, index: Any) -> Any:
    """What to search in: a copy on the GPU where there is one and it can hold this type."""
    if not has_gpu(faiss) or not index.ntotal:
        return index
    global _resources
    try:
        _resources = _resources or faiss.StandardGpuResources()
        return faiss.index_cpu_to_gpu(_resources, 0, index)
    except RuntimeError as error:
        log.warning("this index is searched on the CPU: %s", str(error).splitlines()[0])
        return index
