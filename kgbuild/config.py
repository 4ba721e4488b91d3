"""Settings: flag > environment (``KGBUILD_…``) > ``kgbuild.toml`` > default."""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from kgbuild.errors import InputError

CONFIG_FILE = "kgbuild.toml"

log = logging.getLogger(__name__)


class OwnFile(TomlConfigSettingsSource):
    """The settings' file of the working folder, where it is this user's own.

    Somebody else's could send every text to another server: it doesn't count, and it is said.
    """

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        # The open file is asked: the name may stand for another one a moment later.
        with Path(str(file_path)).open("rb") as file:
            if reason := distrusted(os.fstat(file.fileno())):
                log.warning("%s doesn't count: %s", file_path, reason)
                return {}
            return tomllib.load(file)


def distrusted(status: os.stat_result) -> str:
    """Why a file's settings can't be taken for this user's; "" where they can.

    A group may write where it is the user's own, as many systems make one for each user.
    """
    if not hasattr(os, "getuid"):
        return ""
    user = os.getuid()
    if status.st_uid != user:
        return f"it belongs to the user {status.st_uid}, not to you ({user})"
    private = status.st_gid == os.getgid() == user
    if status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and not private):
        return "others may write it: chmod go-w"
    return ""


class Settings(BaseSettings):
    """Where the graph lives and which models serve it."""

    model_config = SettingsConfigDict(
        env_prefix="KGBUILD_", toml_file=CONFIG_FILE, extra="forbid", frozen=True
    )

    store: Path = Field(Path("kg"), description="folder of the graph")
    db: str | None = Field(None, description="database URL; default: SQLite in the store")
    device: str = Field("auto", description="auto, cpu, cuda or cuda:N")
    embedder: str = Field("embedded", description="embedded, a model folder, or a hub name")
    next_embedder: str | None = Field(
        None, description="takes the embedder's place when all of its vectors are made"
    )
    extractor: str = Field("embedded", description="embedded, a weight folder, or an http(s) URL")
    vector_index: Literal["faiss", "pgvector"] = Field(
        "faiss", description="where vectors are searched: files here, or the PostgreSQL server"
    )
    reranker: Path | None = Field(None, description="folder of a cross-encoder for search")
    min_precision: float | None = Field(
        None, gt=0, lt=1, description="precision wanted of relations; default: best F1"
    )
    author: str | None = Field(
        None, description="who changes the graph, for its log; default: the system's user name"
    )
    ner_url: str | None = Field(None, description="URL of a NER service, with an extractor URL")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of precedence."""
        return init_settings, env_settings, OwnFile(settings_cls)

    @property
    def database(self) -> str:
        """What the store opens: the URL, or the SQLite file in the store's folder."""
        return self.db or str(self.store / "graph.db")

    @property
    def index_folder(self) -> Path:
        """Where the vector indexes are kept."""
        return self.store / "index"


def load_settings(**flags: Any) -> Settings:
    """Settings with the flags that were given (those that are None were not).

    Raises:
        InputError: a value or a name in the file or the environment isn't usable.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InputError(
            f"settings (flags, KGBUILD_… or {CONFIG_FILE}): {'; '.join(faults)}"
        ) from error
    except ValueError as error:
        raise InputError(f"{CONFIG_FILE} can't be read: {error}") from error


def change_settings(changes: Mapping[str, str | None], path: Path = Path(CONFIG_FILE)) -> None:
    """Set (or, for None, remove) settings in the file; its other lines stay as they are.

    The file is replaced in one step: whoever reads it finds the old or the new one.

    Raises:
        InputError: the file can't be read or written, or holds a setting in a way that
            isn't one line.
    """
    try:
        if path.exists() and (reason := distrusted(path.stat())):
            raise InputError(f"{path} isn't changed: {reason}")
        before = path.read_text("utf-8") if path.exists() else ""
        wanted = {n: v for n, v in (tomllib.loads(before) | dict(changes)).items() if v is not None}
        after = _edited(before, changes)
        if tomllib.loads(after) != wanted:
            raise InputError(f"{path} can't be changed line by line: set {dict(changes)} by hand")
        draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
        draft.touch(0o600)  # it may hold a database's password
        draft.write_text(after, "utf-8")
        draft.replace(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be changed: {error}") from error


def _edited(text: str, changes: Mapping[str, str | None]) -> str:
    """The text without the lines of the changed settings, and their new lines first."""
    names = "|".join(map(re.escape, changes))
    kept = [line for line in text.splitlines() if not re.match(rf"\s*({names})\s*=", line)]
    new = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in changes.items()
        if value is not None
    ]
    return "".join(f"{line}\n" for line in (*new, *kept))
