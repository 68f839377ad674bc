"""What is fetched and from whom, against a real HTTP server that stands in for the hub."""

import re
from pathlib import Path

import pytest
from comfyui_sapiens_pose.sapiens_core.checkpoints.download import ANNOUNCEMENT, announced_values
from comfyui_sapiens_pose.sapiens_core.checkpoints.download_errors import link_by_hand
from helpers.downloads import (
    CHECKPOINT,
    CONTENT,
    NAME,
    PATH,
    CancelledError,
    ask,
    assert_arrived,
    cancel_at,
    finish,
    partial_bytes,
    start,
)


def test_a_whole_download_arrives_under_its_own_name(tmp_path, hub_of):
    hub = hub_of(files={PATH: CONTENT})
    assert ask(tmp_path / "new") == str(tmp_path / "new" / NAME)
    assert_arrived(tmp_path / "new")
    assert hub.starts == [0]


@pytest.mark.promise("Downloads continue")
def test_the_rest_of_another_version_is_not_added_to_this_one(tmp_path, hub_of):
    hub_of(files={PATH: CONTENT[::-1]}, block_pause_s=0.05)
    with pytest.raises(CancelledError):
        ask(tmp_path, cancel_at(500_000))
    assert partial_bytes(tmp_path) > 0
    hub = hub_of(files={PATH: CONTENT})
    ask(tmp_path)
    assert_arrived(tmp_path)
    assert hub.starts == [0]


@pytest.mark.promise("Downloads continue")
def test_a_wrong_hash_is_refused_and_leaves_nothing(tmp_path, hub_of):
    hub_of(files={PATH: CONTENT}, announced_sha256="0" * 64)
    assert "damaged (its SHA-256 is not the announced one)" in ask(tmp_path)
    assert_nothing_is_left(tmp_path)


@pytest.mark.promise("Downloads continue")
def test_a_wrong_size_is_refused_and_leaves_nothing(tmp_path, hub_of):
    storage = hub_of(files={PATH: CONTENT})
    hub_of(files={PATH: CONTENT}, announced_size=len(CONTENT) - 1, storage_url=storage.url)
    assert "damaged (3000000 bytes instead of 2999999)" in ask(tmp_path)
    assert_nothing_is_left(tmp_path)


def assert_nothing_is_left(folder: Path) -> None:
    assert not [path for path in folder.rglob(f"{NAME}*") if path.suffix != ".lock"]


@pytest.mark.parametrize("token", [None, "hf_test"])
@pytest.mark.parametrize(
    ("status", "error_code"), [(401, "GatedRepo"), (403, "GatedRepo"), (401, None)]
)
def test_a_gated_file_says_how_to_log_in(tmp_path, hub_of, monkeypatch, status, error_code, token):
    hub_of(status=status, error_code=error_code)
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    answer = ask(tmp_path)
    assert f"https://huggingface.co/{CHECKPOINT.repo}" in answer
    assert "terms" in answer
    assert "HF_TOKEN" in answer
    assert ("with the account of this token" in answer) == bool(token)
    assert_names_the_facts(answer, tmp_path)


@pytest.mark.parametrize(
    ("status", "error_code", "reason"),
    [
        (404, "EntryNotFound", "no longer has this file"),
        (404, "RepoNotFound", "no longer has this file"),
        (429, None, "too many requests; try again in a few minutes"),
        (500, None, r"answered with an error \(500\)"),
    ],
)
def test_refusals_say_what_to_do(tmp_path, hub_of, status, error_code, reason):
    hub_of(status=status, error_code=error_code)
    answer = ask(tmp_path)
    assert re.search(reason, answer), answer
    assert_names_the_facts(answer, tmp_path)


def assert_names_the_facts(answer: str, folder: Path) -> None:
    for fact in (CHECKPOINT.repo, NAME, "1.32 GB", str(folder), link_by_hand(CHECKPOINT)):
        assert fact in answer


@pytest.mark.promise("Secrets go to no stranger")
def test_a_token_is_sent_to_the_hub_and_not_to_where_it_points(tmp_path, hub_of, monkeypatch):
    storage = hub_of(files={PATH: CONTENT})
    elsewhere = storage.url.replace("127.0.0.1", "localhost")
    hub = hub_of(files={PATH: CONTENT}, token="hf_test", storage_url=elsewhere)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    assert ask(tmp_path) == str(tmp_path / NAME)
    assert_arrived(tmp_path)
    assert {request.token for request in hub.file_requests} == {"Bearer hf_test"}
    assert [request.token for request in storage.file_requests] == [None]


@pytest.mark.promise("Downloads continue")
def test_a_file_that_does_not_fit_on_the_disk_is_not_begun(tmp_path, hub_of):
    hub = hub_of(files={PATH: CONTENT}, announced_size=10**15)
    told = r"cannot be written: 1000000\.00 GB are needed and .* GB are free"
    assert re.search(told, ask(tmp_path))
    assert hub.starts == []


def test_an_unreachable_hub_is_given_up_soon(tmp_path, hub_of, monkeypatch):
    template = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    hub_of()
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
    assert "nothing answers at http://127.0.0.1" in ask(tmp_path)


def test_a_web_server_that_is_no_hub_is_told_from_one(tmp_path, hub_of):
    hub_of(files={PATH: CONTENT}, announced_size=0)
    assert "HF_ENDPOINT may not be the address of a hub" in ask(tmp_path)


def test_offline_mode_asks_nobody(tmp_path, hub_of):
    hub = hub_of(files={PATH: CONTENT})
    answer = finish(start(tmp_path, hub.url, HF_HUB_OFFLINE="1"))
    assert hub.requests == []
    assert "HF_HUB_OFFLINE is set" in answer


def test_the_announcement_names_file_size_and_licence(tmp_path):
    text = ANNOUNCEMENT.format(**announced_values(CHECKPOINT, tmp_path))
    for fact in (NAME, "1.32 GB", "CC BY-NC 4.0", str(tmp_path)):
        assert fact in text
