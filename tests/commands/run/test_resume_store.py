"""What a run keeps so that the next one goes on: whole, its own, and nobody else's."""

import pytest
from comfyui_sapiens_pose.commands.run.chunks import Chunk, Failure, Item, encode_results
from comfyui_sapiens_pose.commands.run.resume_store import ResumeStore, remove_leftovers
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import TEMPORARY_SUFFIX, shorten_name
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_pose
from helpers.visible_files import visible

ITEMS = (Item(__file__, "a"), Item(__file__, "b"))
CHUNKS = [Chunk(number, ITEMS) for number in range(3)]
FRAME = Frame((640, 480), (make_pose(COCO_17, 1, person_id=4), make_pose(GOLIATH_308, 2)))


def opened(tmp_path, version="1", command="a"):
    return ResumeStore(tmp_path, command, version)


def test_what_is_stored_comes_back_number_for_number(tmp_path):
    with opened(tmp_path) as store:
        assert CHUNKS[0] not in store
        store.save(CHUNKS[0], [FRAME, Frame((3, 2))])
        assert store.load(CHUNKS[0]) == [FRAME, Frame((3, 2))]
    with opened(tmp_path) as store:
        assert [chunk in store for chunk in CHUNKS] == [True, False, False]
        assert store.load(CHUNKS[0]) == [FRAME, Frame((3, 2))]
        store.remove()
    assert list(tmp_path.iterdir()) == []


WHOLE = encode_results([FRAME, FRAME]).encode()
DAMAGED = {
    "left empty by a power cut": b"",
    "null bytes": bytes(5000),
    "cut off": WHOLE[:-30],
    "no text": b"\xff",
    "nested": b"[" * 100_000,
    "no width": WHOLE.replace(b'"width"', b'"wide"', 1),
    "four results": WHOLE[:-1] + b"," + WHOLE[1:],
    **{text: text.encode() for text in ("[]", "{}", "null", "5", "[5,5]", '["error",0]')},
}


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_is_done_again_and_the_rest_stays(tmp_path, content, caplog):
    with opened(tmp_path) as store:
        for chunk in CHUNKS:
            store.save(chunk, [FRAME, FRAME])
    for number in (0, 1):
        (stored,) = tmp_path.rglob(f"{number:08}.json")
        assert stored.read_bytes() == WHOLE
        stored.write_bytes(content)
    stored.with_name("0abc.json").touch()
    with opened(tmp_path) as store:
        assert [chunk in store for chunk in CHUNKS] == [False, False, True]
        assert [record.getMessage() for record in caplog.records] == [
            "Some results of an earlier run cannot be read; they are made again."
        ]
        store.save(CHUNKS[0], [FRAME, FRAME])
        assert store.load(CHUNKS[0]) == store.load(CHUNKS[2]) == [FRAME, FRAME]


def test_failures_are_tried_again_by_the_next_run(tmp_path):
    with opened(tmp_path) as store:
        store.save(CHUNKS[0], [FRAME, FRAME])
        store.save(CHUNKS[1], [FRAME, Failure("no")])
        assert store.load(CHUNKS[1]) == [FRAME, Failure("no")]
    with opened(tmp_path) as store:
        assert [chunk in store for chunk in CHUNKS] == [True, False, False]


def test_other_settings_start_anew_and_say_so(tmp_path, caplog):
    caplog.set_level("INFO")
    with opened(tmp_path) as store:
        store.save(CHUNKS[0], [FRAME, FRAME])
        store.mark_written(CHUNKS[0])
        assert store.is_written(CHUNKS[0])
    with opened(tmp_path) as store:
        assert store.is_written(CHUNKS[0])
    assert "starting over" not in caplog.text
    with opened(tmp_path, version="2") as store:
        assert CHUNKS[0] not in store
        assert not store.is_written(CHUNKS[0])
    assert "starting over" in caplog.text


