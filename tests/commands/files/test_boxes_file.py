import json
from pathlib import Path

import pytest
from comfyui_sapiens_pose.commands.files.boxes_file import BoxesFile

BOX = [1, 2, 30.5, 40]


def write(tmp_path, content):
    path = tmp_path / "boxes.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("content", "boxes"),
    [
        ([], []),
        ([BOX], [BOX]),
        ({"a.jpg": []}, []),
        ({"a.jpg": [BOX, BOX], "b.jpg": []}, [BOX, BOX]),
        ({"folder/a.jpg": [BOX]}, [BOX]),
        ({"a": [], "a.jpg": [BOX]}, [BOX]),
        ({"a": [BOX]}, [BOX]),
    ],
    ids=["bare, nobody", "bare", "nobody", "by name", "by path", "two names", "without ending"],
)
def test_boxes_of_a_picture(tmp_path, content, boxes):
    people = BoxesFile.read(write(tmp_path, content)).people(Path("folder/a.jpg"), 1)
    assert people.boxes_xyxy == boxes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read as JSON"),
        (3, "expected a list of"),
        ([[1, 2, 3]], "expected a list of"),
        ({"a.jpg": [["1", 2, 3, 4]]}, "expected a list of"),
        ({"a.jpg": {"x": 1}}, "expected a list of"),
    ],
)
def test_other_content_is_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=rf"boxes\.json .*{message}"):
        BoxesFile.read(write(tmp_path, content))


@pytest.mark.promise("Files cost what they weigh")
def test_of_a_long_list_the_beginning_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"holds \[\[\], .*\.\.\.\], expected a list of"):
        BoxesFile.read(write(tmp_path, [[]] * 1000))


def test_a_missing_file_or_picture_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no boxes file"):
        BoxesFile.read(tmp_path / "none.json")
    with pytest.raises(ValueError, match=r"no entry 'c\.jpg'"):
        BoxesFile.read(write(tmp_path, {"a.jpg": []})).people(Path("c.jpg"), 2)


def test_a_bare_list_fits_one_picture_only(tmp_path):
    with pytest.raises(ValueError, match="plain list, which is for one image, but there are 2"):
        BoxesFile.read(write(tmp_path, [BOX])).people(Path("a.jpg"), 2)
