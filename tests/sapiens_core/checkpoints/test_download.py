"""Downloads, against a real HTTP server that stands in for the hub."""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from comfyui_sapiens_pose import cli
from comfyui_sapiens_pose.sapiens_core.checkpoints.download import announcement, find_on_disk
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import find_checkpoint
from helpers.hub import Hub, serve

CHECKPOINT = find_checkpoint("0.3b", 308)
SAPIENS2 = find_checkpoint("sapiens2-0.4b", 308)
CONTENT = random.Random(0).randbytes(3_000_000)
PATH = f"{CHECKPOINT.repo}/resolve/main/{CHECKPOINT.file_name}"
NAME = CHECKPOINT.base_name

# The hub's client reads its environment at import, so each download is a process of its own.
CODE = """
import logging, os, sys
from pathlib import Path
from comfyui_sapiens_pose.sapiens_core.checkpoints.download import DownloadError, find_or_download
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import find_checkpoint

class Cancelled(Exception):
    pass

def on_progress(done_bytes, total_bytes):
    print("progress", done_bytes, total_bytes, flush=True)
    if done_bytes >= int(os.environ.get("CANCEL_AT", sys.maxsize)):
        raise Cancelled

try:
    print(find_or_download(
        find_checkpoint("0.3b", 308), [Path(sys.argv[1])], on_progress=on_progress
    ))
except DownloadError as error:
    print(f"DownloadError: {error}")
except Cancelled:
    print("cancelled")
"""


def start(folder: Path, endpoint: str, **variables: str) -> subprocess.Popen[str]:
    """A process that asks for the checkpoint."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(folder / "home"),
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """The last line that a process prints: the file's path or what went wrong."""
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output.strip().rsplit("\n", 1)[-1]


def run(folder: Path, endpoint: str, **variables: str) -> str:
    """What came of asking for the checkpoint."""
    return finish(start(folder, endpoint, **variables))


def partial_bytes(folder: Path) -> int:
    """Size of the unfinished file."""
    return sum(path.stat().st_size for path in folder.rglob("*.partial"))


def assert_arrived(folder: Path) -> None:
    """The whole file is there, and nothing but it and its lock."""
    assert (folder / NAME).read_bytes() == CONTENT
    assert not list(folder.rglob("*.partial"))


@pytest.mark.parametrize(
    "name",
    [NAME, CHECKPOINT.older_names[0], NAME.replace(".pth", ".safetensors")],
    ids=["present name", "older name", "safetensors"],
)
def test_a_file_on_disk_is_used_without_any_request(tmp_path, name):
    (tmp_path / name).write_bytes(b"weights")
    with serve(Hub(files={PATH: CONTENT})) as hub:
        assert run(tmp_path, hub.url) == str(tmp_path / name)
        assert hub.requests == []


def test_folders_are_searched_in_order(tmp_path):
    folders = [tmp_path / "first", tmp_path / "second"]
    assert find_on_disk(CHECKPOINT, folders) is None
    for folder in reversed(folders):
        folder.mkdir()
        (folder / NAME).touch()
        assert find_on_disk(CHECKPOINT, folders) == folder / NAME


def test_a_whole_download_arrives_under_its_own_name(tmp_path):
    with serve(Hub(files={PATH: CONTENT})) as hub:
        assert run(tmp_path / "new", hub.url) == str(tmp_path / "new" / NAME)
    assert_arrived(tmp_path / "new")
    assert hub.starts == [0]


@pytest.mark.promise("Downloads continue")
@pytest.mark.parametrize("seed", range(3))
def test_a_download_that_is_cut_at_random_places_goes_on_by_itself(tmp_path, seed):
    cuts = random.Random(seed).choices(range(1, 1_000_000), k=3)
    with serve(Hub(files={PATH: CONTENT}, cut_after=cuts.copy())) as hub:
        assert run(tmp_path, hub.url) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert len(hub.starts) == 4
    assert hub.starts == sorted(hub.starts)
    assert hub.starts[-1] > 0


