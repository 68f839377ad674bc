"""What people read when a server misbehaves: a real one, on this machine."""

import errno
import os
import socket
import time
from dataclasses import replace

import pytest
from comfyui_sapiens_pose.commands.failures import DoubtfulError, FileError, PlaceError
from comfyui_sapiens_pose.commands.ray_batch.addresses import parse_address
from comfyui_sapiens_pose.commands.ray_batch.remote_files import Staging
from comfyui_sapiens_pose.commands.remote.http_answers import ANSWERS, Fault, describe
from comfyui_sapiens_pose.commands.remote.remote_errors import translated
from comfyui_sapiens_pose.commands.remote.time_limits import TimeLimits
from helpers.misbehaving_server import MisbehavingServer

TYPES = {Fault.FILE: FileError, Fault.PLACE: PlaceError, Fault.DOUBTFUL: DoubtfulError}
PATIENT_S = 600.0
"""Longer than any machine is busy: who answers is not given up."""
PATIENT = TimeLimits(PATIENT_S, PATIENT_S, PATIENT_S)
LIMITS = {
    "stall": replace(PATIENT, stall_s=0.5),
    "late": replace(PATIENT, connect_s=1.0),
}
"""The one limit that those who never answer run into, by the folder of their address."""


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("aiohttp", reason="fsspec reads links by aiohttp, which is not installed")
    with MisbehavingServer({"a.png": bytes(1_000_000)}) as server:
        yield server


def fetch(address):
    limits = next((LIMITS[how] for how in LIMITS if f"/{how}/" in address), PATIENT)
    return Staging(limits).make_local(parse_address(address))


def failure(address):
    with pytest.raises((FileError, PlaceError, DoubtfulError)) as caught:
        fetch(address)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{address}: ")
    return caught.value


@pytest.mark.parametrize("status", ANSWERS)
def test_every_answer_has_its_sentence(server, status):
    error = failure(f"{server.url}/status/{status}/a.png")
    assert str(error).endswith(f": {describe(status)}.")
    assert str(status) in str(error)
    assert type(error) is TYPES[ANSWERS[status].fault]


def test_no_two_answers_have_the_same_sentence():
    assert len(ANSWERS) >= 25
    assert len({answer.meaning for answer in ANSWERS.values()}) == len(ANSWERS)


@pytest.mark.parametrize(("status", "kind"), [(460, DoubtfulError), (525, PlaceError)])
def test_an_answer_that_nobody_knows_has_one_too(server, status, kind):
    error = failure(f"{server.url}/status/{status}/a.png")
    assert type(error) is kind
    assert f"the server answers {status}: it " in str(error)


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_seven_failures_are_seven_sentences(server):
    host = server.url
    cases = {
        f"{host}/status/403/a.png": (DoubtfulError, "403 Forbidden: it refuses access"),
        f"{host}/status/404/a.png": (FileError, "404 Not Found: it has no such file"),
        f"{host}/status/500/a.png": (DoubtfulError, "500 Internal Server Error: it failed"),
        f"http://127.0.0.1:{closed_port()}/a.png": (PlaceError, "refuses the connection"),
        "http://nobody.invalid/a.png": (PlaceError, "no server of this name is known"),
        f"{host}/cut/a.png": (DoubtfulError, "the connection was cut before the file was complete"),
        f"{host}/stall/a.png": (DoubtfulError, "nothing arrived for 0.5 s after"),
        f"{host}/late/a.png": (DoubtfulError, "did not start to send the file within 1 s"),
        f"{host}/circle/a.png": (FileError, "redirects without end"),
    }
    for address, (kind, sentence) in cases.items():
        error = failure(address)
        assert type(error) is kind, address
        assert sentence in str(error), address


