"""Why a download failed: real servers and real libraries, set up wrongly in every way."""

import shutil
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import huggingface_hub
import pytest
import requests
from comfyui_sapiens_pose.sapiens_core.checkpoints.download import find_or_download
from comfyui_sapiens_pose.sapiens_core.checkpoints.download_errors import (
    explain_no_contact,
    explain_no_hub,
    explain_setup,
    find_endpoint_fault,
    link_by_hand,
)
from helpers.downloads import CHECKPOINT, CONTENT, PATH, ask

OFFLINE = "you may be offline"


def forget_sessions():
    """The hub's library reads the settings of proxies once, from version 1.0 on."""
    getattr(huggingface_hub, "close_session", lambda: None)()


@pytest.fixture
def endpoint(monkeypatch, hub_of):
    """Sets the hub's address."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    forget_sessions()
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)

    def use(address):
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)

    yield use
    forget_sessions()


MALFORMED = [
    *("", "hf-mirror.com", "https:/hf-mirror.com", "htps://hf-mirror.com", "https://"),
    *("https://hf mirror.com", "'https://hf-mirror.com'", "https://hf-mirror.com:https"),
    *("https://hf-mirror.com:99999", "https://[::1", "ftp://hf-mirror.com"),
]


@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_endpoint_is_shown(tmp_path, endpoint, no_network, address):
    endpoint(address)
    answer = ask(tmp_path)
    assert (
        f"HF_ENDPOINT is {address!r}; expected an address such as https://huggingface.co" in answer
    )
    assert OFFLINE not in answer
    assert f"open {CHECKPOINT.url} in a browser" in answer


@pytest.mark.parametrize(
    "address", ["https://huggingface.co", "https://hf-mirror.com", "http://127.0.0.1:8080/hub"]
)
def test_well_formed_endpoints_have_no_fault(address):
    assert find_endpoint_fault(address) == ""


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://hf-mirror.com", "https://hf-mirror.com"),
        ("http://127.0.0.1:8080/hub", "http://127.0.0.1:8080/hub"),
        ("https://me:secret@mirror.example", "https://mirror.example"),
        ("https://huggingface.co", "https://huggingface.co"),
        ("nonsense", "https://huggingface.co"),
    ],
)
def test_the_link_by_hand_is_that_of_the_mirror(endpoint, address, shown):
    endpoint(address)
    assert link_by_hand(CHECKPOINT) == f"{shown}/{PATH}"


@pytest.fixture
def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]  # bound, but nobody listens


def test_nobody_answers_at_a_mirror_on_this_computer(tmp_path, endpoint, closed_port):
    endpoint(f"http://127.0.0.1:{closed_port}")
    answer = ask(tmp_path)
    assert f"nothing answers at http://127.0.0.1:{closed_port} (connection refused)" in answer
    assert "HF_ENDPOINT may be wrong" in answer
    assert OFFLINE not in answer


def test_a_mirror_whose_name_nobody_knows(tmp_path, endpoint):
    endpoint("http://mirror.invalid")
    answer = ask(tmp_path)
    assert "the name of http://mirror.invalid is not known; HF_ENDPOINT may be misspelt" in answer
    assert OFFLINE in answer


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4"])
def test_a_socks_proxy_without_its_packages(tmp_path, endpoint, monkeypatch, scheme):
    endpoint("https://huggingface.co")
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://me:secret@127.0.0.1:9")
    answer = ask(tmp_path)
    assert "proxy in ALL_PROXY" in answer
    assert "SOCKS" in answer or "expected an address such as http://host:port" in answer
    assert OFFLINE not in answer
    assert "secret" not in answer


def test_socks_packages_missing_for_the_transfer_alone(endpoint, monkeypatch):
    """The library of the transfer is another than the one that asks."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(requests.exceptions.RequestException) as caught:
        requests.get("https://huggingface.co", timeout=5)
    assert "is a SOCKS proxy, for which packages are missing" in explain_setup(caught.value)


def test_a_socks_proxy_that_is_down_lacks_no_packages(endpoint):
    endpoint("https://huggingface.co")
    refused = ConnectionRefusedError(111, "SOCKSHTTPSConnection: connection refused")
    error = requests.ConnectionError("SOCKSHTTPSConnectionPool: Max retries exceeded", refused)
    assert explain_setup(error) == ""
    assert "nothing answers at https://huggingface.co" in explain_no_contact(error)


