"""The one exception tree.

KgbuildError
├── InputError            a document, file or argument can't be used
│   ├── ReadError         a document can't be read or decoded
│   └── FormatError       a data file doesn't follow its format
├── ModelError            weights or a tokenizer can't be used
│   ├── WeightsError      missing, truncated or altered weights
│   └── FingerprintError  the store or index was made with another model
├── StoreError            the database can't be opened, read or written
│   ├── StoreBusyError    another writer holds the store
│   └── StoreReadOnlyError  this user can't write the store
├── IndexFileError        a vector index is missing, altered, stale or another store's
├── DeadlineError         a question, search or document took longer than it may
├── RemoteError           a remote extraction service failed or answered nonsense
├── NotFoundError         the named entity, document or fact isn't in the graph
│   └── AmbiguousNameError  several entities of the graph have the name
└── MissingExtraError     an optional dependency isn't installed

A message says what was tried and what to do. Only the command line turns an
error into an exit code; only the service turns one into problem+json.
"""

from __future__ import annotations

import importlib
from types import ModuleType


class KgbuildError(Exception):
    """Root of every error that kgbuild raises on purpose."""


class InputError(KgbuildError):
    """A document, file or argument can't be used."""


class ReadError(InputError):
    """A document can't be read or decoded."""


class FormatError(InputError):
    """A data file doesn't follow its format."""


class ModelError(KgbuildError):
    """Weights or a tokenizer can't be used."""


class WeightsError(ModelError):
    """Weights are missing, truncated or altered."""


class FingerprintError(ModelError):
    """A store or index was made with another model than the one at hand."""


class StoreError(KgbuildError):
    """The database can't be opened, read or written."""


class StoreBusyError(StoreError):
    """Another writer holds the store."""


class StoreReadOnlyError(StoreError):
    """The store is open for reading only, or this user can't write it."""


class IndexFileError(KgbuildError):
    """A vector index is missing, altered, of another generation or of another store."""


class DeadlineError(KgbuildError):
    """A question, a search or a document took longer than it may."""


class RemoteError(KgbuildError):
    """A remote extraction service failed or answered something unusable."""


class NotFoundError(KgbuildError):
    """The named entity, document or fact isn't in the graph."""


class AmbiguousNameError(NotFoundError):
    """Several entities of the graph have the name; the message lists them."""


class MissingExtraError(KgbuildError):
    """An optional dependency isn't installed."""


def require(module: str, extra: str) -> ModuleType:
    """Import an optional dependency.

    Raises:
        MissingExtraError: it isn't installed; the message holds the install command.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"this needs the package {module!r}: install it with  pip install 'kgbuild[{extra}]'"
        ) from error
