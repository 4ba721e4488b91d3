"""What registers outside the documents say of somebody."""

from __future__ import annotations

from dataclasses import dataclass, field

from kgbuild.types.nodes import NodeFeature
from kgbuild.types.text import type_name


@dataclass(frozen=True, slots=True, order=True)
class ExternalId:
    """What another register calls an entity: ``scheme`` names the register (``wikidata``).

    Saved under the id of a node, so that it holds whatever documents come and go; read with
    the id of the entity that the node belongs to now. ``label`` is the register's name of it,
    ``source`` the file that said so.
    """

    entity: str
    scheme: str
    value: str
    label: str = field(default="", compare=False)
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RegistryEntity:
    """Somebody or something that a register lists, whether documents name it or not.

    ``scheme`` names the register, ``id`` is its own id there. ``types`` are the entity types
    it may have, none where that isn't known; ``born`` and ``died`` the years, four digits
    each, that it may have been born or have died in (several where the register isn't sure).
    ``ids`` are pairs of scheme and value: what still other registers call it.
    """

    scheme: str
    id: str
    name: str
    types: tuple[type_name, ...] = ()
    aliases: tuple[str, ...] = ()
    born: tuple[str, ...] = ()
    died: tuple[str, ...] = ()
    ids: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the main one first."""
        return tuple(dict.fromkeys((self.name, *self.aliases)))


@dataclass(frozen=True, slots=True, order=True)
class RegistryName:
    """One of the names that a register gives an entry, as nodes' names are compared.

    ``source`` names the register, ``key`` is the folded name of a ``type``, ``block`` one of
    the blocks that its nodes stand in; ``born`` and ``died`` are the entry's years.
    """

    source: str
    entry: str
    type: type_name
    key: str
    block: str
    born: tuple[str, ...] = ()
    died: tuple[str, ...] = ()

    @property
    def feature(self) -> NodeFeature:
        """What the linker sees of the entry at a node of this name."""
        parts = (self.source, self.entry, " ".join(self.born), " ".join(self.died))
        return NodeFeature("known", _PARTED.join(parts))


_PARTED = "\x1f"
"""Parts the values of a ``known`` feature; no register's or entry's id holds it."""


def registry_entry(feature: NodeFeature) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """A ``known`` feature's register, entry, years of birth and years of death."""
    source, entry, born, died = feature.value.split(_PARTED)
    return source, entry, tuple(born.split()), tuple(died.split())