@pytest.mark.promise("What was finished stays")
def test_settings_that_cannot_be_read_are_others(tmp_path, caplog):
    caplog.set_level("INFO")
    with opened(tmp_path) as store:
        store.save(CHUNKS[0], [FRAME, FRAME])
    (tmp_path / ".sapiens-pose/a/version").write_bytes(b"\xff\0")
    with opened(tmp_path) as store:
        assert CHUNKS[0] not in store
    assert "starting over" in caplog.text


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("name", [".sapiens-pose", ".sapiens-pose/a", ".sapiens-pose/a/lock"])
def test_what_a_run_keeps_never_lies_elsewhere_by_a_link(tmp_path, name):
    home, out = tmp_path / "home", tmp_path / "out"
    for folder in (home, home / "a"):
        folder.mkdir()
        (folder / "version").write_text("other")
        (folder / "00000000.json").write_text("precious")
    before = visible(home)
    link = out / name
    link.parent.mkdir(parents=True)
    link.symlink_to(home / "version" if name.endswith("lock") else home)
    with pytest.raises(ValueError, match=r"leads to .* by a link"):
        opened(out)
    assert visible(home) == before
    assert list(link.parent.iterdir()) == [link]
    link.unlink()
    (tmp_path / "link").symlink_to(out)  # the folder that its user names may be one
    with opened(tmp_path / "link") as store:
        store.save(CHUNKS[0], [FRAME, FRAME])


@pytest.mark.promise("Files stay in their folder")
def test_what_others_put_beside_it_stays(tmp_path):
    with opened(tmp_path) as store:
        store.save(CHUNKS[0], [FRAME, FRAME])
    names = ["0000.json", "notes.json", "thesis.txt", "version.txt"]
    folder = tmp_path / ".sapiens-pose/a"
    for name in (*names, f".00000001.json.x1y2{TEMPORARY_SUFFIX}"):
        (folder / name).touch()
    with opened(tmp_path, version="2") as store:
        assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "lock", "version"])
        store.remove()
    assert sorted(path.name for path in folder.iterdir()) == names


def test_runs_into_one_folder_leave_one_another_alone(tmp_path):
    with opened(tmp_path, command="a") as one, opened(tmp_path, command="b") as other:
        one.save(CHUNKS[0], [FRAME, FRAME])
        assert CHUNKS[0] not in other
        other.remove()
        assert one.load(CHUNKS[0]) == [FRAME, FRAME]


def test_the_same_command_twice_at_a_time_is_refused(tmp_path):
    with opened(tmp_path), pytest.raises(ValueError, match="already running"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        (f".a.png.x1y2{TEMPORARY_SUFFIX}", False),
        (f".a_skeleton.mp4.x1y2{TEMPORARY_SUFFIX}", False),
        (f".a.dense_overlay.png.x1y2{TEMPORARY_SUFFIX}", False),
        (f".ab.png.x1y2{TEMPORARY_SUFFIX}", True),
        (f".a_2.png.x1y2{TEMPORARY_SUFFIX}", True),
        (f".a_2_skeleton.mp4.x1y2{TEMPORARY_SUFFIX}", True),
        (f"a.png{TEMPORARY_SUFFIX}", True),
        (".a.png", True),
    ],
)
def test_leftovers_of_these_results_alone_are_removed(tmp_path, name, stays):
    (tmp_path / name).touch()
    names = ["a.png", "a_skeleton.mp4", "a.dense_overlay.png", "missing/b.png"]
    remove_leftovers([tmp_path / each for each in names])
    assert (tmp_path / name).exists() == stays


def test_leftovers_of_long_names_are_told_apart(tmp_path):
    results = [tmp_path / f"{'shot' * 20}_take_{number}.mp4" for number in range(2)]
    for path in results:
        (tmp_path / f".{shorten_name(path.name)}.x1y2{TEMPORARY_SUFFIX}").touch()
    remove_leftovers(results[:1])
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(f".{shorten_name(results[1].name)}.")
