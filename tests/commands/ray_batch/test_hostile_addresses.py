"""Names that look like addresses, in a folder of strangers: who is asked, and with whose keys.

Two servers run on this machine: ``good`` holds the files, and nobody names ``evil`` but the names.
"""

import argparse
import pickle
from urllib.parse import quote

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.commands.files.endings import LeftOut
from comfyui_sapiens_pose.commands.ray_batch import remote_files
from comfyui_sapiens_pose.commands.ray_batch.addresses import find_places
from comfyui_sapiens_pose.commands.ray_batch.inputs import find_sources
from comfyui_sapiens_pose.commands.ray_batch.remote_files import Staging
from helpers.capturing_server import BUCKET, CapturingServer

OPENED = (
    "plain.jpg",
    "b?endpoint_override=HOST&scheme=http&region=us-east-1&tls_ca_file_path=.jpg",
    "b?scheme=http&endpoint_override=HOST&project_id=.jpg",
    "b?region=us-east-1&scheme=http&endpoint_override=HOST/v.jpg",
    "?endpoint_override=HOST&scheme=http&region=us-east-1&tls_ca_file_path=.jpg",
    "key:secret@HOST/y.jpg",
    "@HOST/z.jpg",
    "#@HOST/w.jpg",
    "%0d%0aHost:HOST%0d%0a.jpg",
    "%2e%2e/%2e%2e/other/x.jpg",
    "a%2F..%2F..%2Fother.jpg",
    "a#1.jpg",
    "a%41.jpg",
    "a b+c&d=e;f.jpg",
    "q?.jpg",
    "two::memory:.jpg",
    "*.jpg",
    "[ab].jpg",
    "~.jpg",
    "ü☃𝄞.jpg",
)
"""Names of files that are opened, each under its own name; ``HOST`` is where ``evil`` is."""

REFUSED = (
    "../other/x.jpg",
    "a/../../other/x.jpg",
    "a/./x.jpg",
    "new\nline.jpg",
    "a\r\nHost: HOST\r\n.jpg",
)
"""Names of files that are opened nowhere."""

WITH_SLASHES = ("a//x.jpg", "//HOST/x.jpg", "/x.jpg")
"""Names that Arrow does not open in a bucket, and which are its own elsewhere."""

ADDRESSES = {
    "s3": "s3://shoot{}?endpoint_override=GOOD&scheme=http&region=us-east-1",
    "gs": "gs://anonymous@shoot{}?endpoint_override=GOOD&scheme=http&retry_limit_seconds=5",
    "http": "http://GOOD/shoot{}",
    "memory": "memory://shoot{}",
}
"""The user's own address of what lies in the folder, for each kind of file system."""