@pytest.mark.promise("Downloads continue")
def test_a_killed_download_is_never_taken_for_a_whole_one_and_goes_on(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, block_pause_s=0.05)) as hub:
        process = start(tmp_path, hub.url)
        while partial_bytes(tmp_path) < 500_000:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not (tmp_path / NAME).exists()
        arrived = partial_bytes(tmp_path)
        hub.block_pause_s = 0.0
        assert run(tmp_path, hub.url) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert hub.starts == [0, arrived]


@pytest.mark.promise("Downloads continue")
def test_a_server_that_cannot_continue_is_asked_for_the_whole_file(tmp_path):
    hub = Hub(files={PATH: CONTENT}, cut_after=[1_000_000], ignores_ranges=True)
    with serve(hub):
        run(tmp_path, hub.url)
    assert_arrived(tmp_path)


@pytest.mark.promise("Downloads continue")
def test_the_rest_of_another_version_is_not_added_to_this_one(tmp_path):
    with serve(Hub(files={PATH: CONTENT[::-1]}, block_pause_s=0.05)) as hub:
        assert run(tmp_path, hub.url, CANCEL_AT="500000") == "cancelled"
    assert partial_bytes(tmp_path) > 0
    with serve(Hub(files={PATH: CONTENT})) as hub:
        run(tmp_path, hub.url)
    assert_arrived(tmp_path)
    assert hub.starts == [0]


@pytest.mark.promise("Downloads continue")
def test_a_callback_that_raises_ends_the_download_within_a_block_and_it_can_go_on(tmp_path):
    # The server sends so slowly that each block is reported.
    with serve(Hub(files={PATH: CONTENT}, block_pause_s=0.05)) as hub:
        assert run(tmp_path, hub.url, CANCEL_AT="1000000") == "cancelled"
        arrived = partial_bytes(tmp_path)
        assert 1_000_000 <= arrived < 1_600_000
        hub.block_pause_s = 0.0
        assert run(tmp_path, hub.url) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert hub.starts == [0, arrived]


def test_progress_tells_bytes_done_and_in_all(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, block_pause_s=0.02)) as hub:
        output, _ = start(tmp_path, hub.url).communicate(timeout=60)
    told = [tuple(map(int, pair)) for pair in re.findall(r"progress (\d+) (\d+)", output)]
    assert {total for _, total in told} == {len(CONTENT)}
    done = [number for number, _ in told]
    assert done == sorted(done)
    assert len(set(done)) > 3
    assert done[-1] == len(CONTENT)


@pytest.mark.promise("Downloads continue")
def test_a_wrong_hash_is_refused_and_leaves_nothing(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, announced_sha256="0" * 64)) as hub:
        answer = run(tmp_path, hub.url)
    assert "damaged (its SHA-256 is not the announced one)" in answer
    assert not [path for path in tmp_path.rglob(f"{NAME}*") if path.suffix != ".lock"]


@pytest.mark.promise("Downloads continue")
def test_a_wrong_size_is_refused_and_leaves_nothing(tmp_path):
    with (
        serve(Hub(files={PATH: CONTENT})) as storage,
        serve(Hub(files={PATH: CONTENT}, announced_size=len(CONTENT) - 1)) as hub,
    ):
        hub.storage_url = storage.url
        answer = run(tmp_path, hub.url)
    assert "damaged (3000000 bytes instead of 2999999)" in answer
    assert not [path for path in tmp_path.rglob(f"{NAME}*") if path.suffix != ".lock"]


