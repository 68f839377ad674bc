"""Translates what libraries raise for files behind addresses, where it enters, to one sentence.

aiohttp, botocore, Google's libraries and Arrow's each have errors of their own, in texts that no
user can read, some hidden behind a FileNotFoundError. Types are known by their names, so that
nothing is imported that is not installed.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...skeletons.foundation.checks import first_line
from ..failures import DoubtfulError, FileError, PlaceError
from .http_answers import Fault, answer_of, describe

_REFUSED = "the server refuses the connection; is it running, and is the port right?"
_UNKNOWN_HOST = "no server of this name is known; check the name and the network"
_UNREACHABLE = "the server cannot be reached from here; check the network"
_NO_TRUST = "the server's certificate cannot be trusted, so nothing was sent"
_CUT = "the connection was cut before the file was complete"
_TIME_OUT = "the server did not answer in time"
_CIRCLE = "the server redirects without end"
_NO_ADDRESS = "this address cannot be opened"
_NO_KEYS = "no valid keys were found here; check them, they may have expired"

_BY_TYPE = {
    "ClientConnectorDNSError": (Fault.PLACE, _UNKNOWN_HOST),
    "gaierror": (Fault.PLACE, _UNKNOWN_HOST),
    "ClientConnectorCertificateError": (Fault.PLACE, _NO_TRUST),
    "SSLError": (Fault.PLACE, _NO_TRUST),
    "ClientSSLError": (Fault.PLACE, _NO_TRUST),
    "ConnectTimeoutError": (Fault.DOUBTFUL, _TIME_OUT),
    "ReadTimeoutError": (Fault.DOUBTFUL, _TIME_OUT),
    "TimeoutError": (Fault.DOUBTFUL, _TIME_OUT),
    "timeout": (Fault.DOUBTFUL, _TIME_OUT),
    "FSTimeoutError": (Fault.DOUBTFUL, _TIME_OUT),
    "EndpointConnectionError": (Fault.PLACE, _REFUSED),
    "ConnectionRefusedError": (Fault.PLACE, _REFUSED),
    "TooManyRedirects": (Fault.FILE, _CIRCLE),
    "InvalidURL": (Fault.FILE, _NO_ADDRESS),
    "NoCredentialsError": (Fault.PLACE, _NO_KEYS),
    "PartialCredentialsError": (Fault.PLACE, _NO_KEYS),
    "RefreshError": (Fault.PLACE, _NO_KEYS),
    "DefaultCredentialsError": (Fault.PLACE, _NO_KEYS),
    "ClientPayloadError": (Fault.DOUBTFUL, _CUT),
    "ServerDisconnectedError": (Fault.DOUBTFUL, _CUT),
    "ConnectionResetError": (Fault.DOUBTFUL, _CUT),
    "BrokenPipeError": (Fault.DOUBTFUL, _CUT),
    "IncompleteRead": (Fault.DOUBTFUL, _CUT),
    "IncompleteReadError": (Fault.DOUBTFUL, _CUT),
    "ResponseStreamingError": (Fault.DOUBTFUL, _CUT),
    "ClientConnectorError": (Fault.PLACE, _UNREACHABLE),
}
"""Fault and sentence by the name of an error's class or of one above it, the nearest first."""

_BY_CURL = {
    5: (Fault.PLACE, _UNKNOWN_HOST),
    6: (Fault.PLACE, _UNKNOWN_HOST),
    7: (Fault.PLACE, _REFUSED),
    18: (Fault.DOUBTFUL, _CUT),
    28: (Fault.DOUBTFUL, _TIME_OUT),
    35: (Fault.PLACE, _NO_TRUST),
    47: (Fault.FILE, _CIRCLE),
    52: (Fault.DOUBTFUL, _CUT),
    55: (Fault.DOUBTFUL, _CUT),
    56: (Fault.DOUBTFUL, _CUT),
    60: (Fault.PLACE, _NO_TRUST),
}
"""The same by the number that Arrow's S3 and Google's libraries take over from curl."""

_BY_WORD: dict[str, tuple[Fault, str] | int] = {
    "ExpiredToken": (Fault.PLACE, _NO_KEYS),
    "INVALID_ACCESS_KEY_ID": (Fault.PLACE, _NO_KEYS),
    "InvalidAccessKeyId": (Fault.PLACE, _NO_KEYS),
    "SIGNATURE_DOES_NOT_MATCH": (Fault.PLACE, _NO_KEYS),
    "UNAUTHENTICATED": (Fault.PLACE, _NO_KEYS),
    "Failed to flush response stream": (Fault.DOUBTFUL, _CUT),
    "ACCESS_DENIED": 403,
    "PERMISSION_DENIED": 403,
    "NO_SUCH_KEY": 404,
    "NO_SUCH_BUCKET": 404,
    "RESOURCE_NOT_FOUND": 404,
    "SLOW_DOWN": 503,
    "SERVICE_UNAVAILABLE": 503,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
    "INTERNAL_FAILURE": 500,
    "REQUEST_TIMEOUT": 408,
    "DEADLINE_EXCEEDED": 504,
    "Could not resolve host": (Fault.PLACE, _UNKNOWN_HOST),
    "Could not connect": (Fault.PLACE, _REFUSED),
    "Failed to connect": (Fault.PLACE, _REFUSED),
    "NETWORK_CONNECTION": (Fault.PLACE, _UNREACHABLE),
}
"""The same, or a status, by words of Arrow's texts; the first one counts."""

