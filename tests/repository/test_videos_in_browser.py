"""What is written plays in a real Chromium, from the first frame to the last."""

import json
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import numpy as np
import pytest
from chromium import find_browser
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from comfyui_sapiens_pose.commands.videos.video_writer import VideoWriter
from helpers.clips import pan, write_clip

BROWSER = find_browser() or ""
PAGE = """<!doctype html><video muted src="out.mp4"></video><script>
const video = document.querySelector("video"), times = [];
const tell = error => fetch("told", {method: "POST", body: JSON.stringify({error, times,
    duration: video.duration, width: video.videoWidth, height: video.videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames})});
video.ontimeupdate = () => times.push(video.currentTime);
video.onended = () => tell(null);
video.onerror = () => tell(video.error.message);
video.play().catch(error => tell(String(error)));
</script>"""
UNEVEN_MS = np.cumsum(np.random.default_rng(0).integers(20, 120, 20)).tolist()


@pytest.fixture
def play(tmp_path):
    """Plays ``out.mp4`` in the browser; what the page says of it."""
    told: Queue = Queue()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(tmp_path))

        def do_POST(self):
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    (tmp_path / "page.html").write_text(PAGE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def run():
        address = f"http://127.0.0.1:{server.server_port}/page.html"
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        arguments += ["--autoplay-policy=no-user-gesture-required", "--disable-sync"]
        arguments += ["--disable-background-networking", "--disable-component-update"]
        arguments += [f"--user-data-dir={tmp_path / 'profile'}", address]
        browser = subprocess.Popen(
            [BROWSER, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            return told.get(timeout=120)
        finally:
            browser.terminate()
            browser.wait()

    yield run
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium")
@pytest.mark.exhaustive
def test_a_video_plays_to_its_end(tmp_path, play):
    """With sound, frames at uneven times, and sides that were odd."""
    source = tmp_path / "in.mkv"
    options = {"codec": "ffv1", "pixels": "bgr0", "times_ms": UNEVEN_MS, "sound": True}
    info = read_info(write_clip(source, 20, (321, 241), draw=pan, **options))
    with (
        VideoReader(source) as reader,
        VideoWriter(tmp_path / "out.mp4", info, with_audio=True) as writer,
    ):
        for frame in info.frames():
            writer.write(frame, reader.read(frame))
    told = play()
    assert told["error"] is None
    assert (told["width"], told["height"]) == (322, 242)
    assert told["duration"] == pytest.approx((UNEVEN_MS[-1] - UNEVEN_MS[0]) / 1000, abs=0.2)
    assert told["times"][-1] == pytest.approx(told["duration"], abs=0.1)
    assert told["times"] == sorted(told["times"])
    assert told["frames"] >= 10
