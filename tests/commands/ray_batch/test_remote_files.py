"""Files behind addresses: a folder of this machine, and fsspec's file system in memory."""

import os

import fsspec
import pytest
from comfyui_sapiens_pose.commands.ray_batch.remote_files import (
    Staging,
    check_listed,
    file_name,
    find_remote,
    is_address,
)

SUFFIXES = frozenset({".jpg", ".png"})
FILES = ["b.jpg", "a 1.png", "deep/c.JPG", "deep/er/d#1.png", "notes.txt", "deep/x.mp4"]


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


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("", False), ("photo.jpg", False), ("/a/b", False), ("C:\\a", False), ("s3://b/a", True)],
)
def test_addresses_are_told_from_paths(text, is_one):
    assert is_address(text) is is_one


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
    assert sorted(find_remote(bucket + below, SUFFIXES)) == [f"{bucket}/{name}" for name in found]


def test_a_name_with_brackets_is_a_name_first(tmp_path):
    (tmp_path / "a[1].png").touch()
    assert find_remote(f"file://{tmp_path}/a[1].png", SUFFIXES) == [f"file://{tmp_path}/a[1].png"]


def test_what_is_found_is_brought_here_under_its_name(bucket):
    staging = Staging()
    addresses = find_remote(bucket, SUFFIXES)
    copies = [staging.make_local(address) for address in addresses]
    assert [copy.name for copy in copies] == [file_name(address) for address in addresses]
    assert [copy.read_text() for copy in copies] == [
        address.removeprefix(f"{bucket}/") for address in addresses
    ]
    assert staging.make_local(addresses[0]) == copies[0]
    staging.keep_only({addresses[1]})
    assert [copy.exists() for copy in copies] == [False, True, False, False]


def test_a_path_stays_as_it_is(tmp_path):
    assert Staging().make_local(str(tmp_path)) == tmp_path


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
        find_remote(address, SUFFIXES)


def test_a_folder_without_pictures_is_named(bucket):
    with pytest.raises(ValueError, match=r"no picture or video at .*known are \.gif"):
        find_remote(bucket, frozenset({".gif"}))


def test_a_file_that_is_gone_is_named(bucket):
    with pytest.raises(OSError, match=r"gone\.jpg"):
        Staging().make_local(f"{bucket}/gone.jpg")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/a/b.jpg", "b.jpg"),
        ("s3://bucket/b.jpg", "b.jpg"),
        ("s3://bucket/a/b.jpg?region=eu-west-1&x=/y", "b.jpg"),
        ("https://host/a/b.jpg?size=/large", "b.jpg"),
    ],
)
def test_a_name_is_without_the_query(text, name):
    assert file_name(text) == name


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("s3://bucket/dir/..\\..\\..\\evil.jpg", "evil.jpg"),
        ("s3://bucket/C:\\Windows\\evil.jpg", "evil.jpg"),
        ("memory://a/../evil.jpg", "evil.jpg"),
    ],
)
def test_folders_in_the_name_of_an_address_mean_nothing(address, name):
    assert file_name(address) == name


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("name", ["", "..", "a\\..", "CON.jpg", "deep/nul", "a\x07.jpg", "a" * 201])
def test_a_name_that_no_file_can_have_is_not_fetched(name):
    fsspec.filesystem("memory").pipe(f"/shoot/{name}", b"") if name else None
    with pytest.raises(ValueError, match="cannot be the name of a file"):
        Staging().make_local(f"memory://shoot/{name}")


@pytest.mark.parametrize("path", ["/", "a/..", ""])
def test_a_path_without_a_name_has_none(path):
    with pytest.raises(ValueError, match="nothing but dots"):
        file_name(path)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("name", ["fifo.jpg", "folder.jpg"])
def test_what_is_no_file_is_not_read(tmp_path, name):
    os.mkfifo(tmp_path / "fifo.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(FileNotFoundError, match=f"no file at file://.*{name}"):
        Staging().make_local(f"file://{tmp_path}/{name}")


@pytest.mark.parametrize(
    "address",
    [
        *("s3://b/a.jpg", "s3://my.bucket-1/a#1@2.jpg", "gs://b/a.jpg", "file:///a/b.jpg"),
        *("hdfs://name:8020/a.jpg", "http://host:80/a.jpg", "https://host/a.jpg?size=2&x=a@b"),
    ],
)
def test_a_list_may_name_buckets(address):
    check_listed(address)


@pytest.mark.promise("Secrets go to no stranger")
@pytest.mark.parametrize(
    "address",
    [
        "s3://b/a.jpg?endpoint_override=127.0.0.1:9&scheme=http",
        "gs://b/a.jpg?endpoint_override=127.0.0.1:9",
        "s3://user:secret@b/a.jpg",
        "s3://b?endpoint_override=127.0.0.1:9",
        "https://user:secret@host/a.jpg",
        "abfs://container@host/a.jpg",
        "github://a:b@/x.jpg",
        "zip://a.jpg::https://host/a.zip",
        "memory://a::https://host/a.jpg",
        "file://host/share/a.jpg",
        "S3://b/a.jpg",
        "://x",
    ],
)
def test_a_list_chooses_nobody_who_gets_credentials(address):
    with pytest.raises(ValueError, match=r"list names .*, gs://, .*, s3://, without user") as error:
        check_listed(address)
    assert "\n" not in str(error.value)
