"""The one entity that a name stands for in an analysis, or an error that says what to write."""

from __future__ import annotations

from kgbuild.ask.link import Linker
from kgbuild.errors import AmbiguousNameError, NotFoundError
from kgbuild.types import Entity

_LISTED = 8


def entity_named(linker: Linker, name: str) -> Entity:
    """An entity by its id, by a name that the graph has, in any case, or by a part of one.

    The surest way that finds any decides; where it finds several, nothing is guessed.

    Raises:
        NotFoundError: no entity is called so; the message has names that are nearly this.
        AmbiguousNameError: several are; the message lists them with their ids.
    """
    written = (entity for entity in linker.store.entities(name=name))
    for found in (linker.by_id(name), tuple(written), linker.by_name(name), linker.by_part(name)):
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousNameError(
                f"{name!r} can mean {_list(found)}: give one's full name or its id"
            )
    near = linker.by_typo(name)
    said = f": did you mean {_list(near)}?" if near else ": try  kgbuild search"
    raise NotFoundError(f"no entity {name!r} in the graph{said}")


def _list(entities: tuple[Entity, ...]) -> str:
    told = [f"{e.name} ({e.id}, {e.type}, {e.mention_count} mentions)" for e in entities[:_LISTED]]
    more = len(entities) - _LISTED
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")
