"""Files behind an address such as ``s3://bucket/folder/photo.jpg``: found, and brought here.

Arrow's own file systems come first (files, S3, Google Cloud Storage, HDFS), then those of fsspec
(whatever is installed for it: ``hf://``, ``az://``, ``memory://``, ...).
"""

from __future__ import annotations

import shutil
import tempfile
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

_PATTERN = frozenset("*[")


def is_address(text: str) -> bool:
    """Whether ``text`` names a place by its scheme rather than a path on this machine."""
    return "://" in text


def find_remote(address: str, suffixes: frozenset[str]) -> list[str]:
    """Addresses of the files that ``address`` stands for, in no order.

    A folder stands for all files in it and in folders below that end in one of ``suffixes``; a
    pattern such as ``s3://bucket/shoot/*/front*.jpg`` for those that match, where ``*`` also
    matches ``/``; anything else for itself.

    Raises:
        FileNotFoundError: there is no such thing.
        ValueError: the scheme is not known here, or there is no such file.
        OSError: the place cannot be reached.
    """
    from pyarrow.fs import FileSelector, FileType

    scheme, netloc, path, query = _split(address)
    files, base = _root(scheme, netloc, query)
    if files.get_file_info(_join(base, path)).type == FileType.File:
        return [address]
    fixed = path
    if _PATTERN & set(path):
        first = min(path.find(letter) for letter in _PATTERN if letter in path)
        fixed = path[:first].rpartition("/")[0]
    start = files.get_file_info(_join(base, fixed))
    if start.type == FileType.NotFound:
        raise FileNotFoundError(f"There is nothing at {address}.")
    listing = files.get_file_info(FileSelector(_join(base, fixed), recursive=True))
    names = [info.path[len(base) :].strip("/") for info in listing if info.type == FileType.File]
    found = [
        name
        for name in names
        if PurePosixPath(name).suffix.lower() in suffixes
        and (fixed == path or fnmatchcase(name, path))
    ]
    if not found:
        raise ValueError(
            f"There is no picture or video at {address}; known are {', '.join(sorted(suffixes))}."
        )
    tail = f"?{query}" if query else ""
    return [f"{scheme}://{netloc}/{name}{tail}" for name in found]


def file_name(path_or_address: str) -> str:
    """The last part of a path or address, without an address's query."""
    if is_address(path_or_address):
        return _split(path_or_address)[2].rpartition("/")[2]
    return Path(path_or_address).name


class Staging:
    """A folder on this machine for copies of remote files; it goes when the object does."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sapiens-pose-")
        self._copies: dict[str, Path] = {}

    def keep_only(self, addresses: set[str]) -> None:
        """Deletes the copies of all other addresses."""
        for address in self._copies.keys() - addresses:
            shutil.rmtree(self._copies.pop(address).parent)

    def local(self, path_or_address: str) -> Path:
        """A path as it is; an address as the path of a copy with the same name.

        Raises:
            OSError: the file cannot be reached or is not there.
            ValueError: the scheme is not known here.
        """
        if not is_address(path_or_address):
            return Path(path_or_address)
        if path_or_address not in self._copies:
            folder = tempfile.mkdtemp(dir=self._folder.name)
            copy = Path(folder) / file_name(path_or_address)
            _download(path_or_address, copy)
            self._copies[path_or_address] = copy
        return self._copies[path_or_address]


def _download(address: str, copy: Path) -> None:
    scheme, netloc, path, query = _split(address)
    files, base = _root(scheme, netloc, query)
    with files.open_input_stream(_join(base, path)) as source, copy.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def _split(address: str) -> tuple[str, str, str, str]:
    """Scheme, host or bucket, path without a slash before it, and query."""
    scheme, _, rest = address.partition("://")
    rest, _, query = rest.partition("?")
    netloc, _, path = rest.partition("/")
    return scheme, netloc, path.strip("/"), query


def _join(base: str, path: str) -> str:
    return f"{base.rstrip('/')}/{path}" if path else base


@lru_cache(maxsize=64)
def _root(scheme: str, netloc: str, query: str) -> tuple[Any, str]:
    """Arrow's view of a file system, and the path of its host or bucket in it."""
    import fsspec
    import pyarrow as pa
    from pyarrow import fs

    address = f"{scheme}://{netloc}/" + (f"?{query}" if query else "")
    try:
        found: tuple[Any, str] = fs.FileSystem.from_uri(address)
        return found
    except pa.ArrowInvalid:
        pass  # a scheme that Arrow does not know
    try:
        files, base = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise ValueError(f"Addresses with {scheme}:// cannot be read here: {error}") from error
    return fs.PyFileSystem(fs.FSSpecHandler(files)), base
