"""Settings → parts: the only file that names adapters."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kgbuild.config import Settings
from kgbuild.display import redacted
from kgbuild.errors import InputError, WeightsError
from kgbuild.graph import KnowledgeGraph, Makers
from kgbuild.ports import EntityClusterer, Extractor, Normalizer, Store, VectorIndex, VectorKind

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from kgbuild.ask.decision import Decision
    from kgbuild.ask.features import Vectors
    from kgbuild.ask.ranker import Ranker
    from kgbuild.embed.inference import PromptedEmbedder
    from kgbuild.extract.joint import JointExtractor
    from kgbuild.models.encoder import LoadedEncoder
    from kgbuild.models.hub import Pulled
    from kgbuild.models.registry import ModelCard
    from kgbuild.search.engine import Reranker


def storage(module: str) -> Any:
    """A module of the storage package: inside kgbuild in a wheel, beside it in a checkout."""
    inside = importlib.util.find_spec("kgbuild.storage") is not None
    return importlib.import_module(f"{'kgbuild.storage' if inside else 'storage'}.{module}")


def open_graph(
    settings: Settings, create: bool = False, readonly: bool = False, patience: float = 10.0
) -> KnowledgeGraph:
    """The graph that settings name; models load when they are first needed.

    Only ``create`` makes a store or upgrades an older one's schema. Without it, a store
    that this user can't write is opened for reading. ``patience`` is how many seconds another
    writer is waited for.

    Raises:
        StoreError: there is no store, it needs an upgrade, or it can't be opened.
    """
    prepare_threads()
    store: Store = storage("sql").SqlStore.open(
        settings.database,
        create=create,
        readonly=readonly,
        timeout=patience,
        linker=make_linker(),
        author=settings.author,
    )
    return KnowledgeGraph(store, makers(settings))


@contextmanager
def temporary_store() -> Iterator[Store]:
    """An empty store in SQLite that goes when it is left."""
    with TemporaryDirectory(prefix="kgbuild-") as folder:
        store: Store = storage("sql").SqlStore.open(Path(folder) / "graph.db")
        try:
            yield store
        finally:
            store.close()


def exact_index(store: Store, model: str) -> VectorIndex:
    """The vectors of a store's sentences, searched one by one."""
    made: VectorIndex = storage("index.exact").ExactIndex.from_store(store, "sentence", model)
    return made


def open_index(
    settings: Settings, store: Store, kind: VectorKind, model: str, anew: bool = False
) -> VectorIndex:
    """The vector index that settings choose, up to date, or made ``anew``.

    Raises:
        FingerprintError: only other models' vectors are in the store.
        InputError: pgvector is chosen for a graph that isn't in PostgreSQL.
    """
    found: VectorIndex
    if settings.vector_index == "pgvector":
        module = storage("index.pgvector")
        found = (module.rebuild_pgvector if anew else module.open_pgvector)(store, kind, model)
    else:
        module = storage("index.faiss")
        make = module.build_index if anew else module.open_or_rebuild
        found = make(store, kind, model, settings.index_folder)
    return found


def make_reranker(settings: Settings) -> Callable[[], Reranker] | None:
    """The cross-encoder that reranks what search finds, read once; None where none is given."""
    folder = settings.reranker
    if folder is None:
        return None

    @cache
    def reranker() -> Reranker:
        from kgbuild.search.rerank import CrossEncoder

        return CrossEncoder(folder, settings.device)

    return reranker


def makers(settings: Settings) -> Makers:
    """How each part is made."""
    return Makers(
        extractor=lambda: make_extractor(settings),
        embedder=lambda: make_embedder(settings),
        normalizer=make_normalizer,
        index=lambda store, kind, model: open_index(settings, store, kind, model),
        reranker=make_reranker(settings),
        ranker=make_ranker,
        decision=make_decision,
        vectors=make_question_vectors,
        options=_options(settings),
    )


