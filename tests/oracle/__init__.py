"""The simplest store that is right: what the SQL store is compared with."""

from .store import MemoryStore

__all__ = ["MemoryStore"]
