"""Workers of a batch that start while the share of the weights is away: they wait for it."""

from dataclasses import replace

import pytest
from comfyui_sapiens_pose.commands.failures import PlaceError
from comfyui_sapiens_pose.commands.ray_batch.crash_log import CrashLog
from comfyui_sapiens_pose.commands.ray_batch.shard import ShardWorker
from helpers.clips import PHOTO


@pytest.fixture
def share(tmp_path, weights):
    """The folder of the weights, which can be renamed."""
    (tmp_path / "share").mkdir()
    (tmp_path / "share/w.safetensors").write_bytes(weights.read_bytes())
    return tmp_path / "share"


@pytest.fixture
def job(batch, share):
    job = batch(PHOTO)[0]
    model = replace(job.work.model, weights=share / "w.safetensors")
    return replace(job, work=replace(job.work, model=model))


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("what", ["share", "out"])
def test_a_worker_without_weights_or_plan_is_to_start_later(job, tmp_path, what):
    (tmp_path / what).rename(tmp_path / "away")
    with pytest.raises(PlaceError, match=r"^A worker cannot start: .*(w.safetensors|plan)"):
        ShardWorker(job, "cpu")
    (tmp_path / "away").rename(tmp_path / what)
    ShardWorker(job, "cpu")


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("is_guarded", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_network_that_cannot_be_loaded_again_has_not_crashed(job, share, is_guarded):
    """Its place was taken by a process that looked at the images of another shard, or is now."""
    worker = ShardWorker(job, "cpu")
    log = job.layout.crash_log(0)
    if is_guarded:
        CrashLog(log).begin(0)
    worker._close_chunk_worker()
    share.rename(f"{share}.away")
    for _ in range(4):  # more than crashes would be borne with
        with pytest.raises(PlaceError, match="A worker cannot start again: There is no checkpoint"):
            worker.process(0)
    share.with_name("share.away").rename(share)
    assert worker.process(0).people == 1