def _options(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The flags that choose other models than the default ones."""
    default = Settings.model_fields
    names = ("embedder", "extractor", "min_precision")
    given = ((name, getattr(settings, name)) for name in names)
    return tuple(
        (f"--{name.replace('_', '-')}", str(value))
        for name, value in given
        if value != default[name].default
    )


def make_extractor(settings: Settings) -> Extractor:
    """The models that settings name, with what sentences state in so many words read beside them.

    Raises: as :func:`make_models`.
    """
    from kgbuild.extract.patterns.extractor import PatternExtractor

    return PatternExtractor(make_models(settings), settings.min_precision)


def make_models(settings: Settings) -> Extractor:
    """The embedded weights, a folder of others, or a remote service.

    Raises:
        InputError: a remote extractor without its NER service, or with a wanted precision.
        WeightsError: the weights can't be used, or have no curves for a wanted precision.
    """
    if settings.extractor.startswith(("http://", "https://")):
        from kgbuild.extract.remote import RemoteMentionFinder, RemoteRelationExtractor
        from kgbuild.extract.two_stage import TwoStageExtractor

        if settings.ner_url is None:
            raise InputError("an extractor URL needs the NER service too: set KGBUILD_NER_URL")
        if settings.min_precision is not None:
            raise InputError("a wanted precision needs weights: a remote service has no curves")
        servers = sorted({redacted(settings.ner_url), redacted(settings.extractor)})
        log.warning("texts are sent to another server: %s", ", ".join(servers))
        return TwoStageExtractor(
            RemoteMentionFinder(settings.ner_url), RemoteRelationExtractor(settings.extractor)
        )
    folder = None if settings.extractor == "embedded" else settings.extractor
    return joint_extractor(folder, settings.device, settings.min_precision)


def joint_extractor(
    folder: str | os.PathLike[str] | None,
    device: str = "auto",
    min_precision: float | None = None,
) -> JointExtractor:
    """The embedded extractor with the shipped weights or a folder's."""
    from kgbuild.extract.joint import JointExtractor
    from kgbuild.extract.task_weights import names_embedded

    prepare_threads()
    path = None if folder is None else Path(folder)
    embedded = base_encoder(device) if names_embedded(path) else None
    return JointExtractor.open(path, embedded, device, min_precision)


@cache
def base_encoder(device: str) -> LoadedEncoder:
    """The embedded encoder, loaded once for the extractor and the embedder."""
    from kgbuild.models.encoder import load_base_encoder

    return load_base_encoder(device)


def make_embedder(settings: Settings) -> PromptedEmbedder:
    """The embedded embedder, or a model from a folder or the hub."""
    from kgbuild.models.registry import embedder_for

    if embedder_for(settings.embedder).profile == "embedded":
        return _embedded_embedder(settings.device)
    from kgbuild.embed.transformer import TransformerEmbedder

    return TransformerEmbedder.open(settings.embedder, device=settings.device)


def _embedded_embedder(device: str) -> PromptedEmbedder:
    """On a GPU that was asked for the model reads every text, else a few go without torch."""
    from kgbuild.embed.e5 import E5Embedder, LateE5Embedder
    from kgbuild.models.encoder import base_folder

    if device not in ("auto", "cpu"):
        return E5Embedder(base_encoder(device))
    return LateE5Embedder(
        load=lambda: base_encoder(device),
        loaded=lambda: base_encoder.cache_info().currsize > 0,
        weights=base_folder().fingerprint,
    )


def pull_embedder(spec: str, endpoint: str | None = None) -> Pulled:
    """Fetch a model of the hub at its pinned commit, check it against its card, record it.

    Raises:
        ModelError: there is no such model, it comes with the package, or it isn't its card's.
        WeightsError: the hub can't be reached, or its files are others or too few.
    """
    from kgbuild.embed.transformer import check_folder
    from kgbuild.models.hub import fetch, record
    from kgbuild.models.registry import embedder_for

    card = embedder_for(spec)
    pulled = fetch(card, endpoint)
    check_folder(card, pulled.folder)
    record(pulled)
    return pulled


def known_embedder(spec: str) -> ModelCard:
    """The card of an embedder whose files are here and are its card's; no weights load.

    Raises:
        ModelError: there is no such embedder, or its folder holds another.
        WeightsError: files are missing; a model of the hub isn't here yet.
    """
    from kgbuild.embed.transformer import check_folder
    from kgbuild.models.hub import find_snapshot
    from kgbuild.models.registry import embedder_for

    card = embedder_for(spec)
    if card.profile == "embedded":
        return card
    try:
        path = card.folder or find_snapshot(card, local_files_only=True)
    except WeightsError as error:
        raise WeightsError(f"{error}, or try  kgbuild models pull {card.name}") from error
    check_folder(card, path)
    return card


def has_vectors(settings: Settings) -> bool:
    """Whether the graph that settings name is there and has vectors of any embedder."""
    if settings.db is None and not Path(settings.database).exists():
        return False
    with open_graph(settings, readonly=True) as graph:
        return bool(graph.store.embedders("sentence") or graph.store.embedders("entity"))


@cache
def make_ranker() -> Ranker:
    """The shipped ranker of candidates for a question's answer, read once."""
    from kgbuild.ask.ranker import Ranker

    with as_file(files("kgbuild.models").joinpath("weights", "ranker.safetensors")) as path:
        return Ranker.load(path)


@cache
def make_decision() -> Decision:
    """The shipped decision between answers and none, read once."""
    from kgbuild.ask.decision import Decision

    with as_file(files("kgbuild.models").joinpath("weights", "decision.safetensors")) as path:
        return Decision.load(path)


@cache
def make_question_embedder() -> PromptedEmbedder:
    """The embedder that the ranker was trained with: the embedded one, whatever the graph's is."""
    return _embedded_embedder("auto")


@cache
def make_question_vectors() -> Vectors:
    """Vectors of questions for the ranker."""
    embedder = make_question_embedder()
    return lambda texts: embedder.embed(texts, "search_query")


def make_normalizer() -> Normalizer:
    """Names in the nominative, with pymorphy3."""
    from kgbuild.resolve.normalize import RussianNormalizer

    return RussianNormalizer()


def make_linker() -> EntityClusterer:
    """Which Russian names are one entity, over all documents."""
    from kgbuild.resolve.known_alias import RegistryClusterer
    from kgbuild.resolve.link import RussianLinker

    return RegistryClusterer(RussianLinker())


def prepare_threads() -> None:
    """Settings that native libraries read once, before they load.

    FAISS's OpenBLAS doesn't pick its AVX-512 kernels by itself on every CPU.
    """
    from kgbuild.models.encoder import cpu_flags

    if "avx512f" in cpu_flags():
        os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
