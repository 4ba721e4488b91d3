"""Embedders of the reference profile: BERTA and FRIDA, from a folder or the model hub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgbuild.embed.folder import TransformerFolder, open_folder
from kgbuild.embed.inference import PromptedEmbedder, SentenceEncoder
from kgbuild.embed.pooling import windows_of
from kgbuild.embed.prompts import check_prefixes
from kgbuild.errors import ModelError, WeightsError
from kgbuild.models.hub import find_snapshot
from kgbuild.models.registry import ModelCard, embedder_for

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

_DTYPES = ("float32", "bfloat16", "float16")
_POOLED = ("bert", "roberta", "xlm-roberta")  # classes with a pooler that nobody asks


class TransformerEmbedder(PromptedEmbedder):
    """A sentence embedder of a card, read with transformers.

    The weights come from ``card.folder``, else from the hub (its cache alone with
    ``local_files_only``). Only safetensors are read and no code of the model's runs. The
    folder's own prompts and pooling are checked against the card.
    """

    def __init__(
        self,
        card: ModelCard,
        *,
        device: str = "auto",
        dtype: str = "float32",
        token_budget: int | None = None,
        local_files_only: bool = False,
    ) -> None:
        """Load the model.

        Raises:
            WeightsError: the folder or hub model can't be read, or files are missing.
            ModelError: prompts, pooling, class or device aren't what the card needs.
        """
        from kgbuild.models.encoder import choose_device

        folder = check_folder(card, card.folder or find_snapshot(card, local_files_only))
        place = choose_device(device)
        limit = min(card.max_tokens, folder.max_positions or card.max_tokens)
        loop = SentenceEncoder(
            model=_load_model(folder, dtype).to(place),
            windows=windows_of(_load_tokenizer(folder), limit),
            device=place,
            pad_id=folder.pad_id,
            pooling=card.pooling or folder.pooling or "mean",
            dimension=card.dimension,
            token_budget=token_budget,
        )
        super().__init__(loop, card.prompts, folder.sha256)

    @classmethod
    def open(
        cls, spec: str | Path, *, device: str = "auto", dtype: str = "float32"
    ) -> TransformerEmbedder:
        """The embedder of a name, hub id or folder, see :func:`embedder_for`.

        Raises:
            WeightsError, ModelError: as the constructor and :func:`embedder_for`.
        """
        return cls(embedder_for(spec), device=device, dtype=dtype)


def check_folder(card: ModelCard, path: Path) -> TransformerFolder:
    """Read what a folder says of itself and compare it with a card.

    Raises:
        WeightsError: files are missing.
        ModelError: it holds another model than the card's.
    """
    folder = open_folder(path)
    settings = folder.path / "config_sentence_transformers.json"
    check_prefixes(card, folder.prompts, str(settings))
    if folder.dimension != card.dimension:
        raise ModelError(
            f"{folder.path} makes vectors of {folder.dimension} numbers, the card of"
            f" {card.name} says {card.dimension}"
        )
    if None not in (folder.pooling, card.pooling) and folder.pooling != card.pooling:
        raise ModelError(
            f"{folder.path} pools by {folder.pooling!r}, the card of {card.name} by"
            f" {card.pooling!r}: this is another model, or its folder was changed"
        )
    return folder


@contextmanager
def _load_errors(folder: TransformerFolder) -> Iterator[None]:
    """What transformers, safetensors and tokenizers raise, as this project's errors."""
    try:
        yield
    except OSError as error:
        raise WeightsError(f"can't read the model in {folder.path}: {error}") from error
    except (ModelError, MemoryError):
        raise
    except Exception as error:  # tokenizers and safetensors raise bare Exception subclasses
        raise ModelError(
            f"the model in {folder.path} (model_type {folder.model_type!r}) can't be loaded:"
            f" {type(error).__name__}: {error}"
        ) from error


def _load_model(folder: TransformerFolder, dtype: str) -> torch.nn.Module:
    """The folder's encoder in evaluation mode; every weight must come from its files."""
    import torch
    from transformers import AutoModel, T5EncoderModel

    if dtype not in _DTYPES:
        raise ModelError(f"no dtype {dtype!r}: choose one of {', '.join(_DTYPES)}")
    loader: Any = T5EncoderModel if folder.model_type == "t5" else AutoModel
    options = {"add_pooling_layer": False} if folder.model_type in _POOLED else {}
    with _load_errors(folder):
        model, info = loader.from_pretrained(
            folder.path,
            dtype=getattr(torch, dtype),
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            **options,
        )
    absent = sorted(map(str, [*info["missing_keys"], *info["mismatched_keys"]]))
    if absent:
        raise WeightsError(
            f"the weights in {folder.path} lack {len(absent)} tensors of"
            f" {type(model).__name__}, such as {absent[0]}"
        )
    encoder: torch.nn.Module = model.eval().requires_grad_(False)
    return encoder


def _load_tokenizer(folder: TransformerFolder) -> Tokenizer:
    """The folder's tokenizer without truncation or padding.

    ``tokenizer.json`` is the whole pipeline and is read as it is; older vocabularies go
    through transformers, which builds the pipeline from them.
    """
    from tokenizers import Tokenizer

    with _load_errors(folder):
        if folder.tokenizer.name == "tokenizer.json":
            tokenizer = Tokenizer.from_file(str(folder.tokenizer))
        else:
            from transformers import AutoTokenizer

            loaded = AutoTokenizer.from_pretrained(
                folder.path, local_files_only=True, trust_remote_code=False
            )
            built = getattr(loaded, "backend_tokenizer", None)
            if not isinstance(built, Tokenizer):
                raise ModelError(f"{folder.tokenizer} is no tokenizer that tokenizers can run")
            tokenizer = built
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
