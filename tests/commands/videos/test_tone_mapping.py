"""HDR is shown as FFmpeg's `zscale` and `tonemap` show it; all else as before."""

from fractions import Fraction

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos import tone_mapping
from helpers.clips import read_images
from helpers.ffmpeg_images import ffmpeg_images

SIDE = 32
PATCHES = {
    "black": (64, 512, 512),
    "shadow": (200, 512, 512),
    "grey": (400, 512, 512),
    "white of SDR": (573, 512, 512),
    "light": (700, 512, 512),
    "brightest": (940, 512, 512),
    "skin": (480, 470, 570),
    "red": (350, 470, 700),
    "green": (450, 400, 400),
    "blue": (250, 700, 480),
    "bright yellow": (650, 300, 560),
}
"""Y, U and V of 10 bits, one patch beside the other."""

# What FFmpeg 9.0.2 shows, by the filters that the module's docstring gives.
SHOWN = {
    "PQ": {
        "black": (0, 0, 0),
        "shadow": (27, 27, 27),
        "grey": (99, 99, 99),
        "white of SDR": (194, 194, 194),
        "light": (249, 249, 249),
        "brightest": (255, 255, 255),
        "skin": (208, 90, 74),
        "red": (238, 0, 0),
        "green": (0, 176, 0),
        "blue": (0, 13, 211),
        "bright yellow": (255, 168, 0),
    },
    "HLG": {
        "black": (0, 0, 0),
        "shadow": (41, 41, 41),
        "grey": (98, 98, 98),
        "white of SDR": (144, 144, 144),
        "light": (186, 186, 186),
        "brightest": (255, 255, 255),
        "skin": (150, 105, 94),
        "red": (172, 0, 57),
        "green": (0, 134, 40),
        "blue": (0, 50, 137),
        "bright yellow": (201, 155, 0),
    },
}
TRANSFERS = {"PQ": 16, "HLG": 18}
SDR = {"BT.709": 1, "not said": 2, "BT.601": 6, "BT.2020 of 10 bits": 14}


def write_patches(path, transfer, primaries=9, matrix=9):
    """A lossless clip of one frame, with a patch beside the other."""
    count = len(PATCHES)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = SIDE * count, SIDE, "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries = transfer, primaries
        context.colorspace, context.color_range = matrix, 1
        frame = av.VideoFrame(SIDE * count, SIDE, "yuv420p10le")
        for index, plane in enumerate(frame.planes):
            row = np.repeat([patch[index] for patch in PATCHES.values()], plane.width // count)
            rows = np.zeros((plane.height, plane.line_size // 2), "<u2")
            rows[:, : plane.width] = row
            plane.update(rows.tobytes())
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        container.mux([*stream.encode(frame), *stream.encode()])
    return path


def patch_colours(image):
    """The colour in the middle of each patch."""
    middles = image[SIDE // 2, SIDE // 2 :: SIDE].tolist()
    return dict(zip(PATCHES, map(tuple, middles), strict=True))


@pytest.mark.parametrize("name", SHOWN)
def test_hdr_is_shown_as_by_ffmpeg(tmp_path, name):
    (image,) = read_images(write_patches(tmp_path / "a.mkv", TRANSFERS[name]))
    for patch, colour in patch_colours(image).items():
        # FFmpeg converts to floats; PyAV, to 16 bits.
        assert colour == pytest.approx(SHOWN[name][patch], abs=2), patch


@pytest.mark.parametrize("name", SDR)
def test_what_is_no_hdr_is_not_mapped(tmp_path, name):
    path = write_patches(tmp_path / "a.mkv", SDR[name])
    (image,), (expected,) = read_images(path), ffmpeg_images(path)
    assert np.array_equal(image, expected)
    assert patch_colours(image)["grey"] == (96, 96, 96)


def test_a_frame_is_mapped_alike_in_one_go_or_in_rows(tmp_path, monkeypatch):
    path = write_patches(tmp_path / "a.mkv", TRANSFERS["HLG"])
    (whole,) = read_images(path)
    monkeypatch.setattr(tone_mapping, "MAX_PIXELS_AT_ONCE", 5 * SIDE * len(PATCHES))
    (in_rows,) = read_images(path)
    assert np.array_equal(whole, in_rows)


def test_brighter_light_never_gets_darker():
    light = np.linspace(0, 100, 500, dtype=np.float32)[None, :, None].repeat(3, axis=2)
    shown = tone_mapping._show(light)[0, :, 0].astype(int)
    assert (np.diff(shown) >= 0).all()
    assert (shown[0], shown[-1]) == (0, 255)
