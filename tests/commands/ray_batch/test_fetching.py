"""Whose fault it is that a file is not given: its own, or its place's."""

import pytest
from comfyui_sapiens_pose.commands.failures import FileError, PlaceError
from comfyui_sapiens_pose.commands.ray_batch import fetching
from comfyui_sapiens_pose.commands.ray_batch.addresses import parse_address
from comfyui_sapiens_pose.commands.ray_batch.fetching import Fetcher
from comfyui_sapiens_pose.commands.remote.time_limits import TimeLimits
from helpers.misbehaving_server import BUCKET, MisbehavingServer


@pytest.fixture
def server():
    pytest.importorskip("aiohttp", reason="fsspec reads links by aiohttp, which is not installed")
    with MisbehavingServer({f"{name}.png": name.encode() for name in "abc"}) as server:
        yield server


@pytest.fixture
def fetch(server):
    """A function that fetches one of three files; its place gave the first one already."""
    files = [parse_address(f"{server.url}/shoot/{name}") for name in server.files]
    fetcher = Fetcher(TimeLimits())

    def fetch(number):
        return fetcher.fetch(files[number], files).read_text()

    assert fetch(0) == "a"
    return fetch


def test_a_file_that_is_not_there_is_at_fault_as_long_as_others_are(server, fetch):
    del server.files["b.png"]
    with pytest.raises((FileError, FileNotFoundError)) as caught:
        fetch(1)
    assert not isinstance(caught.value, PlaceError)
    assert fetch(2) == "c"


@pytest.mark.promise("What was finished stays")
def test_a_server_that_lost_its_files_is_at_fault_and_not_each_of_them(server, fetch):
    files = dict(server.files)
    server.files.clear()
    with pytest.raises(
        PlaceError, match=r"/b\.png: .* http://.*/a\.png, which was there, is missing now"
    ):
        fetch(1)
    server.files.update(files)
    assert fetch(1) == "b"


@pytest.mark.promise("What was finished stays")
def test_a_place_that_recovers_while_it_is_asked_makes_no_error(server, fetch, monkeypatch):
    """Else whoever is refused at the end of an outage would be at fault."""
    ask = fetching.is_given

    def recover_and_ask(*arguments, **options):
        server.keys = None
        return ask(*arguments, **options)

    monkeypatch.setattr(fetching, "is_given", recover_and_ask)
    server.keys = {"of another"}
    assert fetch(1) == "b"


@pytest.mark.promise("What was finished stays")
def test_a_place_that_recovers_after_it_was_asked_is_at_fault(server, fetch, monkeypatch):
    answers = iter([False, True])
    monkeypatch.setattr(fetching, "is_given", lambda *_, **__: next(answers))
    server.keys = {"of another"}
    with pytest.raises(PlaceError, match="403 Forbidden"):
        fetch(1)


@pytest.mark.promise("What was finished stays")
def test_keys_that_were_exchanged_are_read_anew(tmp_path, monkeypatch):
    """Arrow reads a file of keys once for each connection, and then not for minutes."""
    keys = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    text = "[default]\naws_access_key_id = {}\naws_secret_access_key = secret\n"
    keys.write_text(text.format("old"))
    with MisbehavingServer({"a.png": b"a"}) as server:
        server.keys = {"old"}
        settings = f"endpoint_override=127.0.0.1:{server.port}&scheme=http&region=us-east-1"
        file = parse_address(f"s3://{BUCKET}/a.png?{settings}")
        assert Fetcher(TimeLimits()).fetch(file, [file]).read_text() == "a"
        server.keys = {"new"}
        fetcher = Fetcher(TimeLimits())
        with pytest.raises(PlaceError, match="403 Forbidden"):
            fetcher.fetch(file, [file])
        keys.write_text(text.format("new"))
        assert fetcher.fetch(file, [file]).read_text() == "a"
