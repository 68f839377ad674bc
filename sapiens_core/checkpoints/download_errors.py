"""Says in a sentence why a download failed: the answer, the network, a proxy, a certificate, ...

The hub's library reports through ``requests`` up to version 0.36 and through ``httpx`` from 1.0 on;
files are fetched with ``requests``. All of them wrap the system's own errors, so reasons are told
by what stands at the end of the chain, and by words where it has no class.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...skeletons.foundation.checks import first_line
from .zoo import Checkpoint

OFFICIAL_HUB = "https://huggingface.co"
PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)


class DownloadError(RuntimeError):
    """A file could not be downloaded; the message says why, and how to download it by hand."""


def find_endpoint_fault(endpoint: str) -> str:
    """What is wrong with the hub's address, in a clause; empty if nothing is."""
    expected = f"expected an address such as {OFFICIAL_HUB}"
    try:
        parts = urlsplit(endpoint)
        # Asking for the port raises ValueError if it is no number that a port can have.
        well_formed = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if well_formed and not any(letter.isspace() or letter in "\"'<>" for letter in endpoint):
        return ""
    return f"HF_ENDPOINT is {_without_password(endpoint)!r:.200}; {expected}"


def link_by_hand(checkpoint: Checkpoint) -> str:
    """Address of the file at the hub or mirror that is in use, without a password in it."""
    endpoint = _endpoint()
    if find_endpoint_fault(endpoint):
        return checkpoint.url
    return checkpoint.url.replace(OFFICIAL_HUB, _without_password(endpoint), 1)