@pytest.mark.parametrize(("how", "limit_s"), [("stall", 0.5), ("late", 1.0)])
def test_a_server_that_stalls_costs_what_the_limit_says(server, how, limit_s):
    """And not the minute after which the server hangs up."""
    begun = time.monotonic()
    failure(f"{server.url}/{how}/a.png")
    assert limit_s <= time.monotonic() - begun < limit_s + 50


def test_the_whole_file_has_a_limit_too(server):
    limits = replace(PATIENT, file_s=0.5)
    with pytest.raises(DoubtfulError, match="the file was not complete after"):
        Staging(limits).make_local(parse_address(f"{server.url}/stall/a.png"))


class ClientError(Exception):  # as botocore's
    def __init__(self, status, code):
        super().__init__(f"An error occurred ({code}) when calling")
        self.response = {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code}}


class HttpError(Exception):  # as gcsfs's
    code = 403


class ClientOSError(OSError):  # as aiohttp's, which is none of Python's subclasses
    pass


AWS = "When getting information for key 'x.jpg' in bucket 'b': AWS Error"


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (OSError(f"{AWS} ACCESS_DENIED during HeadObject operation"), DoubtfulError, "403 Forb"),
        (OSError(f"{AWS} UNKNOWN (HTTP status 400) during Head"), DoubtfulError, "400 Bad Req"),
        (OSError(f"{AWS} UNKNOWN (HTTP status 503) during Head"), PlaceError, "503 Service"),
        (OSError(f"{AWS} NETWORK_CONNECTION: curlCode: 7, Could"), PlaceError, "refuses the con"),
        (OSError(f"{AWS} NETWORK_CONNECTION: curlCode: 6, Could"), PlaceError, "no server of this"),
        (OSError(f"{AWS} NETWORK_CONNECTION: curlCode: 28, Tim"), DoubtfulError, "not answer in"),
        (OSError(f"{AWS} INVALID_ACCESS_KEY_ID during Head"), PlaceError, "no valid keys"),
        (OSError("google::cloud::Status(UNAVAILABLE: Retry policy"), PlaceError, "503 Service"),
        (OSError("google::cloud::Status(PERMISSION_DENIED: x"), DoubtfulError, "403 Forbidden"),
        (ClientError(400, "ExpiredToken"), PlaceError, "no valid keys were found"),
        (ClientError(403, "AccessDenied"), DoubtfulError, "403 Forbidden"),
        (HttpError("Forbidden"), DoubtfulError, "403 Forbidden"),
        (OSError(errno.ENOSPC, "x"), PlaceError, os.strerror(errno.ENOSPC)),
        (OSError(errno.ECONNREFUSED, "x"), PlaceError, "refuses the connection"),
        (ClientOSError(errno.ECONNREFUSED, "x"), PlaceError, "refuses the connection"),
        (ClientOSError(errno.ECONNRESET, "x"), DoubtfulError, "was cut"),
        (ClientOSError(errno.EPIPE, "x"), DoubtfulError, "was cut"),
        (ClientOSError(errno.ETIMEDOUT, "x"), DoubtfulError, "not answer in time"),
        (ClientOSError(errno.EHOSTUNREACH, "x"), PlaceError, "cannot be reached"),
        (ClientOSError(errno.ENETUNREACH, "x"), PlaceError, "cannot be reached"),
        (ConnectionResetError("x"), DoubtfulError, "was cut"),
        (FileNotFoundError(errno.ENOENT, "x"), FileError, "404 Not Found"),
        (KeyError("what nobody foresaw"), DoubtfulError, "KeyError: "),
    ],
)
def test_errors_of_each_library_are_translated(error, kind, sentence):
    with pytest.raises(kind) as caught, translated("s3://b/x.jpg"):
        raise error
    assert type(caught.value) is kind
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "error", [FileNotFoundError("There is no file at s3://b/x."), ValueError("It is too large.")]
)
def test_what_is_a_sentence_already_stays(error):
    with pytest.raises(type(error)) as caught, translated("s3://b/x.jpg"):
        raise error
    assert caught.value is error
