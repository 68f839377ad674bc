"""Files behind addresses: found, and brought here.

Arrow's own file systems come first (files, S3, Google Cloud Storage, HDFS), then those of fsspec
(whatever is installed for it: ``hf://``, ``az://``, ``memory://``, ...).
"""

from __future__ import annotations

import shutil
import tempfile
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ...skeletons.foundation.checks import first_line
from ...skeletons.foundation.safe_names import check_file_name
from ..files.endings import LeftOut, is_searched_for, nothing_found
from ..remote.remote_errors import hidden_reason, translated
from ..remote.time_limits import TimeLimits, Watch, fetch_in_time
from .addresses import HTTP, WITH_BUCKETS, Place, RemotePath
from .copying import copy_bounded

_UNKNOWN_SCHEME = "Unrecognized filesystem type"
"""How Arrow's message begins for a scheme that it does not know."""

_OF_HTTP: dict[str, Any] = {"block_size": 0}
"""With HTTP a file is read as it comes: if it were read in blocks, the answer with a block would be
unpacked in memory, whole."""

_NO_SECRETS: dict[str, Any] = {"auth": None, "client_kwargs": {}, "cookies": None, "headers": {}}
"""For a host that a list names: these take the place of what the user may have set in fsspec's
configuration, for all hosts."""

MAX_KEY_BYTES = 1024
"""Maximum length of an object's name in a bucket, in bytes of UTF-8, as the documentation of Amazon
("Naming Amazon S3 objects") and Google ("About Cloud Storage objects") says."""

_PATTERN = frozenset("*[")
_GS_SECONDS = 30
"""Time for which Google's cloud is asked again, in seconds; without it, minutes where nobody
answers."""


def find_remote(file: RemotePath, left_out: LeftOut) -> list[RemotePath]:
    """The files that what a user typed stands for, in no order.

    A folder stands for all images and videos in it and in folders below, by their endings; other
    files are counted in ``left_out``. A pattern such as ``s3://bucket/shoot/*/front*.jpg`` stands
    for those that match, where ``*`` also matches ``/``; anything else for itself.

    Raises:
        FileNotFoundError: there is no such thing.
        ValueError: the scheme is not known here, a setting is wrong, or there is no such file.
        OSError: the place cannot be reached.
    """
    from pyarrow.fs import FileSelector, FileType

    place, path = file
    files, base = open_place(place)
    if files.get_file_info(_full_path(file, base)).type == FileType.File:
        return [file]
    fixed = path
    if _PATTERN & set(path):
        first = min(path.find(letter) for letter in _PATTERN if letter in path)
        fixed = path[:first].rpartition("/")[0]
    folder = _full_path(RemotePath(place, fixed), base)
    if files.get_file_info(folder).type == FileType.NotFound:
        missing = FileNotFoundError(f"There is nothing at {file}.")
        raise missing from hidden_reason(files, folder)
    listing = files.get_file_info(FileSelector(folder, recursive=True))
    root = base.rstrip("/") + "/"
    names = [
        info.path.removeprefix(root)
        for info in listing
        if info.type == FileType.File and info.path.startswith(root)
    ]
    matching = [name for name in names if fixed == path or fnmatchcase(name, path)]
    searched = [name for name in matching if is_searched_for(name)]
    others = LeftOut()
    for name in set(matching).difference(searched):
        others.add(name.rpartition("/")[2])
    if not searched:
        raise nothing_found(f"There is no image or video at {file}", others)
    left_out.include(others)
    return [RemotePath(place, name) for name in searched]


def file_name(file: Path | RemotePath) -> str:
    """The last part of a path here, or of one behind an address, whatever its slashes.

    Raises:
        ValueError: no file can be called so: a path's here, an address's on any system.
    """
    if isinstance(file, RemotePath):
        return file.file_name()
    if not file.name.strip("."):
        check_file_name(file.name)
    return file.name


class Staging:
    """A folder on this machine for copies of remote files; it goes when the object does.

    Args:
        limits: how long to wait for a file.
    """

    def __init__(self, limits: TimeLimits | None = None) -> None:
        self._limits = limits or TimeLimits()
        self._folder = tempfile.TemporaryDirectory(prefix="sapiens-pose-")
        self._copies: dict[RemotePath, Path] = {}

    def keep_only(self, files: set[Path | RemotePath]) -> None:
        """Deletes the copies of all other files."""
        for file in self._copies.keys() - files:
            shutil.rmtree(self._copies.pop(file).parent)

    def make_local(self, file: Path | RemotePath) -> Path:
        """The path of a file on this machine: a path as it is, or that of a copy.

        The copy has the same name.

        Raises:
            FileError, FileNotFoundError: the file cannot be had, or is not there.
            PlaceError: its place fails, or there is no room for a copy.
            DoubtfulError: either.
            ValueError: the scheme is not known here, no file can have the name, or the file is too
                large.
        """
        if not isinstance(file, RemotePath):
            return file
        if file not in self._copies:
            name = file_name(file)
            with translated(str(file)):
                folder = Path(tempfile.mkdtemp(dir=self._folder.name))
                try:
                    download = partial(_download, file)
                    fetch_in_time(download, folder / name, str(file), self._limits)
                except BaseException:
                    shutil.rmtree(folder, ignore_errors=True)
                    raise
            self._copies[file] = folder / name
        return self._copies[file]