@pytest.mark.parametrize("token", [None, "hf_test"])
@pytest.mark.parametrize(
    ("status", "error_code"), [(401, "GatedRepo"), (403, "GatedRepo"), (401, None)]
)
def test_a_gated_file_says_how_to_log_in(tmp_path, status, error_code, token):
    variables = {"HF_TOKEN": token} if token else {}
    with serve(Hub(status=status, error_code=error_code)) as hub:
        answer = run(tmp_path, hub.url, **variables)
    assert f"https://huggingface.co/{CHECKPOINT.repo}" in answer
    assert "terms" in answer
    assert "HF_TOKEN" in answer
    assert ("with the account that the token is from" in answer) == bool(token)
    assert_names_the_facts(answer, tmp_path)


@pytest.mark.parametrize(
    ("status", "error_code", "reason"),
    [
        (404, "EntryNotFound", "no such file any more"),
        (404, "RepoNotFound", "no such file any more"),
        (429, None, "too many requests; try again in a few minutes"),
        (500, None, r"answered with an error \(500\)"),
    ],
)
def test_refusals_say_what_to_do(tmp_path, status, error_code, reason):
    with serve(Hub(status=status, error_code=error_code)) as hub:
        answer = run(tmp_path, hub.url)
    assert re.search(reason, answer), answer
    assert_names_the_facts(answer, tmp_path)


def assert_names_the_facts(answer: str, folder: Path) -> None:
    for fact in (CHECKPOINT.repo, NAME, "1.32 GB", str(folder), CHECKPOINT.url):
        assert fact in answer


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_short_wait_that_the_hub_asks_for_is_waited(tmp_path, method):
    hub = Hub(files={PATH: CONTENT}, status_once=[(method, 429)], retry_after="2")
    with serve(hub):
        started = time.monotonic()
        assert run(tmp_path, hub.url) == str(tmp_path / NAME)
    assert time.monotonic() - started > 2
    assert_arrived(tmp_path)


def test_a_long_wait_that_the_hub_asks_for_is_passed_on(tmp_path):
    with serve(Hub(status=429, retry_after="3600")) as hub:
        assert "too many requests; try again in 3600 seconds" in run(tmp_path, hub.url)
        assert len(hub.file_requests) == 1


@pytest.mark.promise("Downloads continue")
def test_a_stalled_server_is_given_up_and_what_arrived_is_kept(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, stall_at=1_000_000)) as hub:
        started = time.monotonic()
        answer = run(tmp_path, hub.url, HF_HUB_DOWNLOAD_TIMEOUT="1")
        assert "the connection was lost or stood still" in answer
        assert time.monotonic() - started < 20
        assert partial_bytes(tmp_path) > 500_000
        hub.stall_at = None
        assert run(tmp_path, hub.url) == str(tmp_path / NAME)
    assert_arrived(tmp_path)


@pytest.mark.promise("Secrets go to no stranger")
def test_a_token_is_sent_to_the_hub_and_not_to_where_it_points(tmp_path):
    with (
        serve(Hub(files={PATH: CONTENT})) as storage,
        serve(Hub(files={PATH: CONTENT}, token="hf_test")) as hub,
    ):
        hub.storage_url = storage.url.replace("127.0.0.1", "localhost")
        assert run(tmp_path, hub.url, HF_TOKEN="hf_test") == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert {request.token for request in hub.file_requests} == {"Bearer hf_test"}
    assert [request.token for request in storage.file_requests] == [None]


def test_a_download_from_another_host_goes_on_after_a_cut(tmp_path):
    with (
        serve(Hub(files={PATH: CONTENT}, cut_after=[1_000_000])) as storage,
        serve(Hub(files={PATH: CONTENT}, storage_url=storage.url)) as hub,
    ):
        assert run(tmp_path, hub.url) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert storage.starts[-1] > 0


@pytest.mark.promise("Downloads continue")
def test_a_body_that_ends_early_is_a_cut(tmp_path):
    """Though the server says that this was all."""
    with (
        serve(Hub(files={PATH: CONTENT}, announced_size=2_000_000)) as storage,
        serve(Hub(files={PATH: CONTENT}, storage_url=storage.url)) as hub,
    ):
        assert run(tmp_path, hub.url) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert storage.starts == [0, 2_000_000]


