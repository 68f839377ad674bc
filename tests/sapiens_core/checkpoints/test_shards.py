"""Checkpoints of several files, and folders as the transformers library saves them."""

import json
import os
import shutil

import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.checkpoints.shards import (
    MAX_SHARDS,
    checkpoint_sha256,
    find_checkpoint_files,
    index_of,
    is_shard,
)
from comfyui_sapiens_pose.skeletons.foundation.file_digest import file_sha256
from safetensors.torch import load_file, save_file

INDEX = "model.safetensors.index.json"


@pytest.fixture(scope="module")
def tensors(sapiens2):
    """The tensors of a tiny Sapiens2 by Meta's keys."""
    return load_file(sapiens2 / "cfg_pose.safetensors")


def shard_name(number, count, stem="model", suffix=".safetensors"):
    return f"{stem}-{number:05}-of-{count:05}{suffix}"


def save_shards(folder, tensors, count=3, save=save_file, **names):
    """Writes shards and their index; gives the shards."""
    folder.mkdir(parents=True, exist_ok=True)
    files, weight_map = [], {}
    for number in range(count):
        path = folder / shard_name(number + 1, count, **names)
        keys = list(tensors)[number::count]
        save({key: tensors[key] for key in keys}, path)
        weight_map |= dict.fromkeys(keys, path.name)
        files.append(path)
    index = {"metadata": {"total_size": 1}, "weight_map": weight_map}
    index_of(files[0]).write_text(json.dumps(index))
    return files


def assert_whole(path, tensors):
    found = load_model(path).state_dict()
    assert torch.equal(
        found["backbone.blocks.0.ffn.w12.weight"], tensors["backbone.blocks.0.ffn.w12.weight"]
    )
    assert torch.equal(found["head.final_layer.bias"], tensors["decode_head.conv_pose.bias"])


@pytest.mark.parametrize("count", [1, 2, 4])
def test_shards_load_by_index_folder_or_any_part(tmp_path, tensors, count):
    files = save_shards(tmp_path, tensors, count)
    for path in (tmp_path / INDEX, tmp_path, files[0], files[-1]):
        assert find_checkpoint_files(path) == files
    assert_whole(tmp_path, tensors)


def test_shards_without_their_index_load_by_their_names(tmp_path, tensors):
    files = save_shards(tmp_path, tensors, 3, stem="sapiens2_5b_pose")
    index_of(files[0]).unlink()
    assert_whole(files[1], tensors)


def test_pickled_shards_load_too(tmp_path, tensors):
    save_shards(tmp_path, tensors, 2, torch.save, stem="pytorch_model", suffix=".bin")
    assert_whole(tmp_path, tensors)


def test_names_in_an_index_are_free(tmp_path, tensors):
    save_shards(tmp_path, tensors, 2)
    index = tmp_path / INDEX
    content = json.loads(index.read_text())
    for number in (1, 2):
        (tmp_path / shard_name(number, 2)).rename(tmp_path / f"half {number}.safetensors")
        content["weight_map"] = {
            key: f"half {number}.safetensors" if name == shard_name(number, 2) else name
            for key, name in content["weight_map"].items()
        }
    index.write_text(json.dumps(content))
    assert_whole(index, tensors)


@pytest.mark.parametrize(
    ("kept", "missing"),
    [([2], [1, 3, 4]), ([1, 2, 3], [4]), ([4], [1, 2, 3]), ([2, 4], [1, 3])],
)
def test_a_lone_shard_says_which_part_it_is(tmp_path, tensors, kept, missing):
    for number, path in enumerate(save_shards(tmp_path, tensors, 4), start=1):
        if number in missing:
            path.unlink()
    with pytest.raises(FileNotFoundError) as caught:
        load_model(tmp_path / shard_name(kept[0], 4))
    names = ", ".join(shard_name(number, 4) for number in missing)
    assert f"{names} {'is' if len(missing) == 1 else 'are'} missing in {tmp_path}," in str(
        caught.value
    )
    told = f"{shard_name(kept[0], 4)} is part {kept[0]} of 4 of one checkpoint. Put all parts into"
    assert told in str(caught.value)


def test_a_missing_shard_is_named_where_the_index_is_given(tmp_path, tensors):
    save_shards(tmp_path, tensors, 3)[1].unlink()
    with pytest.raises(FileNotFoundError, match=r"model-00002-of-00003\.safetensors is missing"):
        load_model(tmp_path / INDEX)


def test_a_shard_without_its_tensors_is_told(tmp_path, tensors):
    """The parts of another model under the right names."""
    files = save_shards(tmp_path, tensors, 2)
    shutil.copyfile(files[0], files[1])
    with pytest.raises(ValueError, match=r"00002-of-00002.*which another part has too"):
        load_model(tmp_path)
    save_file({"other": torch.zeros(1)}, files[1])
    with pytest.raises(
        ValueError, match="cannot be used as a Sapiens pose checkpoint: it has neither"
    ):
        load_model(tmp_path)