_BY_NUMBER = {
    errno.ECONNREFUSED: (Fault.PLACE, _REFUSED),
    errno.EHOSTUNREACH: (Fault.PLACE, _UNREACHABLE),
    errno.ENETUNREACH: (Fault.PLACE, _UNREACHABLE),
    errno.ECONNRESET: (Fault.DOUBTFUL, _CUT),
    errno.EPIPE: (Fault.DOUBTFUL, _CUT),
    errno.ETIMEDOUT: (Fault.DOUBTFUL, _TIME_OUT),
}
_OF_THIS_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
_NO_ANSWERS = {"HttpProcessingError", "TooManyRedirects"}
"""Errors of aiohttp whose number is no server's answer: 400 where an answer ends too early."""
_STATUS = re.compile(r"HTTP status(?: code)? (\d{3})|\bhttp_?status=(\d{3})", re.IGNORECASE)
_CURL = re.compile(r"curl(?:Code| error)?[ :=(\[]+(\d+)", re.IGNORECASE)


@contextmanager
def translated(shown: str) -> Iterator[None]:
    """Replaces errors of libraries by one of this pack's, with one sentence.

    Args:
        shown: what people call the file.

    Raises:
        FileError: the file cannot be had.
        PlaceError: its place fails.
        DoubtfulError: either.
        FileNotFoundError, ValueError: as they are, unless a library's error is behind them.
        MemoryError: as it is.
    """
    try:
        yield
    except (PlaceError, DoubtfulError, FileError, MemoryError):
        raise
    except Exception as error:
        explained = _explain(error, shown)
        if explained is None:
            raise
        raise explained from error


def hidden_reason(files: Any, path: str) -> BaseException | None:
    """Why a library says that a file is not there; None if that is all.

    fsspec answers so whatever went wrong, and Arrow passes it on without the cause.
    """
    handler = getattr(files, "handler", None)
    if handler is None:
        return None
    try:
        handler.fs.info(path)
    except FileNotFoundError as error:
        return error.__cause__
    except Exception as error:
        return error
    return None


def _explain(error: Exception, shown: str) -> Exception | None:
    """The error to raise instead; None if it says enough itself."""
    chain = list(_chain(error))
    for each in chain:
        known = _fault_of(each)
        if known:
            return _make_error(shown, *known)
    if isinstance(error, ValueError) and _is_ours(error):
        return None
    if isinstance(error, FileNotFoundError):
        return None if _is_ours(error) else _make_error(shown, Fault.FILE, describe(404))
    if isinstance(error, OSError) and error.errno in _OF_THIS_MACHINE:
        reason = os.strerror(error.errno or 0)
        text = str(error) if _is_ours(error) else f"{shown}: {reason} on this machine."
        return PlaceError(text)
    return _make_error(shown, Fault.DOUBTFUL, f"{type(error).__name__}: {first_line(error)}")


def _is_ours(error: BaseException) -> bool:
    """Whether the text is a sentence of this pack, rather than a library's."""
    return str(error).rstrip().endswith(".") and "\n" not in str(error)


def _make_error(shown: str, fault: Fault, clause: str) -> Exception:
    text = f"{shown}: {clause}{'' if clause.endswith('?') else '.'}"
    if fault is Fault.DOUBTFUL:
        return DoubtfulError(text, is_cut=clause == _CUT)
    return PlaceError(text) if fault is Fault.PLACE else FileError(text)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those behind it, the innermost first."""
    behind: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in behind:
        behind.append(each)
        behind += [inner for inner in (getattr(each, "os_error", None),) if inner]
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return reversed(behind)


def _fault_of(error: BaseException) -> tuple[Fault, str] | None:
    status = _status_of(error)
    if status:
        return answer_of(status).fault, describe(status)
    for each in type(error).__mro__:
        if each.__name__ in _BY_TYPE:
            return _BY_TYPE[each.__name__]
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    return _fault_by_text(str(error))


def _fault_by_text(text: str) -> tuple[Fault, str] | None:
    curl = _CURL.search(text)
    if curl and int(curl[1]) in _BY_CURL:
        return _BY_CURL[int(curl[1])]
    for word, known in _BY_WORD.items():
        if re.search(rf"\b{re.escape(word)}\b", text):
            return known if isinstance(known, tuple) else (answer_of(known).fault, describe(known))
    return None


def _names(error: BaseException) -> set[str]:
    return {each.__name__ for each in type(error).__mro__}


def _status_of(error: BaseException) -> int | None:
    """The status of HTTP in an error: aiohttp's, botocore's, Google's, or in Arrow's text."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        code = response.get("Error", {}).get("Code", "")
        if code in _BY_WORD:
            return None
        return response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if _names(error) & _NO_ANSWERS:
        return None
    for name in ("status", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    found = _STATUS.search(str(error)) if isinstance(error, (OSError, RuntimeError)) else None
    return int(found[1] or found[2]) if found else None
