"""Copies of strangers' files: how large they may be, and whose fault a full disk is."""

import errno
import gzip
import io
from collections import namedtuple

import fsspec
import pytest
from comfyui_sapiens_pose.commands.files.images import MAX_FILE_BYTES
from comfyui_sapiens_pose.commands.ray_batch import copying
from comfyui_sapiens_pose.commands.ray_batch.addresses import parse_address
from comfyui_sapiens_pose.commands.ray_batch.copying import MAX_COPY_BYTES, copy_bounded, max_bytes
from comfyui_sapiens_pose.commands.ray_batch.remote_files import Staging
from helpers.capturing_server import CapturingServer

MB = 2**20
Disk = namedtuple("Disk", "total free")


class Endless(io.RawIOBase):
    """A file without an end; what else is written beside each of its blocks takes ``beside``."""

    def __init__(self, beside=0):
        self.given, self.taken, self.beside = 0, 0, beside

    def read(self, size=-1):
        self.given += size
        self.taken += size + self.beside
        return bytes(size)


@pytest.fixture
def disk(monkeypatch):
    """A function that makes the disk seem to have a size, from which a source takes."""

    def make(total, free, source=None):
        def usage(_):
            # What was read last is not written yet.
            taken = max(source.taken - MB, 0) if source else 0
            return Disk(total, free - taken)

        monkeypatch.setattr(copying.shutil, "disk_usage", usage)

    return make


def copy(folder, source, size_bytes=None, name="a.jpg"):
    copy_bounded(source, folder / name, f"s3://b/{name}", size_bytes)
    return (folder / name).read_bytes()


@pytest.mark.parametrize("content", [b"", b"a", bytes(3 * MB + 1)])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_copy_is_the_same(tmp_path, content, is_known):
    size = len(content) if is_known else None
    assert copy(tmp_path, io.BytesIO(content), size) == content


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *(("a.jpg", MAX_FILE_BYTES), ("a.PNG", MAX_FILE_BYTES), ("a.mp4", MAX_COPY_BYTES)),
        *(("a.parquet", MAX_COPY_BYTES), ("a", MAX_COPY_BYTES)),
    ],
)
def test_a_name_says_how_large_a_copy_may_be(name, size):
    assert max_bytes(name) == size


@pytest.mark.promise("Files cost what they weigh")
def test_more_than_the_limit_is_not_even_begun(tmp_path):
    source = Endless()
    with pytest.raises(ValueError, match=r"a\.jpg is too large .*: 1,073,741,825 bytes, and at mo"):
        copy(tmp_path, source, MAX_FILE_BYTES + 1)
    assert source.given == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("Files cost what they weigh")
def test_a_file_without_an_end_stops_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "MAX_FILE_BYTES", 5 * MB)
    source = Endless()
    with pytest.raises(ValueError, match="an unknown number of bytes, and at most 5,242,880"):
        copy(tmp_path, source)
    assert source.given == 6 * MB
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("One bad input does not stop the others")
@pytest.mark.parametrize(
    ("total", "free", "size", "beside", "message"),
    [
        # It never fits, whatever else is there.
        (100 * MB, 95 * MB, 91 * MB, 0, "too large .* has 104,857,600"),
        (100 * MB, 20 * MB, 95 * MB, 0, "too large .* has 104,857,600"),
        # It has taken the room itself.
        (100 * MB, 80 * MB, None, 0, "too large .* had room for 73,400,320"),
        (100 * MB, 80 * MB, None, MB // 2, "too large"),
    ],
)
def test_a_file_that_fills_the_disk_is_at_fault(disk, tmp_path, total, free, size, beside, message):
    source = Endless(beside)
    disk(total, free, source)
    with pytest.raises(ValueError, match=message):
        copy(tmp_path, source, size)
    assert source.taken <= free - total // 10 + MB + beside
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("One bad input does not stop the others")
@pytest.mark.parametrize(
    ("total", "free", "size", "beside"),
    [
        # The disk was full before.
        *((100 * MB, 0, 1, 0), (100 * MB, 0, None, 0), (100 * MB, 10 * MB, 1, 0)),
        *((100 * MB, 9 * MB, None, 0), (100 * MB, 11 * MB, 2 * MB, 0)),
        # Others fill it meanwhile.
        *((100 * MB, 80 * MB, 60 * MB, MB), (100 * MB, 80 * MB, None, 3 * MB)),
        (100 * MB, 14 * MB, None, 0),
    ],
)
def test_a_disk_that_others_fill_is_no_fault_of_a_file(disk, tmp_path, total, free, size, beside):
    source = Endless(beside)
    disk(total, free, source)
    with pytest.raises(OSError, match=r"no room for a copy .* Make room, or set TMPDIR") as error:
        copy(tmp_path, source, size)
    assert error.value.errno == errno.ENOSPC
    assert source.given == 0 or beside or not size
    assert not isinstance(error.value, ValueError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("declared", [None, "gzip"])
def test_what_unpacks_on_the_way_is_counted_unpacked(tmp_path, monkeypatch, declared):
    pytest.importorskip("aiohttp", reason="http:// needs aiohttp: pip install aiohttp")
    monkeypatch.setattr(copying, "MAX_FILE_BYTES", 8 * MB)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    body = gzip.compress(bytes(64 * MB)) if declared else bytes(64 * MB)
    headers = {"Content-Encoding": declared} if declared else {}
    with CapturingServer("http", {"a.jpg": body}, headers=headers) as server:
        staging = Staging()
        with pytest.raises(ValueError, match=r"a\.jpg is too large .* at most 8,388,608"):
            staging.make_local(parse_address(f"http://{server.host}/shoot/a.jpg"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.promise("Files cost what they weigh")
def test_a_file_behind_http_is_read_as_it_comes_and_not_in_blocks(tmp_path):
    pytest.importorskip("aiohttp", reason="http:// needs aiohttp: pip install aiohttp")
    content, headers = bytes(12 * MB), {"Accept-Ranges": "bytes"}
    with CapturingServer("http", {"a.jpg": content}, headers=headers) as server:
        staging = Staging()
        copied = staging.make_local(parse_address(f"http://{server.host}/shoot/a.jpg"))
        assert copied.read_bytes() == content
    assert not [request for request in server.requests if "range" in request.headers]


@pytest.mark.promise("One bad input does not stop the others")
def test_a_copy_that_fails_leaves_its_room_to_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(copying, "MAX_FILE_BYTES", 1 * MB)
    memory = fsspec.filesystem("memory")
    memory.pipe({"/shoot/large.jpg": bytes(2 * MB), "/shoot/small.jpg": b"small"})
    staging = Staging()
    with pytest.raises(ValueError, match="too large"):
        staging.make_local(parse_address("memory://shoot/large.jpg"))
    copied = staging.make_local(parse_address("memory://shoot/small.jpg"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [copied]
    assert len(list(copied.parent.parent.iterdir())) == 1
