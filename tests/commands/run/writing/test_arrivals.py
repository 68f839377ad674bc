"""Results are handed on in the order of the clip, each as soon as it is stored."""

from threading import Thread

import pytest
from comfyui_sapiens_pose.commands.run.chunks import Chunk, Item
from comfyui_sapiens_pose.commands.run.resume_store import ResumeStore
from comfyui_sapiens_pose.commands.run.writing.arrivals import Arrivals, WritingStoppedError
from comfyui_sapiens_pose.skeletons.pose import Frame

CHUNKS = [Chunk(number, (Item(__file__, "a"),), is_clip=True) for number in range(3)]


def test_a_frame_is_handed_on_before_the_next_one_is_found(tmp_path):
    with ResumeStore(tmp_path, "a", "1") as store:
        arrivals = Arrivals(store, [0, 1, 2])
        results, seen = arrivals.results(CHUNKS), []
        for number in (2, 0):
            store.save(CHUNKS[number], [Frame((number + 1, 1))])
            arrivals.tell(CHUNKS[number])
        seen.append(next(results))
        thread = Thread(target=lambda: seen.extend(results), daemon=True)
        thread.start()
        store.save(CHUNKS[1], [Frame((2, 1))])
        arrivals.tell(CHUNKS[1])
        thread.join(10)
    assert [frame.canvas_wh[0] for frame in seen] == [1, 2, 3]


def test_who_waits_when_the_run_ends_is_told(tmp_path):
    with ResumeStore(tmp_path, "a", "1") as store:
        arrivals, ends = Arrivals(store, [0]), []

        def wait():
            with pytest.raises(WritingStoppedError):
                arrivals.wait(CHUNKS[0])
            ends.append("told")

        thread = Thread(target=wait, daemon=True)
        thread.start()
        arrivals.stop()
        thread.join(10)
        assert ends == ["told"]
