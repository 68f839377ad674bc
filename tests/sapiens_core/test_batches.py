"""Batches, and what is made ready for them ahead of time."""

import threading
import time
from contextlib import closing

import pytest
from comfyui_sapiens_pose.sapiens_core.batches import prepare_ahead, run_in_batches


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize("batch_size", [1, 2, 5, 9])
def test_results_are_in_order(count, batch_size):
    sizes = []

    def run(batch):
        sizes.append(len(batch))
        return [item * 10 for item in batch]

    with closing(prepare_ahead(lambda item: item + 1, range(count), batch_size)) as items:
        found = list(run_in_batches(run, items, count, batch_size))
    assert found == [10 * n + 10 for n in range(count)]
    assert sum(sizes) == count
    assert max(sizes, default=0) <= batch_size
    assert not threads()


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_so_many_are_prepared_ahead_and_no_more(ahead):
    made = []
    with closing(prepare_ahead(made.append, range(20), ahead)) as prepared:
        for taken in range(1, 6):
            next(prepared)
            deadline = time.monotonic() + 5
            while len(made) < taken + ahead and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(0.01)
            assert len(made) == taken + ahead
    assert not threads()


def test_an_error_comes_when_its_item_is_due():
    def prepare(item):
        if item == 2:
            raise ValueError("item 2")
        return item

    prepared = prepare_ahead(prepare, range(5), ahead=4)
    assert [next(prepared), next(prepared)] == [0, 1]
    with pytest.raises(ValueError, match="item 2"):
        next(prepared)
    assert not threads()


def test_a_run_that_is_ended_leaves_no_thread():
    def stop(done, total):
        raise KeyboardInterrupt

    made = []
    with (
        pytest.raises(KeyboardInterrupt),
        closing(prepare_ahead(made.append, range(1000), ahead=2)) as prepared,
    ):
        list(run_in_batches(lambda batch: batch, prepared, 1000, 1, stop))
    assert not threads()
    assert len(made) <= 4