def test_a_proxy_that_is_not_there(tmp_path, endpoint, monkeypatch, closed_port):
    endpoint("https://huggingface.co")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}")
    answer = ask(tmp_path)
    assert "the proxy in HTTPS_PROXY" in answer
    assert OFFLINE not in answer


@pytest.fixture
def serve_with():
    """Starts a server with a handler and, if given, a certificate."""
    servers = []

    def start(handler, certificate=None):
        server = HTTPServer(("127.0.0.1", 0), handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class AskingProxy(BaseHTTPRequestHandler):
    def do_CONNECT(self):
        self.send_error(407, "Proxy Authentication Required")

    def log_message(self, *_):
        pass


def test_a_proxy_that_asks_for_a_password(tmp_path, endpoint, monkeypatch, serve_with):
    endpoint("https://huggingface.co")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{serve_with(AskingProxy)}")
    answer = ask(tmp_path)
    assert "the proxy in HTTPS_PROXY asks for a user name and a password" in answer
    assert OFFLINE not in answer


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
def test_a_certificate_that_is_not_trusted(tmp_path, endpoint, serve_with):
    pem = tmp_path / "self.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    files = ["-keyout", str(pem), "-out", str(tmp_path / "certificate")]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + (tmp_path / "certificate").read_bytes())
    endpoint(f"https://127.0.0.1:{serve_with(BaseHTTPRequestHandler, pem)}")
    answer = ask(tmp_path)
    assert "is not trusted here" in answer
    assert "SSL_CERT_FILE" in answer
    assert OFFLINE not in answer


def test_https_to_a_server_that_speaks_http(tmp_path, hub_of, endpoint):
    hub = hub_of(files={PATH: CONTENT})
    endpoint(hub.url.replace("http://", "https://"))
    answer = ask(tmp_path)
    assert "does not speak https as expected" in answer
    assert OFFLINE not in answer


def test_certificates_that_are_not_there(endpoint, monkeypatch, tmp_path):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    try:
        ssl.create_default_context(cafile=str(tmp_path / "nowhere.pem"))
    except FileNotFoundError as error:
        told = explain_no_contact(error)
    assert told == "the certificate file in SSL_CERT_FILE does not exist"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    with pytest.raises(OSError, match="nowhere") as caught:
        requests.get("https://127.0.0.1:9", timeout=5)
    assert "REQUESTS_CA_BUNDLE and in SSL_CERT_FILE does not" in explain_setup(caught.value)


def test_a_network_that_is_down_may_be_offline(endpoint):
    endpoint("https://huggingface.co")
    for number in (101, 113):
        assert OFFLINE in explain_no_contact(OSError(number, "unreachable"))
    assert OFFLINE in explain_no_contact(TimeoutError("timed out"))
    for here in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"):
        endpoint(here)
        assert OFFLINE not in explain_no_contact(TimeoutError("timed out"))


def test_an_unknown_error_is_shown_and_not_guessed(endpoint):
    endpoint("https://huggingface.co")
    told = explain_no_contact(RuntimeError("the client has been closed"))
    assert "cannot be reached (RuntimeError: the client has been closed)" in told
    assert OFFLINE not in told


def test_a_login_page_in_place_of_the_hub(endpoint):
    endpoint("https://huggingface.co")
    assert "the login page of a network" in explain_no_hub()
    endpoint("https://mirror.example")
    assert "HF_ENDPOINT may not be the address of a hub" in explain_no_hub()


def test_a_download_is_announced_before_its_first_byte(tmp_path, hub_of):
    hub = hub_of(files={PATH: CONTENT})
    told = []

    def announce(text):
        told.append((text, list(hub.starts)))

    for _ in range(2):
        find_or_download(CHECKPOINT, [tmp_path], announce=announce)
    [(text, starts)] = told
    assert starts == []
    for fact in (CHECKPOINT.base_name, "1.32 GB", "CC BY-NC 4.0", str(tmp_path), CHECKPOINT.repo):
        assert fact in text


def test_a_download_that_does_not_start_is_not_announced(tmp_path, hub_of):
    hub_of(status=404)
    told = []
    with pytest.raises(RuntimeError):
        find_or_download(CHECKPOINT, [tmp_path], announce=told.append)
    assert told == []