@pytest.mark.promise("Downloads continue")
def test_a_file_that_does_not_fit_on_the_disk_is_not_begun(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, announced_size=10**15)) as hub:
        answer = run(tmp_path, hub.url)
    assert re.search(r"cannot be written: 1000000\.00 GB are needed and .* GB are free", answer)
    assert hub.starts == []


@pytest.mark.promise("Downloads continue")
def test_a_disk_that_fills_up_is_told_and_what_arrived_is_kept(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with serve(Hub(files={PATH: CONTENT})) as hub:
        process = start(tmp_path, hub.url)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
        answer = finish(process)
        assert re.search(r"cannot be written: .*File too large", answer), answer
        assert partial_bytes(tmp_path) == 1_000_000
        assert run(tmp_path, hub.url) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert hub.starts == [0, 1_000_000]


@pytest.mark.promise("Downloads continue")
def test_of_two_processes_one_downloads_and_both_have_the_file(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, block_pause_s=0.05)) as hub:
        processes = [start(tmp_path, hub.url) for _ in range(2)]
        assert [finish(process) for process in processes] == [str(tmp_path / NAME)] * 2
    assert_arrived(tmp_path)
    assert hub.starts == [0]


@pytest.mark.promise("Downloads continue")
def test_waiting_for_another_process_can_be_cancelled(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, block_pause_s=0.2)) as hub:
        first = start(tmp_path, hub.url)
        while partial_bytes(tmp_path) < 500_000:
            time.sleep(0.02)
        assert run(tmp_path, hub.url, CANCEL_AT="500000") == "cancelled"
        assert first.poll() is None
        hub.block_pause_s = 0.0
        finish(first)
    assert_arrived(tmp_path)


def test_an_unreachable_hub_is_given_up_soon(tmp_path):
    started = time.monotonic()
    answer = run(tmp_path, "http://127.0.0.1:9")
    assert "the hub cannot be reached" in answer
    assert time.monotonic() - started < 15


def test_a_web_server_that_is_no_hub_is_told_from_one(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, announced_size=0)) as hub:
        assert "HF_ENDPOINT may be no hub's address" in run(tmp_path, hub.url)


def test_offline_mode_asks_nobody(tmp_path):
    with serve(Hub(files={PATH: CONTENT})) as hub:
        answer = run(tmp_path, hub.url, HF_HUB_OFFLINE="1")
        assert hub.requests == []
    assert "HF_HUB_OFFLINE is set" in answer


def test_the_announcement_names_file_size_and_licence(tmp_path):
    text = announcement(CHECKPOINT, tmp_path)
    for fact in (NAME, "1.32 GB", "CC BY-NC 4.0", str(tmp_path)):
        assert fact in text


@pytest.mark.parametrize("checkpoint", [CHECKPOINT, SAPIENS2], ids=lambda row: row.size)
def test_the_command_downloads_once_and_tells_where(tmp_path, checkpoint):
    path = f"{checkpoint.repo}/resolve/main/{checkpoint.file_name}"
    command = [sys.executable, "-m", cli.__name__, "download", "--model", checkpoint.size]
    command += ["--keypoints", "308", "--models-dir", str(tmp_path)]
    with serve(Hub(files={path: CONTENT})) as hub:
        environment = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home")}
        for _ in range(2):
            result = subprocess.run(command, capture_output=True, text=True, env=environment)
            assert result.returncode == 0, result.stderr
            assert result.stderr.strip().endswith(str(tmp_path / checkpoint.base_name))
    assert hub.starts == [0]
    assert (tmp_path / checkpoint.base_name).read_bytes() == CONTENT


def test_the_command_fails_with_the_reason(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert cli.main(["download", "--model", "0.3b", "--models-dir", str(tmp_path)]) == 1
    assert "HF_HUB_OFFLINE is set" in capsys.readouterr().err
