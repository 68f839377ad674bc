"""Files behind an address such as ``s3://bucket/folder/photo.jpg``: found, and brought here.

Arrow's own file systems come first (files, S3, Google Cloud Storage, HDFS), then those of fsspec
(whatever is installed for it: ``hf://``, ``az://``, ``memory://``, ...). That holds for what the
user types; an address that stands in a list or table is a stranger's, see ``check_listed``.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from ...skeletons.foundation.safe_names import check_file_name, file_name_of

LISTED_SCHEMES = ("file", "gs", "gcs", "hdfs", "http", "https", "memory", "s3")
"""Schemes that addresses in lists may have. With ``abfs`` and its like the address says who gets
the user's token."""

_PATTERN = frozenset("*[")
_HTTP = ("http", "https")
_BUCKET_OR_HOST = re.compile(r"[\w.-]*(:[0-9]+)?", re.ASCII)
"""A bucket or host, without a user."""

_GS_SECONDS = 30
"""Time for which Google's cloud is asked again, in seconds; without it, minutes where nobody
answers."""


def is_address(text: str) -> bool:
    """Whether ``text`` names a place by its scheme rather than a path on this machine."""
    return "://" in text


def check_listed(address: str) -> None:
    """Raises ValueError if an address in a list may choose who gets the user's credentials.

    That is anything but a bucket, or a host that no secret is sent to, of ``LISTED_SCHEMES``: a
    user or host in front of a bucket, or a query, which sets the host and more, save that of HTTP.
    """
    scheme, netloc, _, query = _split_address(address)
    is_bucket_or_host = _BUCKET_OR_HOST.fullmatch(netloc) if scheme != "file" else not netloc
    if scheme not in LISTED_SCHEMES or query or not is_bucket_or_host:
        known = ", ".join(f"{scheme}://" for scheme in LISTED_SCHEMES)
        raise ValueError(
            f"A list names {address!r}, expected an address under one of {known}, without user and "
            "settings; what you trust beyond that can be given on the command line."
        )


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

    scheme, netloc, path, query = _split_address(address)
    files, base = _open_file_system(scheme, netloc, query)
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
    matching = [
        name
        for name in names
        if PurePosixPath(name).suffix.lower() in suffixes
        and (fixed == path or fnmatchcase(name, path))
    ]
    if not matching:
        raise ValueError(
            f"There is no picture or video at {address}; known are {', '.join(sorted(suffixes))}."
        )
    tail = f"?{query}" if query else ""
    return [f"{scheme}://{netloc}/{name}{tail}" for name in matching]


def file_name(path_or_address: str) -> str:
    """The last part of a path, or of an address whatever its slashes, without its query.

    Raises:
        ValueError: no file can be called so: a path's here, an address's on any system.
    """
    if is_address(path_or_address):
        return file_name_of(_split_address(path_or_address)[2].partition("?")[0])
    name = Path(path_or_address).name
    if not name.strip("."):
        check_file_name(name)
    return name


class Staging:
    """A folder on this machine for copies of remote files; it goes when the object does."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sapiens-pose-")
        self._copies: dict[str, Path] = {}

    def keep_only(self, addresses: set[str]) -> None:
        """Deletes the copies of all other addresses."""
        for address in self._copies.keys() - addresses:
            shutil.rmtree(self._copies.pop(address).parent)

    def make_local(self, path_or_address: str) -> Path:
        """The path of a file on this machine: a path as it is, an address as a copy's.

        The copy has the same name.

        Raises:
            OSError: the file cannot be reached or is not there.
            ValueError: the scheme is not known here, or no file can have the name.
        """
        if not is_address(path_or_address):
            return Path(path_or_address)
        if path_or_address not in self._copies:
            name = file_name(path_or_address)
            copy = Path(tempfile.mkdtemp(dir=self._folder.name)) / name
            _download(path_or_address, copy)
            self._copies[path_or_address] = copy
        return self._copies[path_or_address]


def _download(address: str, copy: Path) -> None:
    from pyarrow.fs import FileType

    scheme, netloc, path, query = _split_address(address)
    files, base = _open_file_system(scheme, netloc, query)
    if files.get_file_info(_join(base, path)).type != FileType.File:  # a device has no end
        raise FileNotFoundError(f"There is no file at {address}.")
    with files.open_input_stream(_join(base, path)) as source, copy.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def _split_address(address: str) -> tuple[str, str, str, str]:
    """Scheme, host or bucket, path without a slash before it, and what configures the connection.

    With HTTP a query does not do that, but belongs to the path.
    """
    scheme, _, rest = address.partition("://")
    rest, mark, query = rest.partition("?")
    netloc, _, path = rest.partition("/")
    if scheme in _HTTP:
        return scheme, netloc, path.strip("/") + mark + query, ""
    return scheme, netloc, path.strip("/"), query


def _join(base: str, path: str) -> str:
    return f"{base.rstrip('/')}/{path}" if path else base


@lru_cache(maxsize=64)
def _open_file_system(scheme: str, netloc: str, query: str) -> tuple[Any, str]:
    """Arrow's view of a file system, and the path of its host or bucket in it."""
    import fsspec
    import pyarrow as pa
    from pyarrow import fs

    if scheme in ("gs", "gcs") and "retry_limit_seconds=" not in query:
        query = f"retry_limit_seconds={_GS_SECONDS}" + (f"&{query}" if query else "")
    address = f"{scheme}://{netloc}/" + (f"?{query}" if query else "")
    try:
        opened: tuple[Any, str] = fs.FileSystem.from_uri(address)
        return opened
    except pa.ArrowInvalid:
        pass  # a scheme that Arrow does not know
    try:
        files, base = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise ValueError(f"Addresses with {scheme}:// cannot be read here: {error}") from error
    return fs.PyFileSystem(fs.FSSpecHandler(files)), base
