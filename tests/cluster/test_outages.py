"""Servers, shares, keys and disks that fail in the middle of a batch on two actors."""

import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.ray_batch.layout import Layout
from comfyui_sapiens_pose.commands.ray_batch.remote_files import forget_connections
from helpers.command_lines import BATCH
from helpers.misbehaving_server import MisbehavingServer
from test_ray import ONE_CORE, check

pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[cluster]'")
pytest.importorskip("aiohttp", reason="fsspec reads links by aiohttp, which is not installed")

SECONDS_AWAY = 4.0
KEYS = "[default]\naws_access_key_id = {}\naws_secret_access_key = secret\n"


class Outage(threading.Thread):
    """Breaks something once a shard is done, and repairs it after a while."""

    def __init__(self, out, break_it, repair, seconds_away):
        super().__init__(daemon=True)
        self.out, self.break_it, self.repair, self.num_done = out, break_it, repair, 0
        self.seconds_away = seconds_away

    def run(self):
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline and not self.num_done:
            time.sleep(0.02)
            self.num_done = len(list(self.out.glob("inputs/*.parquet")))
        self.break_it()
        time.sleep(self.seconds_away)
        self.repair()


def run_through(
    inputs, break_it, repair, photos, tmp_path, weights, *arguments, seconds_away=SECONDS_AWAY
):
    """Runs a batch during an outage; returns exit codes until it is done, and checks the result."""
    folder, expected = photos
    out, num_files = tmp_path / "out", len(list(folder.iterdir()))
    command = [*BATCH, inputs, "-o", out, "--weights", weights, "--no-flip", *ONE_CORE]
    command += ["--format", "sapiens", "--part-size", max(2, num_files // 20), *arguments]
    outage = Outage(out, break_it, repair, seconds_away)
    outage.start()
    codes = [main([str(each) for each in command])]
    outage.join()
    while codes[-1] and len(codes) < 3:
        assert not any(error_rows(out))
        forget_connections()  # as another process has none
        codes.append(main([str(each) for each in command]))
    assert 0 < outage.num_done < 15
    assert check(out, expected) == []
    return codes


def read_files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def error_rows(out):
    layout = Layout(out)
    for shard in layout.find_done():
        yield from filter(None, pq.read_table(layout.inputs(shard))["error"].to_pylist())


@pytest.fixture
def outage(request, photos, tmp_path, monkeypatch):
    """Where the pictures are, what breaks and what repairs that."""
    folder, _ = photos
    with ExitStack() as servers:
        server = servers.enter_context(MisbehavingServer(read_files(folder)))
        yield arrange(request.param, folder, tmp_path, server, servers, monkeypatch)


def arrange(kind, folder, tmp_path, server, servers, monkeypatch):
    if kind == "server":
        links = "\n".join(f"{server.url}/shoot/{name}" for name in server.files)
        (tmp_path / "list.txt").write_text(links)

        def start_again():
            servers.enter_context(MisbehavingServer(server.files, server.port))

        return tmp_path / "list.txt", server.stop, start_again
    if kind == "share":
        share = tmp_path / "share"
        share.mkdir()
        for path in folder.iterdir():
            (share / path.name).write_bytes(path.read_bytes())
        away = Path(f"{share}.away")

        def take_away():
            share.rename(away)
            share.mkdir()

        def bring_back():
            share.rmdir()
            away.rename(share)

        return share, take_away, bring_back
    keys = tmp_path / "credentials"
    keys.write_text(KEYS.format("old"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server.keys = {"old"}
    address = f"s3://shoot?endpoint_override=127.0.0.1:{server.port}&scheme=http&region=us-east-1"
    return (
        address,
        lambda: setattr(server, "keys", {"new"}),
        lambda: keys.write_text(KEYS.format("new")),
    )


SLOW_KEYS = pytest.param("keys", marks=pytest.mark.slow)
"""With a real server keys are exchanged in ``test_real_s3``."""


@pytest.mark.parametrize("outage", ["server", "share", SLOW_KEYS], indirect=True)
def test_an_outage_is_waited_for(outage, photos, tmp_path, weights, capfd):
    assert run_through(*outage, photos, tmp_path, weights, "--patience", 120) == [0]
    assert "Trying again in 1 s." in capfd.readouterr().err


@pytest.mark.parametrize("outage", ["server", "share", "keys"], indirect=True)
def test_without_patience_the_same_command_goes_on(outage, photos, tmp_path, weights, capfd):
    assert run_through(*outage, photos, tmp_path, weights, "--patience", 0)[-1] == 0
    error = capfd.readouterr().err
    assert "so the run stops. Fix this, then repeat the command to resume." in error
    assert "Traceback" not in error
