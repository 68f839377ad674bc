"""Downloads that are cut, stalled, killed or cancelled go on where they were."""

import random
import re
import resource
import signal
import time

import pytest
from comfyui_sapiens_pose.sapiens_core.checkpoints import http_resume
from helpers.downloads import (
    CONTENT,
    NAME,
    PATH,
    CancelledError,
    ask,
    assert_arrived,
    cancel_at,
    finish,
    partial_bytes,
    start,
)


@pytest.mark.promise("Downloads continue")
@pytest.mark.parametrize("seed", range(3))
def test_a_download_that_is_cut_at_random_places_goes_on_by_itself(tmp_path, hub_of, seed):
    cuts = random.Random(seed).choices(range(1, 1_000_000), k=3)
    hub = hub_of(files={PATH: CONTENT}, cut_after=cuts.copy())
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert len(hub.starts) == 4
    assert hub.starts == sorted(hub.starts)
    assert hub.starts[-1] > 0


def wait_for_bytes(folder, num_bytes):
    while partial_bytes(folder) < num_bytes:
        time.sleep(0.02)


@pytest.mark.promise("Downloads continue")
def test_a_killed_download_is_never_taken_for_a_whole_one_and_goes_on(tmp_path, hub_of):
    hub = hub_of(files={PATH: CONTENT}, block_pause_s=0.05)
    process = start(tmp_path, hub.url)
    wait_for_bytes(tmp_path, 500_000)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / NAME).exists()
    arrived = partial_bytes(tmp_path)
    hub.block_pause_s = 0.0
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert hub.starts == [0, arrived]


@pytest.mark.promise("Downloads continue")
def test_a_server_that_cannot_continue_is_asked_for_the_whole_file(tmp_path, hub_of):
    hub_of(files={PATH: CONTENT}, cut_after=[1_000_000], ignores_ranges=True)
    ask(tmp_path)
    assert_arrived(tmp_path)


@pytest.mark.promise("Downloads continue")
def test_a_callback_that_raises_ends_the_download_within_a_block_and_it_can_go_on(tmp_path, hub_of):
    # The server sends so slowly that each block is reported.
    hub = hub_of(files={PATH: CONTENT}, block_pause_s=0.05)
    with pytest.raises(CancelledError):
        ask(tmp_path, cancel_at(1_000_000))
    arrived = partial_bytes(tmp_path)
    assert 1_000_000 <= arrived < 1_600_000
    hub.block_pause_s = 0.0
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert hub.starts == [0, arrived]


def test_progress_tells_bytes_done_and_in_all(tmp_path, hub_of):
    hub_of(files={PATH: CONTENT}, block_pause_s=0.02)
    told = []
    ask(tmp_path, lambda *numbers: told.append(numbers))
    assert {total for _, total in told} == {len(CONTENT)}
    done = [number for number, _ in told]
    assert done == sorted(done)
    assert len(set(done)) > 3
    assert done[-1] == len(CONTENT)


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_short_wait_that_the_hub_asks_for_is_waited(tmp_path, hub_of, method):
    hub_of(files={PATH: CONTENT}, status_once=[(method, 429)], retry_after="1")
    started = time.monotonic()
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert time.monotonic() - started > 1
    assert_arrived(tmp_path)


def test_a_long_wait_that_the_hub_asks_for_is_passed_on(tmp_path, hub_of):
    hub = hub_of(status=429, retry_after="3600")
    assert "too many requests; try again in 3600 seconds" in ask(tmp_path)
    assert len(hub.file_requests) == 1


@pytest.mark.promise("Downloads continue")
def test_a_stalled_server_is_given_up_and_what_arrived_is_kept(tmp_path, hub_of, monkeypatch):
    monkeypatch.setattr(http_resume, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)
    hub = hub_of(files={PATH: CONTENT}, stall_at=1_000_000)
    started = time.monotonic()
    assert "the connection was lost or stalled" in ask(tmp_path)
    assert time.monotonic() - started < 60  # takes two, and a machine may be busy
    assert partial_bytes(tmp_path) > 500_000
    hub.stall_at = None
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert_arrived(tmp_path)


def test_a_download_from_another_host_goes_on_after_a_cut(tmp_path, hub_of):
    storage = hub_of(files={PATH: CONTENT}, cut_after=[1_000_000])
    hub_of(files={PATH: CONTENT}, storage_url=storage.url)
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert storage.starts[-1] > 0


@pytest.mark.promise("Downloads continue")
def test_a_body_that_ends_early_is_a_cut(tmp_path, hub_of):
    """Though the server says that this was all."""
    storage = hub_of(files={PATH: CONTENT}, announced_size=2_000_000)
    hub_of(files={PATH: CONTENT}, storage_url=storage.url)
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert storage.starts == [0, 2_000_000]


@pytest.mark.promise("Downloads continue")
def test_a_disk_that_fills_up_is_told_and_what_arrived_is_kept(tmp_path, hub_of):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    hub = hub_of(files={PATH: CONTENT})
    process = start(tmp_path, hub.url)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    answer = finish(process)
    assert re.search(r"cannot be written: .*File too large", answer), answer
    assert partial_bytes(tmp_path) == 1_000_000
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert hub.starts == [0, 1_000_000]


@pytest.mark.promise("Downloads continue")
def test_of_two_processes_one_downloads_and_both_have_the_file(tmp_path, hub_of):
    hub = hub_of(files={PATH: CONTENT}, block_pause_s=0.05)
    other = start(tmp_path, hub.url)
    wait_for_bytes(tmp_path, 1)
    assert ask(tmp_path) == finish(other) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert hub.starts == [0]


@pytest.mark.promise("Downloads continue")
def test_waiting_for_another_process_can_be_cancelled(tmp_path, hub_of):
    hub = hub_of(files={PATH: CONTENT}, block_pause_s=0.2)
    first = start(tmp_path, hub.url)
    wait_for_bytes(tmp_path, 500_000)
    with pytest.raises(CancelledError):
        ask(tmp_path, cancel_at(500_000))
    assert first.poll() is None
    hub.block_pause_s = 0.0
    assert finish(first) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
