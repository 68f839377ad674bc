"""Where Load Sapiens Pose Model finds files, which it offers, and what it tells of downloads."""

import json
import os
import shutil
import sys

import pytest
from base_folder import MINIATURE, PHOTO, ROOT, SAPIENS2
from graphs import PHOTO_TO_SKELETON, changed, node
from helpers.hub import Hub, point_at, serve

TINY_SAPIENS2 = ROOT / "tests" / "golden" / "sapiens2" / SAPIENS2
OFFICIAL = "sapiens_0.3b_coco_best_coco_AP_796.pth"
CASE_5 = {
    "1": node("LoadImage", image=PHOTO),
    "2": node(
        "SapiensPoseLoader",
        size="Sapiens2 0.4B",
        keypoints="308 Goliath (all)",
        precision="auto",
        checkpoint="official file",
        download=True,
    ),
    "3": node("SapiensPose", model=["2", 0], image=["1", 0], detector="whole image"),
    "4": node("SapiensPoseRender", poses=["3", 0]),
    "5": node("PreviewImage", images=["4", 0]),
}
"""An official file in a subfolder, which was downloaded again."""
CASE_5["3"]["inputs"]["flip_test"] = False


@pytest.fixture
def models(comfyui):
    """The folder of models, and afterwards nothing of what was put there."""
    folder = comfyui.base / "models"
    before = set(folder.rglob("*"))
    yield folder
    for path in sorted(set(folder.rglob("*")) - before, reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.fixture
def host(comfyui):
    """The pack's module of model files, as ComfyUI has loaded it."""
    return next(
        module for name, module in sys.modules.items() if name.endswith("nodes.host.model_files")
    )


@pytest.fixture
def no_hub(monkeypatch):
    with serve(Hub()) as running:
        point_at(running, monkeypatch)
        yield running


def offered(comfyui):
    """The files in the menu of the node."""
    required = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoader"].INPUT_TYPES()["required"]
    return json.dumps(required["checkpoint"])


def put(path, source):
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, path)
    return path


PLACES = ["sapiens/a/b", "sapiens2/pose", "sapiens/sapiens2-pose-0.4b"]


def test_an_official_file_in_a_subfolder_is_not_downloaded_again(comfyui, models, no_hub):
    put(models / "sapiens" / "pose" / "sapiens2_0.4b_pose.safetensors", TINY_SAPIENS2)
    run = comfyui.run(CASE_5)
    assert run.success, run.messages
    assert no_hub.requests == []


@pytest.mark.parametrize("place", PLACES)
def test_an_official_file_is_found_where_other_packs_keep_it(comfyui, models, no_hub, place):
    path = put(models / place / "sapiens2_0.4b_pose.safetensors", TINY_SAPIENS2)
    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoader"]
    inputs = {key: CASE_5["2"]["inputs"][key] for key in ("size", "keypoints", "checkpoint")}
    (model,) = loader.execute(**inputs, precision="auto", download=True).args
    assert model.path == path
    assert no_hub.requests == []
    name = f"{place.partition('/')[2]}/sapiens2_0.4b_pose.safetensors"
    assert json.dumps(name) in offered(comfyui)


def test_every_ending_is_offered_and_what_is_no_pose_model_is_not(comfyui, models):
    shown = [f"mine{suffix}" for suffix in (".ckpt", ".bin", ".pt", ".pth", ".pt2", ".sft")]
    hidden = [
        *("rtdetr_v2_r50vd/model.safetensors", "yolov8m.pt", "detector/rtmdet_m.pth"),
        *("model-00001-of-00002.safetensors", "sapiens2_0.4b_seg.safetensors", "notes.txt"),
    ]
    for name in (*shown, *hidden):
        put(models / "sapiens" / name, ROOT / "miniature" / MINIATURE)
    menu = offered(comfyui)
    assert [name for name in (*shown, *hidden) if json.dumps(name) in menu] == shown
    assert comfyui.run(changed(PHOTO_TO_SKELETON, "model", checkpoint="mine.ckpt")).success


def test_a_model_in_several_files_is_offered_once_and_loads(comfyui, models, host):
    from safetensors.torch import load_file, save_file

    folder = models / "sapiens" / "sharded"
    folder.mkdir()
    tensors = load_file(TINY_SAPIENS2)
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    keys_of = {name: list(tensors)[number::2] for number, name in enumerate(names)}
    for name, keys in keys_of.items():
        save_file({key: tensors[key] for key in keys}, folder / name)
    weight_map = {key: name for name, keys in keys_of.items() for key in keys}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    name = "sharded/model.safetensors.index.json"
    menu = offered(comfyui)
    assert json.dumps(name) in menu
    assert not any(shard in menu for shard in names)
    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoader"]
    inputs = {"size": name, "keypoints": "", "precision": "auto"}
    inputs["checkpoint"] = "official file"
    (model,) = loader.execute(**inputs, download=False).args
    assert model.keypoint_set.name == "goliath_308"
    before = loader.fingerprint_inputs(**inputs)
    os.utime(folder / names[1], (1, 4_000_000_000))
    assert loader.fingerprint_inputs(**inputs) != before
    (folder / names[1]).unlink()
    with pytest.raises(FileNotFoundError, match=f"{names[1]} is missing"):
        loader.execute(**inputs, download=False)


def test_the_folder_is_made_at_start(comfyui, host, tmp_path, monkeypatch, caplog):
    paths = {name: ([*value[0]], {*value[1]}) for name, value in _registered(comfyui).items()}
    monkeypatch.setattr(comfyui.folder_paths, "folder_names_and_paths", paths)
    monkeypatch.setattr(comfyui.folder_paths, "models_dir", str(tmp_path / "models"))
    paths["sapiens2"] = ([str(tmp_path / "theirs")], set())
    host.register_folder()
    assert (tmp_path / "models" / "sapiens").is_dir()
    folders = [str(folder) for folder in host.folders()]
    assert folders[0] == str(tmp_path / "models" / "sapiens")
    assert {str(tmp_path / "theirs"), str(tmp_path / "models" / "sapiens2")} <= set(folders)
    (tmp_path / "file").touch()
    monkeypatch.setattr(comfyui.folder_paths, "models_dir", str(tmp_path / "file"))
    host.register_folder()
    assert "cannot be made" in caplog.text


def _registered(comfyui):
    return comfyui.folder_paths.folder_names_and_paths


def test_file_size_licence_and_folder_are_told_on_the_node(comfyui, models, monkeypatch, caplog):
    official = {"checkpoint": "official file", "size": "Sapiens 0.3B", "keypoints": "17 COCO body"}
    graph = changed(PHOTO_TO_SKELETON, "model", **official)
    folder = "sapiens_host/pose/checkpoints/sapiens_0.3b"
    path = f"noahcao/sapiens-pose-coco/resolve/main/{folder}/{OFFICIAL}"
    with serve(Hub(files={path: (ROOT / "miniature" / MINIATURE).read_bytes()})) as hub:
        point_at(hub, monkeypatch)
        caplog.set_level("INFO")
        run = comfyui.run(graph)
    assert run.success, run.messages
    told, _ = [data for kind, data in run.events if kind == "progress_text"]
    assert told["node"] == "model"
    for fact in (OFFICIAL, "1.32 GB", "CC BY-NC 4.0", str(models / "sapiens")):
        assert fact in told["text"]
        assert fact in caplog.text
