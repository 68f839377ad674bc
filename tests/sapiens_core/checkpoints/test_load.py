"""Every kind of checkpoint, whole and broken."""

import os
import pickle
import shutil
import zipfile

import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.containers import PICKLE_MAGIC
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import (
    copy_model,
    load_model,
    read_checkpoint,
)
from comfyui_sapiens_pose.skeletons.foundation.file_digest import file_sha256
from safetensors.torch import load_file, save_file

CONTAINERS = [
    "tiny_17.safetensors",
    "tiny_17.pth",
    "tiny_17_mmengine_full.pth",
    "tiny_17_torchscript.pt2",
]


@pytest.fixture
def tensors(sapiens1):
    """The 17-keypoint tiny network's weights."""
    return load_file(sapiens1 / "tiny_17.safetensors")


@pytest.mark.parametrize("name", CONTAINERS)
def test_all_containers_hold_the_same_tensors(sapiens1, tensors, name):
    found, _ = read_checkpoint(sapiens1 / name)
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[key], tensors[key]) for key in tensors)


@pytest.mark.parametrize("name", CONTAINERS)
def test_all_containers_load_into_the_network(sapiens1, tensors, name):
    model = load_model(sapiens1 / name, num_heads=4)
    assert not model.training
    assert all(torch.equal(value, tensors[key]) for key, value in model.state_dict().items())


def bare(tensors):
    return tensors


def wrapped(tensors):
    return {"meta": {"epoch": 210}, "state_dict": tensors}


def data_parallel(tensors):
    return {"state_dict": {f"module.{key}": value for key, value in tensors.items()}}


@pytest.mark.parametrize("layout", [bare, wrapped, data_parallel], ids=lambda f: f.__name__)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy pickle"])
def test_pth_layouts(tmp_path, tensors, layout, zipped):
    path = tmp_path / "weights.pth"
    torch.save(layout(tensors), path, _use_new_zipfile_serialization=zipped)
    found, _ = read_checkpoint(path)
    assert found.keys() == tensors.keys()


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".ckpt", ".bin", ".pt", ".sft", ""])
def test_the_kind_is_told_by_content_not_by_name(sapiens1, tmp_path, tensors, name, suffix):
    path = tmp_path / f"renamed{suffix}"
    shutil.copyfile(sapiens1 / name, path)
    assert read_checkpoint(path)[0].keys() == tensors.keys()


def test_head_count_comes_from_metadata(tmp_path, tensors):
    path = tmp_path / "weights.safetensors"
    save_file(tensors, path, metadata={"num_heads": "8"})
    assert load_model(path).config.backbone.num_heads == 8
    assert load_model(path, num_heads=2).config.backbone.num_heads == 2


def test_dtype_converts_every_parameter(sapiens1):
    model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4, dtype=torch.bfloat16)
    assert {value.dtype for value in model.state_dict().values()} == {torch.bfloat16}


@pytest.mark.parametrize("dtype", [None, torch.float32, torch.bfloat16])
def test_a_copy_is_what_the_file_would_be_and_leaves_the_first_alone(sapiens1, dtype):
    path = sapiens1 / "tiny_17.safetensors"
    model = load_model(path, num_heads=4)
    before = {key: value.data_ptr() for key, value in model.state_dict().items()}
    copy = copy_model(model, dtype)
    assert not copy.training
    for key, value in load_model(path, num_heads=4, dtype=dtype).state_dict().items():
        copied = copy.state_dict()[key]
        assert copied.dtype == value.dtype
        assert torch.equal(copied, value)
        assert (copied.data_ptr() == before[key]) == (copied.dtype == torch.float32)
    copy.to(torch.float16)
    assert {key: value.data_ptr() for key, value in model.state_dict().items()} == before
    assert {value.dtype for value in model.state_dict().values()} == {torch.float32}