def is_given(file: RemotePath, limits: TimeLimits, *, is_read: bool = True) -> bool:
    """Whether a place has a file, and begins to give it if it is read; False if anything fails."""

    def begin(_: Path, watch: Watch) -> None:
        files, base = open_place(file.place)
        path = _full_path(file, base)
        if not files.get_file_info(path).is_file:
            raise FileNotFoundError(path)
        if is_read:
            with files.open_input_stream(path) as source:
                watch.reading(source).read(1)

    try:
        with translated(str(file)):
            fetch_in_time(begin, Path(), str(file), limits)
    except (OSError, ValueError):
        return False
    return True


def forget_connections() -> None:
    """Has places opened anew, with the keys that are there then."""
    open_place.cache_clear()


def _download(file: RemotePath, copy: Path, watch: Watch) -> None:
    from pyarrow.fs import FileType

    files, base = open_place(file.place)
    path = _full_path(file, base)
    info = files.get_file_info(path)
    if info.type != FileType.File:  # a device has no end
        missing = FileNotFoundError(f"There is no file at {file}.")
        raise missing from hidden_reason(files, path)
    with files.open_input_stream(path) as source:
        copy_bounded(watch.reading(source), copy, str(file), info.size)


def _full_path(file: RemotePath, base: str) -> str:
    """Where a file is in the file system that has its place at ``base``.

    Raises:
        ValueError: a part of the path leads upwards. Libraries for HTTP take such parts away before
            they ask, and so would ask for another bucket. Or no object in a bucket can be opened
            under that path.
    """
    path = file.path_without_query
    parts = (unquote(path) if file.place.scheme in HTTP else path).split("/")
    if path and file.place.scheme in WITH_BUCKETS:
        _check_key(file, parts)
    if file.place.scheme != "file" and not {".", ".."}.isdisjoint(parts):
        raise ValueError(
            f"{str(file)!r} has '.' or '..' as a folder, which is allowed only under file://."
        )
    return f"{base.rstrip('/')}/{file.path}" if file.path else base


def _check_key(file: RemotePath, parts: list[str]) -> None:
    """Raises ValueError if Arrow opens no object of this name, or no cloud has one."""
    if "" in parts:
        raise ValueError(
            f"{str(file)!r} has an empty folder, which cannot be opened in a bucket. Rename the "
            "object."
        )
    num_bytes = len(file.path.encode("utf-8", "surrogatepass"))
    if num_bytes > MAX_KEY_BYTES:
        raise ValueError(
            f"{str(file)[:40]!r}... has a path of {num_bytes:,} bytes; in a bucket, expected "
            f"at most {MAX_KEY_BYTES:,}."
        )


@lru_cache(maxsize=64)
def open_place(place: Place) -> tuple[Any, str]:
    """Arrow's view of a file system, and the path of its host or bucket in it.

    Raises:
        ValueError: the scheme is not known here, or a setting is wrong.
        OSError: the place cannot be reached.
    """
    import fsspec
    import pyarrow as pa
    from pyarrow import fs

    scheme, host, settings, is_listed = place
    if scheme in ("gs", "gcs") and "retry_limit_seconds=" not in settings:
        settings = f"retry_limit_seconds={_GS_SECONDS}" + (f"&{settings}" if settings else "")
    address = f"{scheme}://{host}/" + (f"?{settings}" if settings else "")
    try:
        opened: tuple[Any, str] = fs.FileSystem.from_uri(address)
        return opened
    except pa.ArrowException as error:
        # Only a scheme that Arrow does not know is fsspec's: with a setting that Arrow does not
        # know, another library would ask another host, with the user's keys.
        if not str(error).startswith(_UNKNOWN_SCHEME):
            shown = str(RemotePath(place, ""))
            said = first_line(error).replace(address, shown)  # it may have a password
            raise ValueError(f"{shown}: {said.rstrip('.')}.") from error
    options = {**_OF_HTTP, **(_NO_SECRETS if is_listed else {})} if scheme in HTTP else {}
    try:
        files, base = fsspec.core.url_to_fs(address, **options)
    except (ValueError, ImportError) as error:
        raise ValueError(f"Addresses with {scheme}:// cannot be read here: {error}.") from error
    return fs.PyFileSystem(fs.FSSpecHandler(files)), base
