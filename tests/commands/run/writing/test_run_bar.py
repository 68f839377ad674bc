"""The bar of a run is full when all is written, and not before."""

from comfyui_sapiens_pose.commands.run.writing.run_bar import Progress
from comfyui_sapiens_pose.commands.run.writing.source_writer import SourceProgress


def test_the_last_frame_counts_when_all_files_are_whole(capfd):
    with Progress(num_images=6, num_frames=4, num_found=0) as progress:
        progress.add(6)
        assert progress.num_shown == 3
        written = SourceProgress(progress, 4)
        assert list(written.count(range(4))) == [0, 1, 2, 3]
        assert progress.num_shown == 5
        written.finish()
        assert progress.num_shown == 6
    assert "100%|" in capfd.readouterr().err.split("\r")[-1]


def test_a_clip_that_is_given_up_is_over_too():
    with Progress(num_images=4, num_frames=4, num_found=4) as progress:
        written = SourceProgress(progress, 4)
        next(written.count(range(4)))
        written.finish()
        assert progress.num_shown == 4


def test_what_is_found_again_is_taken_back():
    with Progress(num_images=4, num_frames=0, num_found=1) as progress:
        progress.add(3)
        progress.add(-2)
        assert progress.num_shown == 2
