"""Downloads, against a real HTTP server that stands in for the hub."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from comfyui_sapiens_pose.sapiens_core.download import announcement, find_on_disk
from comfyui_sapiens_pose.sapiens_core.zoo import find_checkpoint
from hub import Hub, serve

CHECKPOINT = find_checkpoint("0.3b", 308)
CONTENT = os.urandom(300_000)
PATH = f"{CHECKPOINT.repo}/resolve/main/{CHECKPOINT.file_name}"

# The hub's client reads its environment at import, so each download is a process of its own.
CODE = """
import sys
from pathlib import Path
from comfyui_sapiens_pose.sapiens_core.download import DownloadError, find_or_download
from comfyui_sapiens_pose.sapiens_core.zoo import find_checkpoint
try:
    print(find_or_download(find_checkpoint("0.3b", 308), [Path(sys.argv[1])]))
except DownloadError as error:
    print(f"DownloadError: {error}")
"""


def run(folder: Path, endpoint: str, **variables: str) -> str:
    """What a process that asks for the checkpoint prints."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(folder / "home"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        **variables,
    }
    result = subprocess.run(
        [sys.executable, "-c", CODE, str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize(
    "name",
    [
        CHECKPOINT.base_name,
        CHECKPOINT.older_names[0],
        CHECKPOINT.base_name.replace(".pth", ".safetensors"),
    ],
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
        (folder / CHECKPOINT.base_name).touch()
        assert find_on_disk(CHECKPOINT, folders) == folder / CHECKPOINT.base_name


def test_a_whole_download_arrives_under_its_own_name(tmp_path):
    with serve(Hub(files={PATH: CONTENT})) as hub:
        assert run(tmp_path, hub.url) == str(tmp_path / CHECKPOINT.base_name)
    assert (tmp_path / CHECKPOINT.base_name).read_bytes() == CONTENT


def test_a_cut_download_is_never_taken_for_a_whole_one_and_goes_on(tmp_path):
    # The hub's client writes in blocks of 10 MB: what is cut within the first is asked for again.
    content = os.urandom(13_000_000)
    hub = Hub(files={PATH: content}, cut_after=[11_000_000])
    with serve(hub):
        first = run(tmp_path, hub.url)
        if first.startswith("DownloadError"):
            assert not (tmp_path / CHECKPOINT.base_name).exists()
            run(tmp_path, hub.url)
    assert (tmp_path / CHECKPOINT.base_name).read_bytes() == content
    starts = [
        int(found[1]) for _, _, r in hub.requests if (found := re.match(r"bytes=(\d+)-", r or ""))
    ]
    assert starts, "the second request asked for the rest only"
    assert starts[-1] > 0


def test_a_wrong_hash_is_refused_and_leaves_nothing(tmp_path):
    with serve(Hub(files={PATH: CONTENT}, announced_sha256="0" * 64)) as hub:
        answer = run(tmp_path, hub.url)
    assert "damaged (its SHA-256 is not the announced one)" in answer
    assert not list(tmp_path.rglob("*.pth"))


@pytest.mark.parametrize(
    ("status", "error_code", "reason"),
    [
        (401, "GatedRepo", "accept its terms at .* then set HF_TOKEN"),
        (403, "GatedRepo", "accept its terms at .* then set HF_TOKEN"),
        (401, None, "set HF_TOKEN"),
        (404, "EntryNotFound", "no such file any more"),
        (404, "RepoNotFound", "no such file any more"),
        (429, None, "too many requests"),
        (500, None, r"answered with an error \(500\)"),
    ],
)
def test_refusals_say_what_to_do(tmp_path, status, error_code, reason):
    with serve(Hub(status=status, error_code=error_code)) as hub:
        answer = run(tmp_path, hub.url)
    assert re.search(reason, answer), answer
    for fact in (CHECKPOINT.repo, CHECKPOINT.base_name, "1.32 GB", str(tmp_path), CHECKPOINT.url):
        assert fact in answer


def test_an_unreachable_hub_is_given_up_soon(tmp_path):
    started = time.monotonic()
    answer = run(tmp_path, "http://127.0.0.1:9")
    assert "the hub cannot be reached" in answer
    assert time.monotonic() - started < 15


def test_offline_mode_asks_nobody(tmp_path):
    with serve(Hub(files={PATH: CONTENT})) as hub:
        answer = run(tmp_path, hub.url, HF_HUB_OFFLINE="1")
        assert hub.requests == []
    assert "HF_HUB_OFFLINE is set" in answer


def test_the_announcement_names_file_size_and_licence(tmp_path):
    text = announcement(CHECKPOINT, tmp_path)
    for fact in (CHECKPOINT.base_name, "1.32 GB", "CC BY-NC 4.0", str(tmp_path)):
        assert fact in text
