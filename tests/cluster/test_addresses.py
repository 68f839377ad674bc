"""``sapiens-pose batch`` on Ray with files behind addresses, whose names look like addresses."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import encode_png
from helpers.capturing_server import CapturingServer
from helpers.clips import pan
from helpers.command_lines import BATCH

pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[cluster]'")

SETTINGS = {
    "s3": "?endpoint_override=GOOD&scheme=http&region=us-east-1",
    "gs": "?endpoint_override=GOOD&scheme=http&retry_limit_seconds=5",
    "http": "",
}
PLACES = {"s3": "s3://shoot", "gs": "gs://anonymous@shoot", "http": "http://GOOD/shoot"}
NAMES = {
    "s3": "b?endpoint_override=HOST&scheme=http&region=us-east-1&tls_ca_file_path=.png",
    "gs": "b?endpoint_override=HOST&scheme=http&project_id=.png",
    "http": "@HOST/x.png",
}
"""A name for each kind of file system that chose the host when names were taken apart."""


def write_listed(names):
    file = io.BytesIO()
    pq.write_table(pa.table({"path": names}), file)
    return file.getvalue()


@pytest.mark.parametrize("kind", PLACES)
def test_workers_ask_nobody_whom_a_name_names(kind, tmp_path, root, monkeypatch):
    if kind == "http":
        pytest.importorskip("aiohttp", reason="http:// needs aiohttp: pip install aiohttp")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-the-user")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with CapturingServer() as evil:
        image = encode_png(pan(0, 2))
        names = ["plain.png", NAMES[kind].replace("HOST", evil.host), "../other/y.png"]
        files = {
            **dict.fromkeys(names, image),
            "list.parquet": write_listed(names),
            "list.txt": "\n".join(names).encode(),
        }
        with CapturingServer(kind, files) as good:
            place, settings = (part[kind].replace("GOOD", good.host) for part in (PLACES, SETTINGS))
            pattern = "/*png" if kind == "http" else ""
            inputs = [f"{place}{end}{settings}" for end in (pattern, "/list.parquet", "/list.txt")]
            weights = root / "miniature/sapiens_miniature_17.safetensors"
            command = [*BATCH, *inputs, "-o", tmp_path / "out", "--weights", weights, "--no-flip"]
            assert main([str(each) for each in [*command, "--actors", "1"]]) == 1
            assert [each for each in good.requests if "other" in each.target] == []
    assert evil.requests == []
    rows = pq.read_table(tmp_path / "out/inputs").to_pylist()
    errors = [row["path"] for row in rows if row["error"]]
    assert len(rows) == 9
    assert [row["people"] for row in rows if not row["error"]] == [1] * 6
    assert errors == [f"{place}/../other/y.png{settings}"] * 3
