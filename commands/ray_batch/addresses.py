"""Addresses such as ``s3://bucket/folder?region=eu-west-1``, which are taken apart once.

An address becomes a place, which is a file system as its user configures it, and a path in it. A
name that is found there, or that a list has for what lies beside it, is a path in the same place
and never part of an address: whatever it holds, it cannot choose another host, bucket or setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ...skeletons.foundation.safe_names import file_name_of

LISTED_SCHEMES = ("file", "gs", "gcs", "hdfs", "http", "https", "memory", "s3")
"""Schemes that addresses in lists may have. With ``abfs`` and its like the address says who gets
the user's token."""

_WITH_SETTINGS = ("abfs", "abfss", "gcs", "gs", "hdfs", "s3", "viewfs")
"""Schemes whose addresses may end in settings, after a question mark: Arrow's, whose names never
hold one in an address that is typed. With all others it belongs to the path."""

WITH_BUCKETS = ("gcs", "gs", "s3")
"""Schemes whose addresses begin with a bucket, in which names are not folders."""
HTTP = ("http", "https")
"""Schemes of URLs: their paths are percent-encoded, and may end in a query."""
_BUCKET = re.compile(r"\w[\w.-]*", re.ASCII)
"""Letters that mean themselves, in a URI too; Arrow reads others, such as ``%2F``, as it likes."""
_BEFORE_PATH = re.compile(r"[^/?]*")
_HOST = re.compile(r"([\w.-]+(:[0-9]+)?)?", re.ASCII)
"""A host, without a user."""


class Place(NamedTuple):
    """A file system, and the bucket or host in it.

    Attributes:
        scheme: such as ``s3``.
        host: the bucket or host, with the user before it if there is one.
        settings: of the connection, such as ``region=eu-west-1``.
        is_listed: whether a list names it, and not the user: then it gets no secret.
    """

    scheme: str
    host: str
    settings: str
    is_listed: bool = False


class RemotePath(NamedTuple):
    """A file, folder or pattern in a place; ``path`` holds any letters and has no slash at first.

    As text it is what people read: an address, without the user's password.
    """

    place: Place
    path: str

    def __str__(self) -> str:
        scheme, host, settings, _ = self.place
        user, _, bare = host.rpartition("@")
        tail = f"?{settings}" if settings else ""
        return f"{scheme}://{bare if ':' in user else host}/{self.path}{tail}"

    @property
    def path_without_query(self) -> str:
        """The path without the query that it may have with HTTP."""
        return self.path.partition("?")[0] if self.place.scheme in HTTP else self.path

    @property
    def name(self) -> str:
        """The last part of the path, without a query."""
        return self.path_without_query.rpartition("/")[2]

    def file_name(self) -> str:
        """The name of a copy on this machine.

        Raises:
            ValueError: no file can be called so, on any system.
        """
        return file_name_of(self.name)

    def beside(self, line: str) -> RemotePath:
        """What a line of this list names: ``line`` is a path from the folder of the list."""
        above, slash, _ = self.path_without_query.rpartition("/")
        return RemotePath(self.place, above + slash + line)


def is_address(text: str) -> bool:
    """Whether ``text`` names a place by its scheme rather than a path on this machine."""
    return "://" in text


def parse_address(address: str) -> RemotePath:
    """What an address stands for that the user typed, with all that may be in it.

    Raises:
        ValueError: it names no bucket where it needs one, or has settings that cannot be read.
    """
    scheme, host, path, settings = _split(address)
    bucket = host.rpartition("@")[2]
    if scheme in WITH_BUCKETS and (not _BUCKET.fullmatch(bucket) or "#" in host + settings):
        raise ValueError(
            f"{RemotePath(Place(scheme, host, settings), path)} names the bucket {bucket!r}, "
            f"expected a bucket and settings without '#', as in {scheme}://bucket/folder?region=x; "
            "the server's own address goes into the setting endpoint_override."
        )
    return RemotePath(Place(scheme, host, settings), path.strip("/"))


def parse_listed(address: str) -> RemotePath:
    """What an address in a list stands for, which may not choose who gets the user's credentials.

    It names a bucket, or a host that no secret is sent to, of ``LISTED_SCHEMES``; a user or host in
    front of a bucket, or settings, which set the host and more, are refused.

    Raises:
        ValueError: it names anything else.
    """
    scheme, host, path, settings = _split(address)
    allowed = _BUCKET if scheme in WITH_BUCKETS else _HOST
    is_alone = not host if scheme == "file" else allowed.fullmatch(host)
    if scheme not in LISTED_SCHEMES or settings or not is_alone:
        known = ", ".join(f"{scheme}://" for scheme in LISTED_SCHEMES)
        raise ValueError(
            f"A list names {address!r}, expected an address under one of {known}, without user and "
            "settings; you can give other addresses on the command line."
        )
    return RemotePath(Place(scheme, host, "", is_listed=True), path)


def find_places(inputs: Iterable[str]) -> tuple[Place, ...]:
    """The places among the inputs that a user typed, in order."""
    return tuple(dict.fromkeys(parse_address(text).place for text in inputs if is_address(text)))


def _split(address: str) -> tuple[str, str, str, str]:
    """Scheme, host or bucket, path, and settings."""
    scheme, _, rest = address.partition("://")
    settings = ""
    if scheme in _WITH_SETTINGS:
        rest, _, settings = rest.partition("?")
    host = _BEFORE_PATH.match(rest)[0]  # type: ignore[index]  # it matches any text
    return scheme, host, rest[len(host) :].removeprefix("/"), settings