@pytest.fixture(autouse=True)
def _keys(monkeypatch, tmp_path):
    """The keys of a user, and nothing else of the user's."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-the-user")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    remote_files.open_place.cache_clear()


@pytest.fixture
def evil():
    with CapturingServer() as server:
        yield server
        assert server.requests == []


def fetch_all(inputs, tmp_path, column="path"):
    """Contents of all that the inputs stand for, or what was said instead, by shown path.

    What a worker gets travels as it does with Ray: pickled.
    """
    options = argparse.Namespace(
        inputs=inputs, path_column=column, every=1, recursive=False, output=tmp_path / "out"
    )
    places = find_places(inputs)
    rows = [row for source in find_sources(options, places, LeftOut()) for row in source]
    rows, places = pickle.loads(pickle.dumps((rows, places)))
    staging, contents = Staging(), {}
    for row in rows:
        try:
            contents[row.path] = staging.make_local(row.locate(places)).read_bytes().decode()
        except (ValueError, OSError) as error:
            contents[row.path] = error
    return contents


def make_list(kind, lines, tmp_path):
    """A list or a table, and its name."""
    if kind == "list":
        return "list.txt", "\n".join(lines).encode()
    pq.write_table(pa.table({"path": lines}), tmp_path / "list.parquet")
    return "list.parquet", (tmp_path / "list.parquet").read_bytes()


WAYS = [
    (kind, through)
    for kind in ADDRESSES
    for through in ("listing", "pattern", "list", "table")
    if (kind, through) != ("http", "listing")  # there a folder is a file, and patterns find links
]


@pytest.mark.promise("Secrets go to no stranger")
@pytest.mark.parametrize(("kind", "through"), WAYS)
def test_a_name_is_never_an_address(evil, tmp_path, kind, through):
    if kind == "http":
        pytest.importorskip("aiohttp", reason="http:// needs aiohttp: pip install aiohttp")
    names = [name.replace("HOST", evil.host) for name in (*OPENED, *REFUSED, *WITH_SLASHES)]
    if through == "list":  # one name a line, and the space around it is not its own
        names = [name for name in names if "\n" not in name]
    files = {name: name.encode() for name in names}
    # A name with :// is a path in a listing, and an address in a list.
    foreign = f"http://{evil.host}/x.jpg"
    if through in ("listing", "pattern"):
        files[foreign] = b""
    below = {"listing": "", "pattern": "/*jpg"}.get(through)
    if below is None:
        own_name, files[own_name] = make_list(through, [n for n in names if n[0] != "/"], tmp_path)
        below = f"/{own_name}"
    if kind == "memory":
        memory = fsspec.filesystem("memory")
        memory.store.clear()
        for name, content in files.items():
            memory.pipe(f"/{BUCKET}/{name}", content)
    with CapturingServer(kind if kind != "memory" else "http", files) as good:
        address = ADDRESSES[kind].format(below).replace("GOOD", good.host)
        contents = fetch_all([address], tmp_path)
        check_requests(good, kind)
    for path, content in contents.items():
        if any(part in (".", "..") for part in path.partition("?")[0].split("/")):
            assert "has '.' or '..' as a folder" in str(content)
    before, after = ADDRESSES[kind].replace("GOOD", good.host).format("/\0").split("\0")
    for name in (name.replace("HOST", evil.host) for name in OPENED):
        if kind != "http":
            assert contents[before + name + after] == name
        elif not {"?", "#", "%"} & set(name):  # these mean in a URL what they mean in URLs
            shown = quote(name) if through == "pattern" else name
            assert contents[before + shown] == name


def check_requests(good, kind):
    """Nobody asked for another bucket or folder than the user named."""
    own = {"gs": (f"/storage/v1/b/{BUCKET}", f"/{BUCKET}/")}.get(kind, (f"/{BUCKET}",))
    strange = [request.target for request in good.requests if not request.target.startswith(own)]
    assert strange == []
    if kind == "s3":
        assert all("of-the-user" in each.headers["authorization"] for each in good.requests)
    assert bool(good.requests) == (kind != "memory")


@pytest.mark.promise("Secrets go to no stranger")
@pytest.mark.parametrize("kind", ["list", "table"])
@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Authorization": "of-the-user"}},
        {"client_kwargs": {"headers": {"Authorization": "of-the-user"}}},
        {"cookies": {"session": "of-the-user"}},
    ],
)
def test_a_host_in_a_list_gets_no_secret_of_the_configuration(tmp_path, kind, options, monkeypatch):
    pytest.importorskip("aiohttp", reason="http:// needs aiohttp: pip install aiohttp")
    monkeypatch.setitem(fsspec.config.conf, "http", options)
    with CapturingServer("http", {"a.jpg": b"a"}) as other:
        name, content = make_list(kind, [f"http://{other.host}/{BUCKET}/a.jpg"], tmp_path)
        with CapturingServer("http", {name: content}) as good:
            contents = fetch_all([f"http://{good.host}/{BUCKET}/{name}"], tmp_path)
    assert list(contents.values()) == ["a"]
    assert all("of-the-user" in str(request) for request in good.requests)
    assert not any("of-the-user" in str(request) for request in other.requests)


@pytest.mark.promise("Secrets go to no stranger")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["s3", "http"])
def test_who_is_pointed_to_gets_no_secret(tmp_path, kind, status):
    pytest.importorskip("aiohttp", reason="http:// needs aiohttp: pip install aiohttp")
    with CapturingServer("http", {"a.jpg": b"a"}) as other:
        headers = {"Location": f"http://{other.host}/{BUCKET}/a.jpg"}
        with CapturingServer(kind, {"a.jpg": b"a"}, status, headers) as good:
            address = ADDRESSES[kind].format("/a.jpg").replace("GOOD", good.host)
            fetch_all([address.replace("http://", "http://me:of-the-user@")], tmp_path)
    assert all("authorization" in request.headers for request in good.requests)
    assert good.requests
    assert other.requests
    assert not any("of-the-user" in str(request) for request in other.requests)
    assert not any("authorization" in request.headers for request in other.requests)


@pytest.mark.promise("Secrets go to no stranger")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://shoot/a?endpoint_overide=GOOD", "Unexpected query parameter in S3 URI: 'endpoint_"),
        ("s3://shoot/a?region=x&scheme=ftp", "Invalid S3 connection scheme 'ftp'"),
        ("s3://key:secret@shoot/*.jpg?regoin=x", "Unexpected query parameter in S3 URI: 'regoin'"),
        ("s3://key:sec ret:secret@shoot/a", "Cannot parse URI"),
        ("gs://shoot/a?endpoint=GOOD", "Unexpected query parameter in GCS URI: 'endpoint'"),
        ("gs://shoot/a?retry_limit_seconds=x", "retry_limit_seconds .* 'x'"),
    ],
)
def test_a_misspelt_setting_is_told_and_nobody_is_asked(tmp_path, address, said, monkeypatch):
    asked = []
    monkeypatch.setattr(fsspec.core, "url_to_fs", lambda *each, **_: asked.append(each))
    with CapturingServer("s3") as good:
        with pytest.raises(ValueError, match=said) as error:
            fetch_all([address.replace("GOOD", good.host)], tmp_path)
        assert good.requests == asked == []
    assert str(error.value).startswith(address.partition("//")[0] + "//shoot/")
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