@pytest.mark.parametrize("number", [0, 5, MAX_SHARDS + 1])
def test_a_part_of_no_number_is_refused(tmp_path, number):
    path = tmp_path / shard_name(number, 4 if number < 9 else number)
    path.touch()
    with pytest.raises(ValueError, match=f"calls itself part {number} of"):
        load_model(path)


HOSTILE_NAMES = [
    *("../../etc/passwd", "/etc/passwd", "../model.safetensors", "sub/model.safetensors"),
    *("..\\model.safetensors", "C:\\model.safetensors", "\\\\host\\share\\model.safetensors"),
    *("", ".", "..", "con.safetensors", "a\0.safetensors", "index.json", "model.safetensors "),
    *(5, None, ["model.safetensors"], {"a": 1}, "x" * 5000 + ".safetensors"),
]


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=repr)
def test_an_index_leads_to_files_beside_it_only(tmp_path, tensors, name):
    """Files lie where the names lead, so that only the name can be the reason."""
    folder = tmp_path / "deep" / "model"
    (folder / "sub").mkdir(parents=True)
    for path in (tmp_path / "deep", folder / "sub", folder):
        save_file({"a": torch.zeros(1)}, path / "model.safetensors")
    (folder / INDEX).write_text(json.dumps({"weight_map": {"a": "model.safetensors", "b": name}}))
    with pytest.raises(
        ValueError, match=r"index\.json was refused: .* Expected names of files bes"
    ):
        load_model(folder / INDEX)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"weight_map": {}}', '{"weight_map": ["a"]}', "{", "[" * 10**5],
    ids=range(7),
)
def test_an_index_of_something_else_is_refused(tmp_path, content):
    (tmp_path / INDEX).write_text(content)
    with pytest.raises(
        ValueError, match=r"index\.json (has no 'weight_map'|cannot be read as JSON)"
    ):
        load_model(tmp_path / INDEX)


@pytest.mark.promise("Files cost what they weigh")
def test_an_index_of_no_end_is_refused(tmp_path):
    names = {str(number): f"{number}.safetensors" for number in range(MAX_SHARDS + 1)}
    (tmp_path / INDEX).write_text(json.dumps({"weight_map": names}))
    with pytest.raises(ValueError, match="names 1001 files; at most 1000"):
        load_model(tmp_path / INDEX)
    with (tmp_path / INDEX).open("wb") as file:
        file.truncate(2**26)
    with pytest.raises(ValueError, match="was refused: an index has at most 32 MB"):
        load_model(tmp_path / INDEX)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_as_a_shard_is_refused(tmp_path, tensors):
    path = save_shards(tmp_path, tensors, 2)[1]
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ValueError, match="is not a regular file"):
        load_model(tmp_path)


def test_code_in_a_shard_is_not_run(tmp_path, tensors, monkeypatch):
    class Call:
        def __reduce__(self):
            return os.mkdir, ("made_by_code",)

    monkeypatch.chdir(tmp_path)
    files = save_shards(tmp_path / "model", tensors, 2)
    torch.save({"a": Call()}, files[1])
    with pytest.raises(ValueError, match="refused"):
        load_model(tmp_path / "model")
    assert not (tmp_path / "made_by_code").exists()


@pytest.mark.parametrize("name", ["model.safetensors", "sapiens2_0.4b_pose.safetensors", "a.CKPT"])
def test_a_folder_with_one_checkpoint_is_taken(tmp_path, sapiens2, tensors, name):
    shutil.copyfile(sapiens2 / "cfg_pose.safetensors", tmp_path / name)
    (tmp_path / "config.json").write_text('{"model_type": "sapiens2"}')
    assert_whole(tmp_path, tensors)


def test_a_folder_of_many_asks_for_one(tmp_path):
    for name in ("a.pth", "b.safetensors"):
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=r"is a folder with 2 checkpoints \(a\.pth, b\.safet"):
        load_model(tmp_path)


def test_the_whole_model_of_a_folder_goes_first(tmp_path, sapiens2, tensors):
    save_shards(tmp_path, tensors)[0].write_bytes(b"damaged")
    shutil.copyfile(sapiens2 / "cfg_pose.safetensors", tmp_path / "model.safetensors")
    (tmp_path / "optimizer.bin").touch()
    assert_whole(tmp_path, tensors)


@pytest.mark.parametrize(
    ("name", "shard"),
    [
        ("model-00001-of-00002.safetensors", True),
        ("pytorch_model-00002-of-00002.bin", True),
        ("sapiens2-0.4b.safetensors", False),
        ("model-1-of-2.safetensors", False),
        ("model.safetensors.index.json", False),
    ],
)
def test_shards_are_known_by_name(name, shard):
    assert is_shard(name) == shard


def test_the_digest_is_of_all_files(tmp_path, tensors):
    files = save_shards(tmp_path, tensors, 2)
    digest = checkpoint_sha256(tmp_path)
    assert digest == checkpoint_sha256(files[1]) == checkpoint_sha256(tmp_path / INDEX)
    files[0].write_bytes(files[0].read_bytes() + b" ")
    assert checkpoint_sha256(tmp_path) != digest
    (tmp_path / "one.pth").write_bytes(b"weights")
    assert checkpoint_sha256(tmp_path / "one.pth") == file_sha256(tmp_path / "one.pth")
