"""The names of registers' entries that take part in resolution (rule ``known_alias``).

Only names that say whom they mean: a person's with the first name written out, or a lone word
that isn't a part of the entry's other names (documents and the scorer say whom a surname
means); of other types every name but a lone abbreviation, which many bear. Professions and
nationalities have no register.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgbuild.exchange.registers.known import listed_person
from kgbuild.ports import Normalizer, Store
from kgbuild.resolve.aliases import identity_key
from kgbuild.resolve.local import blocks
from kgbuild.russian.folding import fold, is_abbreviation
from kgbuild.types import RegistryEntity, RegistryName

_NO_REGISTER = frozenset({"NATIONALITY", "PROFESSION"})


def registry_names(
    source: str, entries: Iterable[RegistryEntity], normalizer: Normalizer
) -> list[RegistryName]:
    """The names of the entries that have several as one type, sorted."""
    found = set()
    for known in entries:
        for type in (t for t in known.types if t not in _NO_REGISTER):
            keys = _person_keys(known) if type == "PERSON" else _keys(known, type, normalizer)
            placed = {key: places[0] for key in keys if (places := blocks(type, key))}
            if len(placed) > 1:
                found |= {
                    RegistryName(source, known.id, type, key, block, known.born, known.died)
                    for key, block in placed.items()
                }
    return sorted(found)


def apply_registry_names(
    store: Store, source: str, entries: Iterable[RegistryEntity], normalizer: Normalizer
) -> bool:
    """Let the entries' names, of a register, take part in resolution, and no others of it;
    gives whether that changed anything.

    Raises:
        InputError: a name can't be stored.
    """
    return store.set_registry_names(source, registry_names(source, entries, normalizer))


def _person_keys(known: RegistryEntity) -> set[str]:
    whole, lone = set(), set()
    for name in known.names:
        person = listed_person(name)
        parts = [part.rstrip(".") for part in (*person.given, person.patronymic) if part]
        key = fold(person.canonical)
        if person.given and person.surname and all(len(part) > 1 for part in parts):
            whole.add(key)
        elif " " not in key and person.surname:
            lone.add(key)
    words = {word for key in whole for word in key.split()}
    return whole | (lone - words)


def _keys(known: RegistryEntity, type: str, normalizer: Normalizer) -> set[str]:
    return set(_written(known, type, normalizer)) - {""}


def _written(known: RegistryEntity, type: str, normalizer: Normalizer) -> Iterator[str]:
    for name in known.names:
        if not (is_abbreviation(name) and " " not in name.strip()):
            yield identity_key(fold(name), type)
            yield identity_key(normalizer.normalize(name, type).key, type)
