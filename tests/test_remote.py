"""Files behind addresses: a folder of this machine, and fsspec's file system in memory."""

import fsspec
import pytest
from comfyui_sapiens_pose.commands.remote import Staging, file_name, find_remote, is_address

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
    copies = [staging.local(address) for address in addresses]
    assert [copy.name for copy in copies] == [file_name(address) for address in addresses]
    assert [copy.read_text() for copy in copies] == [
        address.removeprefix(f"{bucket}/") for address in addresses
    ]
    assert staging.local(addresses[0]) == copies[0]
    staging.keep_only({addresses[1]})
    assert [copy.exists() for copy in copies] == [False, True, False, False]


def test_a_path_stays_as_it_is(tmp_path):
    assert Staging().local(str(tmp_path)) == tmp_path


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
        Staging().local(f"{bucket}/gone.jpg")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/a/b.jpg", "b.jpg"),
        ("s3://bucket/b.jpg", "b.jpg"),
        ("s3://bucket/a/b.jpg?region=eu-west-1&x=/y", "b.jpg"),
    ],
)
def test_a_name_is_without_the_query(text, name):
    assert file_name(text) == name
