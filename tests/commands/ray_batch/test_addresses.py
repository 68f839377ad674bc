"""Addresses, taken apart: what is a place, what is a path in it, and what a list may name."""

import pickle

import pytest
from comfyui_sapiens_pose.commands.ray_batch.addresses import (
    Place,
    find_places,
    is_address,
    parse_address,
    parse_listed,
)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("", False), ("photo.jpg", False), ("/a/b", False), ("C:\\a", False), ("s3://b/a", True)],
)
def test_addresses_are_told_from_paths(text, is_one):
    assert is_address(text) is is_one


@pytest.mark.parametrize(
    ("address", "place", "path"),
    [
        ("s3://b", ("s3", "b", ""), ""),
        ("s3://b/", ("s3", "b", ""), ""),
        ("s3://b?region=x", ("s3", "b", "region=x"), ""),
        ("s3://b/a/c.jpg?region=x&y=/z?", ("s3", "b", "region=x&y=/z?"), "a/c.jpg"),
        ("s3://key:pass@b/#1.jpg", ("s3", "key:pass@b", ""), "#1.jpg"),
        ("gs://anonymous@my_bucket/a", ("gs", "anonymous@my_bucket", ""), "a"),
        ("file:///a/b?.jpg", ("file", "", ""), "a/b?.jpg"),
        ("memory://b/c?d=e", ("memory", "b", ""), "c?d=e"),
        ("https://host?x=/y", ("https", "host", ""), "?x=/y"),
        ("https://u:p@host:80/a/b?x=1#2", ("https", "u:p@host:80", ""), "a/b?x=1#2"),
    ],
)
def test_an_address_is_a_place_and_a_path(address, place, path):
    parsed = parse_address(address)
    assert parsed == (Place(*place), path)
    assert pickle.loads(pickle.dumps(parsed)) == parsed


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("s3://b/a b.jpg?region=x", "s3://b/a b.jpg?region=x"),
        ("s3://key:secret@b/a.jpg?region=x", "s3://b/a.jpg?region=x"),
        ("https://me:secret@host/a.jpg?x=1", "https://host/a.jpg?x=1"),
        ("gs://anonymous@b/a.jpg", "gs://anonymous@b/a.jpg"),
        ("abfs://container@account/a.jpg", "abfs://container@account/a.jpg"),
    ],
)
def test_people_read_an_address_without_a_password(address, text):
    assert str(parse_address(address)) == text


@pytest.mark.parametrize(
    ("listing", "line", "path"),
    [
        ("s3://b/list.txt?region=x", "a.jpg", "a.jpg"),
        ("s3://b/c/list.txt?region=x", "d/a?region=y.jpg", "c/d/a?region=y.jpg"),
        ("https://host/c/list.txt?token=a/b", "d.jpg?x=1", "c/d.jpg?x=1"),
    ],
)
def test_a_line_names_what_lies_beside_its_list(listing, line, path):
    listed = parse_address(listing)
    assert listed.beside(line) == (listed.place, path)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("s3://bucket/b.jpg", "b.jpg"),
        ("s3://bucket", ""),
        ("s3://bucket/a/b.jpg?region=eu-west-1&x=/y", "b.jpg"),
        ("https://host/a/b.jpg?size=/large", "b.jpg"),
        ("memory://a/b?c.jpg", "b?c.jpg"),
    ],
)
def test_a_name_is_without_settings_and_query(address, name):
    assert parse_address(address).name == name


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
    assert parse_address(address).file_name() == name


@pytest.mark.promise("Secrets go to no stranger")
@pytest.mark.parametrize(
    "address",
    [
        *("s3:///photos/a.jpg", "s3://?region=x", "gs://", "gcs:///a", "s3://../other/a.jpg"),
        *("s3://127.0.0.1:9000/b/a.jpg", "s3://b%2Fc/a.jpg", "s3://b#c/a.jpg", "s3://b*/a.jpg"),
        *("s3://key:se#cret@b/a.jpg", "s3://b/a.jpg?region=x#&endpoint_override=127.0.0.1:9"),
    ],
)
def test_nobody_is_asked_for_a_bucket_that_was_not_named(address):
    with pytest.raises(ValueError, match=r"names the bucket .*, expected a bucket and settings"):
        parse_address(address)


def test_the_places_of_inputs_are_in_order_and_once():
    inputs = ["a.jpg", "s3://b/c?region=x", "/d", "memory://e/f", "s3://b/g?region=x", "s3://b/c"]
    assert find_places(inputs) == (
        *(Place("s3", "b", "region=x"), Place("memory", "e", ""), Place("s3", "b", "")),
    )


@pytest.mark.parametrize(
    "address",
    [
        *("s3://b/a.jpg", "s3://my.bucket-1/a#1@2.jpg", "gs://b/a.jpg", "file:///a/b.jpg"),
        *("hdfs://name:8020/a.jpg", "http://host:80/a.jpg", "https://host/a.jpg?size=2&x=a@b"),
        *("s3://b//a.jpg", "memory://b/a?b.jpg", "hdfs:///a.jpg"),
    ],
)
def test_a_list_may_name_buckets(address):
    listed = parse_listed(address)
    assert str(listed) == address
    assert listed.place.settings == ""
    assert "@" not in listed.place.host


@pytest.mark.promise("Secrets go to no stranger")
@pytest.mark.parametrize(
    "address",
    [
        "s3://b/a.jpg?endpoint_override=127.0.0.1:9&scheme=http",
        "gs://b/a.jpg?endpoint_override=127.0.0.1:9",
        "s3://user:secret@b/a.jpg",
        "s3://b?endpoint_override=127.0.0.1:9",
        "s3://127.0.0.1:9/a.jpg",
        "s3:///a.jpg",
        "s3://../other/a.jpg",
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
        parse_listed(address)
    assert "\n" not in str(error.value)
