"""``sapiens-pose download`` as its user types it."""

import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import find_checkpoint

CONTENT = b"weights" * 1000


@pytest.mark.parametrize("size", ["0.3b", "sapiens2-0.4b"])
def test_the_command_downloads_once_and_tells_where(tmp_path, hub_of, capfd, size):
    checkpoint = find_checkpoint(size, 308)
    command = ["download", "--model", size, "--keypoints", "308", "--models-dir", str(tmp_path)]
    path = f"{checkpoint.repo}/resolve/main/{checkpoint.file_name}"
    hub = hub_of(files={path: CONTENT})
    for _ in range(2):
        assert main(command) == 0
        told = capfd.readouterr().err
        assert told.strip().endswith(str(tmp_path / checkpoint.base_name))
    assert hub.starts == [0]
    assert (tmp_path / checkpoint.base_name).read_bytes() == CONTENT


def test_the_command_fails_with_the_reason(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert main(["download", "--model", "0.3b", "--models-dir", str(tmp_path)]) == 1
    assert "HF_HUB_OFFLINE is set" in capsys.readouterr().err
