"""Where official weights are found before anything is downloaded, and what is a pose model."""

import os
from pathlib import Path

import pytest
from comfyui_sapiens_pose.sapiens_core.checkpoints.on_disk import find_on_disk, is_pose_model
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DETECTORS,
    find_checkpoint,
)
from helpers.downloads import CHECKPOINT, NAME, ask

STEM = Path(NAME).stem
V2 = find_checkpoint("sapiens2-0.4b", 308)


@pytest.fixture(autouse=True)
def _empty_hub_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def make(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"weights")
    return path


@pytest.mark.parametrize(
    "name",
    [
        *(NAME, CHECKPOINT.older_names[0], f"{STEM}.safetensors", f"{STEM}_torchscript.pt2"),
        f"{Path(CHECKPOINT.older_names[0]).stem}_torchscript.pt2",
    ],
    ids=["present name", "older name", "safetensors", "TorchScript", "older TorchScript"],
)
@pytest.mark.parametrize("folder", ["", "pose", "v1/pose", "a/b/c/d/e/f"])
def test_a_file_on_disk_is_used_without_any_request(tmp_path, no_network, name, folder):
    found = make(tmp_path / "models" / folder / name)
    assert ask(tmp_path / "models") == str(found)


def test_folders_are_searched_in_order_and_nearer_ones_first(tmp_path):
    folders = [tmp_path / "first", tmp_path / "second"]
    assert find_on_disk(CHECKPOINT, folders) is None
    for place in ("second/pose", "second", "first/a/b", "first/pose", "first"):
        found = make(tmp_path / place / NAME)
        assert find_on_disk(CHECKPOINT, folders) == found


@pytest.mark.parametrize("row", [*CHECKPOINTS, *DETECTORS], ids=lambda row: row.base_name)
def test_a_clone_of_the_repository_is_searched(tmp_path, row):
    found = make(tmp_path / row.repo.split("/")[1] / row.file_name)
    assert find_on_disk(row, [tmp_path]) == found


def test_a_name_that_many_repositories_have_counts_in_its_own_only(tmp_path):
    make(tmp_path / "detr-resnet-101-dc5" / "model.safetensors")
    make(tmp_path / "model.safetensors")
    assert find_on_disk(DETECTORS[0], [tmp_path]) is None


def test_the_cache_of_the_hubs_library_is_searched(tmp_path, no_network):
    repo = tmp_path / "hub" / f"models--{CHECKPOINT.repo.replace('/', '--')}"
    found = make(repo / "snapshots" / "0123" / CHECKPOINT.file_name)
    make(repo / "refs" / "main").write_text("0123")
    assert ask(tmp_path / "models") == str(found)
    (repo / "refs" / "main").write_text("another version")
    assert ask(tmp_path / "models") == str(found)
    nearer = make(tmp_path / "models" / NAME)
    assert ask(tmp_path / "models") == str(nearer)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_followed_and_rings_end(tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    (models / "elsewhere").symlink_to(tmp_path / "disk", target_is_directory=True)
    make(tmp_path / "disk" / "deep" / NAME)
    for number in range(5):
        (tmp_path / "disk" / f"ring{number}").symlink_to(tmp_path, target_is_directory=True)
    (models / f"{STEM}.safetensors").symlink_to(tmp_path / "nowhere")
    assert find_on_disk(CHECKPOINT, [models]) == models / "elsewhere" / "deep" / NAME
    assert find_on_disk(V2, [models]) is None


def test_what_is_no_file_or_too_deep_is_passed_over(tmp_path):
    (tmp_path / NAME).mkdir()
    make(tmp_path / ".git" / NAME)
    make(tmp_path / "1/2/3/4/5/6/7" / NAME)
    make(tmp_path / f"{NAME}.part")
    assert find_on_disk(CHECKPOINT, [tmp_path, tmp_path / "nowhere", tmp_path / NAME]) is None


POSE_MODELS = [
    *(row.base_name for row in CHECKPOINTS),
    *("my pose.ckpt", "runs/epoch=3.ckpt", "pytorch_model.bin", "sapiens2/pose/model.safetensors"),
    *(
        "a\\b\\sapiens2_1b_pose.safetensors",
        "sapiens_0.3b_goliath_best_goliath_AP_573_bfloat16.pt2",
    ),
    *("pose_normal_light.pth", "studetro.pth"),
]
OTHERS = [
    *(row.base_name for row in DETECTORS),
    *("rtdetr_v2_r50vd/model.safetensors", "detector/detr-resnet-101-dc5/pytorch_model.bin"),
    *("rtmdet_m_8xb32-100e_coco-obj365-person-235e8209.pth", "detector\\rtmdet_m.pth"),
    *("yolov8m.pt", "rt_detr_v4-x-hgnet_fp16.safetensors"),
    *("model-00001-of-00002.safetensors", "sub/pytorch_model-00003-of-00004.bin"),
    *("seg/sapiens2_0.4b_seg.safetensors", "sapiens2_1b_normal.safetensors"),
    *("sapiens2_5b_pointmap.safetensors", "sapiens2_1b_4k_pretrain.safetensors"),
    *("sapiens_1b_goliath_best_goliath_mIoU_7994_epoch_151_torchscript.pt2",),
    *("sapiens_0.3b_normal_render_people_epoch_66.pth", "sapiens_1b_epoch_173.pth"),
    *("sapiens_1b_render_people_epoch_88_torchscript.pt2",),
]


@pytest.mark.parametrize("name", POSE_MODELS)
def test_pose_models_are_offered(name):
    assert is_pose_model(name)


@pytest.mark.parametrize("name", OTHERS)
def test_parts_detectors_and_other_tasks_are_not_offered(name):
    assert not is_pose_model(name)
