"""The test bench itself, with nothing but ComfyUI's own nodes."""

LOAD_AND_SHOW = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "000000000785.jpg"}},
    "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
}


def test_a_graph_runs_and_is_served_from_the_cache_the_second_time(comfyui):
    executor = comfyui.executor()
    first = comfyui.run(LOAD_AND_SHOW, executor)
    assert first.success
    assert first.executed == ["1", "2"]
    assert comfyui.pictures(first.outputs["2"])[0].shape == (425, 640, 3)
    second = comfyui.run(LOAD_AND_SHOW, executor)
    assert second.success
    assert second.executed == []


def test_what_is_wrong_with_a_graph_is_told(comfyui):
    graph = {**LOAD_AND_SHOW, "1": {"class_type": "LoadImage", "inputs": {"image": "none.jpg"}}}
    run = comfyui.run(graph)
    assert not run.success
    assert list(run.node_errors) == ["1"]


def test_the_server_runs_a_graph(server):
    run = server.run(LOAD_AND_SHOW)
    assert run.success
    assert run.outputs["2"]["images"][0]["type"] == "temp"