def explain_answer(error: Exception, checkpoint: Checkpoint) -> str:
    """One clause that explains the hub's answer to a user; empty if the error is no answer."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is None:
        return ""
    if status in (401, 403):
        return _explain_login(checkpoint)
    if status == 404:
        named = f" that HF_ENDPOINT names ({_mirror()})" if _mirror() else ""
        return f"the hub{named} no longer has this file"
    if status == 429:
        return f"the hub is receiving too many requests; try again {_retry_time(error)}"
    return f"the hub answered with an error ({status})"


def explain_no_contact(error: Exception) -> str:
    """One clause that explains why the hub could not be asked."""
    if known := explain_setup(error):
        return known
    chain = list(_chain(error))
    missing = _missing_certificates()
    if missing and any(isinstance(link, FileNotFoundError) for link in chain):
        return missing
    where = _without_password(_endpoint())
    proxy = _names_of(PROXY_VARIABLES)
    through = f", or of the proxy{proxy}," if proxy else ""
    if any(isinstance(link, socket.gaierror) for link in chain) or _says(chain, "NameResolution"):
        misspelt = "; HF_ENDPOINT may be misspelt" if _mirror() else ""
        return f"the name of {where}{through} is not known{misspelt}{_offline()}"
    if any(isinstance(link, OSError) and link.errno in UNREACHABLE for link in chain):
        return f"there is no route to the address of {where}{through}{_offline()}".rstrip(",")
    at = f"{where}, or at the proxy{proxy}" if proxy else where
    if any(isinstance(link, ConnectionRefusedError) for link in chain) or _says(chain, "refused"):
        cause = "HF_ENDPOINT may be wrong" if _mirror() else "a firewall may be in the way"
        return f"nothing answers at {at} (connection refused); {cause}"
    if _says(chain, "timed out", "timeout"):
        return f"nothing answers in time at {at}; a firewall may be in the way{_offline(' or ')}"
    return f"{where} cannot be reached ({type(error).__name__}: {first_line(error)[:200]})"


def explain_no_hub() -> str:
    """One clause about an answer that is none of a hub."""
    cause = (
        "HF_ENDPOINT may not be the address of a hub"
        if _mirror()
        else "a proxy, or the login page of a network, may have answered in its place"
    )
    return f"the hub does not give the file's size and hash; {cause}"


def explain_setup(error: Exception) -> str:
    """One clause about a proxy, a certificate or an address that is set wrongly; else empty."""
    chain = list(_chain(error))
    proxy = f"the proxy{_names_of(PROXY_VARIABLES)}"
    if _says(chain, "dependencies for SOCKS", "'socksio' package is not installed"):
        return (
            f"{proxy} is a SOCKS proxy, for which packages are missing: pip install pysocks socksio"
        )
    if _says(chain, "CA certificate bundle"):
        return _missing_certificates() or "the file of trusted certificates cannot be read"
    where = _without_password(_endpoint())
    if _says(chain, "CERTIFICATE_VERIFY_FAILED", "SSLCertVerificationError"):
        return (
            f"the certificate of {where} is not trusted here; behind a company's proxy, set "
            "SSL_CERT_FILE and REQUESTS_CA_BUNDLE to its certificate, and check this computer's "
            "clock"
        )
    if any(isinstance(link, ssl.SSLError) for link in chain) or _says(chain, "SSLError", "[SSL"):
        return (
            f"{where} does not speak https as expected; check that HF_ENDPOINT, and {proxy}, "
            "begin with the right http:// or https://"
        )
    if _says(chain, "407 proxy"):
        return f"{proxy} asks for a user name and a password"
    if _says(chain, "ProxyError", "ProxyScheme", "InvalidProxyURL", "scheme for proxy"):
        return (
            f"{proxy} cannot be used ({type(error).__name__}); expected an address such as "
            "http://host:port that lets requests through"
        )
    return ""


def _explain_login(checkpoint: Checkpoint) -> str:
    from huggingface_hub import get_token

    page = f"{OFFICIAL_HUB}/{checkpoint.repo}"
    if get_token():
        return (
            "the token in HF_TOKEN (or of your login) does not open it: accept the terms at "
            f"{page} with the account of this token"
        )
    return (
        f"the repository asks for an account: accept its terms at {page}, then set HF_TOKEN to a "
        "token of that account"
    )


def _retry_time(error: Exception) -> str:
    seconds = error.response.headers.get("Retry-After", "")  # type: ignore[attr-defined]
    return f"in {seconds} seconds" if seconds.isdecimal() else "in a few minutes"


def _endpoint() -> str:
    from huggingface_hub import constants

    return constants.ENDPOINT


def _mirror() -> str:
    """Address of the hub if it is not the official one, without a password; else empty."""
    endpoint = _endpoint()
    return "" if endpoint == OFFICIAL_HUB else _without_password(endpoint)


def _offline(joint: str = "; ") -> str:
    """That the user may be offline, as the end of a sentence; empty if this machine is asked."""
    host = urlsplit(_endpoint()).hostname or ""
    local = host == "localhost" or host.startswith("127.") or host == "::1"
    return "" if local else f"{joint}you may be offline"


def _without_password(address: str) -> str:
    start, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return start + separator + host.rpartition("@")[2] + slash + path


def _names_of(variables: tuple[str, ...]) -> str:
    """Which of some environment variables are set, as part of a sentence; never their values."""
    found = [name for name in variables if os.environ.get(name) or os.environ.get(name.lower())]
    return f" in {' or '.join(found)}" if found else ""


def _missing_certificates() -> str:
    """Which environment variables name certificates that are not there; empty if none does."""
    named = ((name, os.environ.get(name)) for name in CERTIFICATE_VARIABLES)
    missing = [name for name, path in named if path and not os.path.exists(path)]
    return f"the certificate file in {' and in '.join(missing)} does not exist" if missing else ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and all that it was raised from or wraps."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        inner = [*getattr(link, "args", ()), getattr(link, "reason", None)]
        waiting += [each for each in inner if isinstance(each, BaseException)]
        waiting += [link.__cause__, link.__context__]


def _says(chain: list[BaseException], *words: str) -> bool:
    """Whether the name or the text of an error in a chain has one of some words."""
    texts = [f"{type(link).__name__} {link}".lower() for link in chain]
    return any(word.lower() in text for word in words for text in texts)