class Payload:
    """Runs a command when a careless reader unpickles it."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


def save_hostile_pth(path, target, tensors):
    torch.save({"state_dict": tensors, "extra": Payload(target)}, path)


def save_hostile_pickle(path, target, tensors):
    path.write_bytes(pickle.dumps(Payload(target), protocol=2))


def save_hostile_torchscript(path, target, tensors):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Payload(target), protocol=2))
        archive.writestr("model/constants.pkl", pickle.dumps(()))


@pytest.mark.promise("Files run nothing")
@pytest.mark.parametrize(
    "save",
    [save_hostile_pth, save_hostile_pickle, save_hostile_torchscript],
    ids=lambda save: save.__name__,
)
def test_files_that_would_run_code_are_refused_and_do_not(tmp_path, tensors, save):
    path, target = tmp_path / "hostile.pth", tmp_path / "made_by_payload"
    save(path, target, tensors)
    with pytest.raises(ValueError, match=r"hostile\.pth .*(refused|damaged)"):
        load_model(path, num_heads=4)
    assert not target.exists()


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_truncated_files_are_refused(sapiens1, tmp_path, name, share):
    path = tmp_path / name
    content = (sapiens1 / name).read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ValueError, match=rf"{name} .*damaged or unfinished.*Download it again"):
        load_model(path, num_heads=4)


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "empty.pth"
    path.touch()
    with pytest.raises(ValueError, match=r"empty\.pth is empty \(0 bytes\); expected a checkpoint"):
        load_model(path)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is a folder with no checkpoint; expected model"):
        load_model(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no checkpoint .*nowhere\.pth"):
        load_model(tmp_path / "nowhere.pth")


def test_a_web_page_is_refused(tmp_path):
    path = tmp_path / "login.pth"
    path.write_text("<!doctype html><title>Log in</title>")
    with pytest.raises(ValueError, match=r"starts with the bytes b'<!do'; expected .*download"):
        load_model(path)


def test_a_safetensors_header_may_have_any_length(tmp_path, tensors):
    """Its length is what the file begins with: one in 32 begins as a pickle does."""
    path, first_bytes = tmp_path / "any.safetensors", set()
    for padding in range(0, 256, 8):
        save_file(tensors, path, metadata={"padding": "x" * padding})
        first_bytes.add(path.read_bytes()[0])
        found, metadata = read_checkpoint(path)
        assert found.keys() == tensors.keys()
        assert len(metadata["padding"]) == padding
    assert PICKLE_MAGIC[0] in first_bytes
    assert len(first_bytes) == 32


def without_position_table(tensors):
    del tensors["backbone.pos_embed"]


def with_a_foreign_name(tensors):
    tensors["head.deconv_layers.1.running_mean"] = torch.zeros(16)


def with_a_missing_bias(tensors):
    del tensors["backbone.layers.1.attn.proj.bias"]


def with_another_shape(tensors):
    tensors["backbone.layers.1.attn.proj.weight"] = torch.zeros(32, 31)


def with_a_square_grid(tensors):
    tensors["backbone.pos_embed"] = torch.zeros(1, 49, 32)


def with_a_flat_position_table(tensors):
    tensors["backbone.pos_embed"] = torch.zeros(48, 32)


def with_an_unknown_number_of_keypoints(tensors):
    tensors.clear()
    tensors["language_model.embed.weight"] = torch.zeros(8, 8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_position_table, "no tensor 'backbone.pos_embed', which every Sapiens"),
        (with_a_foreign_name, "head.deconv_layers.1.running_mean is not part of the model"),
        (with_a_missing_bias, "backbone.layers.1.attn.proj.bias is missing"),
        (with_another_shape, r"has shape \(32, 31\), expected \(32, 32\)"),
        (with_a_square_grid, "position table has 49 rows, expected a grid of 4 to 3"),
        (with_a_flat_position_table, r"shape \(48, 32\), expected 3 dimensions"),
        (with_an_unknown_number_of_keypoints, "1 tensors, the first being 'language_model"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_wrong_architectures_say_what_was_found_and_expected(tmp_path, tensors, change, message):
    path = tmp_path / "wrong.safetensors"
    change(tensors)
    save_file(tensors, path)
    with pytest.raises(ValueError, match=rf"wrong\.safetensors .*{message}"):
        load_model(path, num_heads=4)


def test_an_unknown_head_count_asks_for_it(sapiens1):
    with pytest.raises(ValueError, match=r"width 32 is none of the official .*--num-heads"):
        load_model(sapiens1 / "tiny_17.safetensors")


def test_a_head_count_that_is_no_number_is_refused(tmp_path, tensors):
    path = tmp_path / "weights.safetensors"
    save_file(tensors, path, metadata={"num_heads": "four"})
    with pytest.raises(ValueError, match="num_heads 'four', expected a whole number"):
        load_model(path)


def test_weights_are_mapped_not_copied(sapiens1):
    path = sapiens1 / "tiny_17.safetensors"
    state_dict = load_model(path, num_heads=4).state_dict()
    addresses = [value.data_ptr() for value in state_dict.values()]
    # One mapping of the file holds them all; copies would lie anywhere in memory.
    assert max(addresses) - min(addresses) < path.stat().st_size


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_weights_that_are_no_file_are_refused(tmp_path, kind):
    path = tmp_path / "a.safetensors"
    if kind == "device":
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(path)  # reading would wait for somebody who writes
    for read in (read_checkpoint, file_sha256):
        with pytest.raises(ValueError, match=r"a\.safetensors is not a regular file"):
            read(path)
