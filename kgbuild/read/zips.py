"""Zip files and the XML inside them, opened with care: bombs and strange names are refused."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO
from xml.parsers import expat

from kgbuild.errors import ReadError
from kgbuild.read import limits
from kgbuild.read.encodings import detect

CHUNK = 1 << 20
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1


class Archive:
    """A zip file whose members are unpacked within the limits."""

    def __init__(self, file: BinaryIO, budget: limits.Budget | None = None) -> None:
        """Read the directory; what is unpacked is taken from the budget.

        Raises:
            ReadError: it isn't a zip file, or has too many members.
        """
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise ReadError(f"isn't a whole zip file: {error}") from error
        if len(self._zip.filelist) > limits.MEMBERS:
            raise ReadError(f"holds more than {limits.MEMBERS:,} members")
        self._budget = budget or limits.Budget(limits.UNPACKED_ALL)

    def members(self) -> list[zipfile.ZipInfo]:
        """Its files, in the archive's order, folders left out."""
        return [info for info in self._zip.infolist() if not info.is_dir()]

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def read(self, member: str | zipfile.ZipInfo) -> bytes:
        """One member, unpacked.

        Raises:
            ReadError: it is missing, encrypted, damaged, or grows too much.
        """
        try:
            info = self._zip.getinfo(member) if isinstance(member, str) else member
        except KeyError as error:
            raise ReadError(f"has no {member!r} inside") from error
        if info.flag_bits & _ENCRYPTED:
            raise ReadError("is encrypted")
        try:
            return self._unpack(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise ReadError(f"is damaged: {error}") from error
        except (NotImplementedError, RuntimeError) as error:
            raise ReadError(f"is packed in a way that isn't read: {error}") from error

    def _unpack(self, info: zipfile.ZipInfo) -> bytes:
        """The sizes in the directory may lie: what comes out is counted."""
        out = io.BytesIO()
        with self._zip.open(info) as packed:
            while chunk := packed.read(CHUNK):
                out.write(chunk)
                self._budget.take(len(chunk))
                size = out.tell()
                if size > limits.UNPACKED:
                    raise ReadError(f"a zip bomb: unpacks to more than {size >> 20} MB")
                if size > limits.RATIO_FROM and size > limits.RATIO * max(1, info.compress_size):
                    raise ReadError(
                        f"a zip bomb: {info.compress_size:,} bytes unpack to more than {size:,}"
                    )
        return out.getvalue()


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name; without the flag of UTF-8 in the code page that its letters suggest
    (Russian archivers write cp866)."""
    name = info.filename
    if info.flag_bits & _UTF8_NAME or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    try:
        encoding, _ = detect(raw)
    except ReadError:
        encoding = "cp866"
    return raw.decode(encoding, "replace")


def fault(name: str, info: zipfile.ZipInfo) -> str | None:
    """What forbids to look at a member, if anything does."""
    parts = (PurePosixPath(name).parts, PureWindowsPath(name).parts)
    if name.startswith(("/", "\\")) or PureWindowsPath(name).drive or any(".." in p for p in parts):
        return "the name leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a symbolic link"
    return None


@dataclass(frozen=True, slots=True)
class Handlers:
    """What to call for each start tag (name, attributes), end tag and text; names without
    their namespaces."""

    start: Callable[[str, dict[str, str]], None]
    end: Callable[[str], None]
    text: Callable[[str], None]


def parse_xml(data: bytes, handlers: Handlers) -> None:
    """Walk an XML document.

    Raises:
        ReadError: it isn't well-formed, or declares entities: these can grow without bound
            and can point to other files.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> int:
        raise ReadError("declares XML entities, which aren't expanded")

    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = lambda name, attributes: handlers.start(
        local(name), {local(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: handlers.end(local(name))
    parser.CharacterDataHandler = handlers.text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise ReadError(f"isn't well-formed XML: {error}") from error


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]
