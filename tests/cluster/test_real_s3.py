"""``sapiens-pose batch`` on Ray over a real S3 server: strange names, refusals, outages."""

import importlib.util
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.ray_batch.remote_files import forget_connections
from comfyui_sapiens_pose.skeletons.foundation.safe_names import portable_name
from helpers.capturing_server import CapturingServer
from helpers.clips import pan
from helpers.command_lines import BATCH
from helpers.s3_server import S3Server
from test_outages import read_files, run_through
from test_ray import ONE_CORE, check, single

pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[cluster]'")
if not importlib.util.find_spec("moto"):
    pytest.skip("moto is not installed: pip install 'moto[server]'", allow_module_level=True)

KEYS = "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n"
NAMES = (
    "plain.png",
    "b?endpoint_override=HOST&scheme=http&region=us-east-1&tls_ca_file_path=.png",
    "?scheme=http&endpoint_override=HOST.png",
    "key:secret@HOST.png",
    "a#1.png",
    "a%41.png",
    "%2e%2e%2fother.png",
    "a b+c&d=e;f.png",
    "[ab]*.png",
    "ü☃𝄞.png",
)
"""Names of files that are opened; ``HOST`` is where nobody may ask."""
REASONS = (
    "has an empty folder",
    "There is no file at",
    "the server answers 403 Forbidden: it refuses access; check permissions",
    "cannot be the name of a file: it contains a control character.",
    "has '.' or '..' as a folder",
)
"""Why the others are not."""


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """A function that gives the user, and so all workers that start, the keys of a server."""
    path = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return lambda server: path.write_text(KEYS.format(*server.keys))


def test_strange_names_are_files_and_refusals_are_told(tmp_path, weights, keys):
    """The bucket has the pictures in a folder, and a list of those that cannot be had."""
    with CapturingServer() as evil:
        files = {
            name.replace("HOST", evil.host): encode_png(pan(number, len(NAMES)))
            for number, name in enumerate(NAMES)
        }
        (tmp_path / "in").mkdir()
        for name, content in files.items():
            (tmp_path / "in" / name).write_bytes(content)
        found = single(tmp_path / "in", tmp_path / "single", weights)
        expected = {portable_name(name): content for name, content in found.items()}
        listed = ["gone.png", "denied.png", "new\nline.png", "../other/x.png"]
        bucket = {f"in/{name}": content for name, content in files.items()}
        bucket["denied.png"] = bucket["in/a//b.png"] = files["plain.png"]
        pq.write_table(pa.table({"path": listed}), tmp_path / "list.parquet")
        bucket["list.parquet"] = (tmp_path / "list.parquet").read_bytes()
        with S3Server(bucket, checks_keys=True) as server:
            keys(server)
            inputs = [server.address("/in"), server.address("/list.parquet")]
            command = [*BATCH, *inputs, "-o", tmp_path / "out", "--weights", weights, "--no-flip"]
            command += ["--format", "sapiens", "--part-size", 4, "--patience", 20, *ONE_CORE]
            assert main([str(each) for each in command]) == 1
    assert evil.requests == []
    paths = ["in/a//b.png", *listed]
    shown = [server.address(f"/{path}") for path in paths]
    errors = pq.read_table(tmp_path / "out/errors.parquet").to_pylist()
    assert [row["path"] for row in errors] == shown
    for row, reason in zip(errors, REASONS, strict=True):
        assert reason in row["error"]
    assert len(check(tmp_path / "out", expected)) == len(paths)


@pytest.fixture
def server(photos):
    with S3Server(read_files(photos[0])) as server:
        yield server


@pytest.mark.parametrize("kind", ["killed", pytest.param("frozen", marks=pytest.mark.slow), "keys"])
def test_a_server_that_fails_meanwhile_is_waited_for(
    kind, server, keys, photos, tmp_path, weights, capfd
):
    breaks = {
        "killed": (server.kill, server.start),
        "frozen": (server.freeze, server.go_on),
        "keys": (server.change_keys, lambda: keys(server)),
    }
    if kind == "keys":
        server.check_keys()
    keys(server)
    # Away for longer than Amazon's library tries again by itself, and than two files may take.
    limits, seconds_away = ["--patience", 120, "--connect-limit", 4], 4 if kind == "keys" else 10
    where = photos, tmp_path, weights
    codes = run_through(server.address(), *breaks[kind], *where, *limits, seconds_away=seconds_away)
    assert codes == [0]
    error = capfd.readouterr().err
    sentence = {
        "killed": "(the server refuses the connection|did not start to send the file within 4 s)",
        "frozen": "did not start to send the file within 4 s",
        "keys": "the server answers 403 Forbidden: it refuses access",
    }[kind]
    assert re.search(rf"s3://shoot/.*: .*{sentence}.* Trying again in 1 s", error)
    assert "Traceback" not in error


def test_what_cannot_be_found_is_one_sentence(keys, tmp_path, weights, monkeypatch, capfd):
    """All of it before a worker is started."""
    with S3Server({"a.png": b"a"}, checks_keys=True) as server:
        good, (key, secret) = server.keys, server.keys
        cases = [
            (good, "/none/*.png", "There is nothing at"),
            (good, "-none", "There is nothing at"),
            (good, "/list.txt", "There is no file at"),
            ((key, "wrong"), "", "the server answers 403 Forbidden: it refuses access"),
            (("WRONG", secret), "", "the server answers 403 Forbidden: it refuses access"),
        ]
        for number, (given, below, sentence) in enumerate(cases):
            server.keys = given
            keys(server)
            forget_connections()
            command = [*BATCH, server.address(below), "-o", tmp_path / "out", "--weights", weights]
            assert main([str(each) for each in command]) == 1, number
            error = capfd.readouterr().err.strip()
            assert error.startswith("sapiens-pose: "), number
            assert sentence in error, number
            assert "\n" not in error, number
        server.keys = good
