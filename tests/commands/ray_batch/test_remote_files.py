"""Files behind addresses: a folder of this machine, and fsspec's file system in memory."""

import os
from pathlib import Path

import fsspec
import pytest
from comfyui_sapiens_pose.commands.files.endings import LeftOut
from comfyui_sapiens_pose.commands.ray_batch.addresses import parse_address
from comfyui_sapiens_pose.commands.ray_batch.remote_files import Staging, file_name, find_remote
from helpers.capturing_server import BUCKET, CapturingServer

FILES = ["b.jpg", "a 1.png", "deep/c.JPG", "deep/er/d#1.png", "notes.txt", "deep/x.psd"]


@pytest.fixture(params=["file", "memory"])
def bucket(request, tmp_path):
    """The address of a folder with ``FILES``, each holding its own name."""
    address = f"{request.param}://{tmp_path / 'shoot'}"
    files = fsspec.filesystem(request.param)
    for name in FILES:
        path = tmp_path / "shoot" / name
        files.makedirs(str(path.parent), exist_ok=True)
        with files.open(str(path), "wb") as file:
            file.write(name.encode())
    return address


def find(address, left_out=None):
    return find_remote(parse_address(address), LeftOut() if left_out is None else left_out)


def fetch(address):
    return Staging().make_local(parse_address(address))


@pytest.mark.parametrize(
    ("below", "found"),
    [
        ("", ["a 1.png", "b.jpg", "deep/c.JPG", "deep/er/d#1.png"]),
        ("/", ["a 1.png", "b.jpg", "deep/c.JPG", "deep/er/d#1.png"]),
        ("/deep", ["deep/c.JPG", "deep/er/d#1.png"]),
        ("/*.png", ["a 1.png", "deep/er/d#1.png"]),
        ("/deep/*/d*", ["deep/er/d#1.png"]),
        ("/[ab]*.jpg", ["b.jpg"]),
        ("/notes.txt", ["notes.txt"]),
    ],
)
def test_what_an_address_stands_for(bucket, below, found):
    files = [str(file) for file in find(bucket + below)]
    assert sorted(files) == [f"{bucket}/{name}" for name in found]


def test_a_name_with_brackets_is_a_name_first(tmp_path):
    (tmp_path / "a[1].png").touch()
    file = parse_address(f"file://{tmp_path}/a[1].png")
    assert find_remote(file, LeftOut()) == [file]


def test_what_is_found_is_brought_here_under_its_name(bucket):
    staging = Staging()
    files = find(bucket)
    copies = [staging.make_local(file) for file in files]
    assert [copy.name for copy in copies] == [file_name(file) for file in files]
    assert [copy.read_text() for copy in copies] == [
        str(file).removeprefix(f"{bucket}/") for file in files
    ]
    assert staging.make_local(files[0]) == copies[0]
    staging.keep_only({files[1]})
    assert [copy.exists() for copy in copies] == [False, True, False, False]


def test_a_path_stays_as_it_is(tmp_path):
    assert Staging().make_local(tmp_path) == tmp_path


@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        ("file:///no/such/folder", FileNotFoundError, "nothing at file:///no/such/folder"),
        ("memory:///none/*.jpg", FileNotFoundError, "nothing at memory:///none/"),
        ("gopher://x/y", ValueError, "gopher:// cannot be read here"),
    ],
)
def test_mistakes_are_named(address, error, message):
    with pytest.raises(error, match=message):
        find(address)


def test_a_folder_without_pictures_is_named(bucket):
    with pytest.raises(ValueError, match=r"no image or video at .* It has 1 \.psd, 1 \.txt"):
        find(f"{bucket}/*.[tp][xs]*")


def test_what_is_not_looked_at_is_counted(bucket):
    left_out = LeftOut()
    find(bucket, left_out)
    assert left_out.describe() == "1 .psd, 1 .txt"


def test_a_file_that_is_gone_is_named(bucket):
    with pytest.raises(OSError, match=r"gone\.jpg"):
        fetch(f"{bucket}/gone.jpg")


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("name", ["", "..", "a\\..", "CON.jpg", "deep/nul", "a\x07.jpg", "a" * 201])
def test_a_name_that_no_file_can_have_is_not_fetched(name):
    fsspec.filesystem("memory").pipe(f"/shoot/{name}", b"") if name else None
    with pytest.raises(ValueError, match="cannot be the name of a file"):
        fetch(f"memory://shoot/{name}")


@pytest.mark.parametrize("path", ["/", "a/..", ""])
def test_a_path_without_a_name_has_none(path):
    with pytest.raises(ValueError, match="only dots"):
        file_name(Path(path))


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("name", ["fifo.jpg", "folder.jpg"])
def test_what_is_no_file_is_not_read(tmp_path, name):
    os.mkfifo(tmp_path / "fifo.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(FileNotFoundError, match=f"no file at file://.*{name}"):
        fetch(f"file://{tmp_path}/{name}")


@pytest.mark.parametrize("kind", ["s3", "gs"])
@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("a//b.png", "has an empty folder, which cannot be opened in a bucket"),
        ("ü" * 511 + "/ab.png", "has a path of 1,029 bytes; .* at most 1,024"),
        ("ü" * 508 + "/ab.png", "There is no file at"),
        ("a" * 1017 + "/ab.png", "There is no file at"),
    ],
)
def test_a_name_that_no_bucket_has_is_told_and_nobody_is_asked(kind, key, said, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    user = {"s3": "key:secret@", "gs": "anonymous@"}[kind]
    with CapturingServer(kind) as server:
        settings = f"endpoint_override={server.host}&scheme=http"
        with pytest.raises((ValueError, FileNotFoundError), match=said):
            fetch(f"{kind}://{user}{BUCKET}/{key}?{settings}")
        assert bool(server.requests) == ("no file" in said)
