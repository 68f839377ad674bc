import pytest
from comfyui_sapiens_pose.sapiens_core.zoo import CHECKPOINTS, find_checkpoint


def test_every_pair_of_size_and_keypoints_is_listed_once():
    pairs = [(row.size, row.num_keypoints) for row in CHECKPOINTS]
    assert len(set(pairs)) == len(pairs)


def test_file_names_are_those_of_the_reference():
    row = find_checkpoint("1b", 133)
    assert row.base_name == "sapiens_1b_coco_wholebody_best_coco_wholebody_AP_727.pth"
    assert row.url.startswith("https://huggingface.co/noahcao/sapiens-pose-coco/resolve/main/")
    assert find_checkpoint("0.3b", 308).older_names == (
        "sapiens_0.3b_goliath_best_goliath_AP_575.pth",
    )


@pytest.mark.parametrize(
    ("size", "count", "message"),
    [
        ("2b", 308, "no Sapiens 2B checkpoint with 308.*, 0.3b, 0.6b, 1b"),
        ("7b", 17, "no Sapiens 7B"),
        ("sapiens2-0.4b", 133, "no Sapiens2 0.4B checkpoint with 133.*: 0.3b, 0.6b, 1b, 2b"),
        ("1b", 5, "Keypoint sets: 17, 133, 308"),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(size, count, message):
    with pytest.raises(ValueError, match=message):
        find_checkpoint(size, count)
