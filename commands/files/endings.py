"""Which files are read: one table of endings for the search of folders, the help and the pages."""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec

log = logging.getLogger(__name__)

HEIF_ADVICE = "HEIC and HEIF need a package: pip install pillow-heif"
AVIF_ADVICE = "AVIF needs Pillow 11.3 or newer: pip install -U pillow"
FILM_ADVICE = "EXR, HDR and DPX need PyAV: pip install av"
FILM_SUFFIXES = frozenset({".exr", ".hdr", ".dpx"})
"""Endings of images that PyAV reads, and Pillow does not."""


@dataclass(frozen=True)
class EndingGroup:
    """Endings of one kind.

    Attributes:
        kind: ``image`` or ``video``.
        endings: in small letters, with their dot.
        formats: Pillow's names of what such files hold; empty for those that PyAV reads.
        note: what their owner should know, for the pages.
        in_folders: whether folders are searched for them; others are read if they are named.
        by_content: whether files of any ending are tried as these formats. Not for those that have
            no mark at their start, or that nobody gives a wrong ending.
    """

    kind: str
    endings: tuple[str, ...]
    formats: tuple[str, ...] = ()
    note: str = ""
    in_folders: bool = True
    by_content: bool = True


def _images(endings: str, formats: str, note: str = "", *, by_content: bool = True) -> EndingGroup:
    return EndingGroup(
        "image", tuple(endings.split()), tuple(formats.split()), note, by_content=by_content
    )


def _videos(endings: str, note: str) -> EndingGroup:
    return EndingGroup("video", tuple(endings.split()), note=note)


_ANIMATED = "an animated one is a clip"

GROUPS = (
    _images(".jpg .jpeg .jpe .jfif .mpo", "JPEG MPO", "of an MPO the first image"),
    _images(".png .apng", "PNG", _ANIMATED),
    _images(".webp", "WEBP", _ANIMATED),
    _images(".gif", "GIF", _ANIMATED),
    _images(".tif .tiff", "TIFF", "the first page"),
    _images(".bmp .dib", "BMP DIB"),
    _images(".avif .avifs", "AVIF", f"needs Pillow 11.3 or newer; {_ANIMATED}"),
    _images(".heic .heif .hif", "HEIF", "needs `pip install pillow-heif`"),
    _images(".jp2 .j2k .j2c .jpc .jpf .jpx", "JPEG2000", "JPEG 2000"),
    _images(".pbm .pgm .ppm .pnm .pfm", "PPM", "Netpbm"),
    _images(".tga .icb .vda .vst", "TGA", "Targa", by_content=False),
    _images(".pcx", "PCX", by_content=False),
    _images(".qoi", "QOI", by_content=False),
    _images(".sgi .rgb .rgba .bw", "SGI", by_content=False),
    _images(".ras", "SUN", by_content=False),
    _images(".exr .hdr .dpx", "", "film; needs PyAV; linear light is shown as sRGB"),
    EndingGroup(
        "image",
        (".psd", ".ico", ".icns", ".cur", ".dds", ".xbm", ".xpm"),
        ("PSD", "ICO", "ICNS", "CUR", "DDS", "XBM", "XPM"),
        "only if you name them: working files, icons and textures are left out of folders",
        in_folders=False,
        by_content=False,
    ),
    _videos(".mp4 .m4v .mov .qt .3gp .3g2 .f4v .insv", "MP4 and QuickTime"),
    _videos(".mkv .webm", "Matroska"),
    _videos(".avi .divx", "AVI"),
    _videos(".ts .mts .m2ts .m2t", "MPEG transport streams of cameras and TV"),
    _videos(".mpg .mpeg .mpe .m2v .vob .tod", "MPEG and DVD"),
    _videos(".wmv .asf", "Windows Media"),
    _videos(".flv .ogv .ogm .rm .rmvb .amv", "Flash, Ogg, RealMedia, players"),
    _videos(".mxf .gxf .dv .nut .y4m .wtv", "editing and broadcast"),
    _videos(".h264 .264 .h265 .265 .hevc .ivf .obu .mjpeg .mjpg", "streams without container"),
    _videos(".flc .fli", "Autodesk animations"),
)
"""Pillow's formats that are not here run other programs (EPS, PDF, WMF), or hold no photographs."""

IMAGE_SUFFIXES = frozenset(
    ending for group in GROUPS if group.kind == "image" for ending in group.endings
)
VIDEO_SUFFIXES = frozenset(
    ending for group in GROUPS if group.kind == "video" for ending in group.endings
)
SEARCHED_SUFFIXES = frozenset(
    ending for group in GROUPS if group.in_folders for ending in group.endings
)
ALWAYS_CLIP_SUFFIXES = frozenset({".gif", ".apng", ".avifs"})
"""Endings of images of which nearly all are animated."""
ANIMATED_SUFFIXES = ALWAYS_CLIP_SUFFIXES | {".png", ".webp", ".avif"}
"""Endings of images of which some are animated."""

_HIDDEN_NAMES = frozenset({"thumbs.db", "desktop.ini"})
"""Files that Windows makes and does not show."""
_MAX_KINDS_NAMED = 8
"""Maximum number of endings that the message names: more do not fit into one line."""


def suffix_of(name: str) -> str:
    """The ending of a file name, in small letters, with its dot; empty if there is none."""
    return os.path.splitext(name)[1].lower()


def find_missing_package(suffix: str) -> str:
    """What to install so that files of an ending can be read here; empty if they can."""
    if suffix in (".heic", ".heif", ".hif") and not _is_installed("pillow_heif"):
        return HEIF_ADVICE
    if suffix in (".avif", ".avifs"):
        from PIL import features

        # Pillow before 11.3 warns that it does not know the name.
        if "avif" not in features.modules or not features.check("avif"):
            return AVIF_ADVICE
    if suffix in FILM_SUFFIXES and not _is_installed("av"):
        return FILM_ADVICE
    return ""


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ValueError:  # what other programs put in a module's place
        return False


def is_searched_for(name: str) -> bool:
    """Whether a file of a folder is an image or video, by its name, that can be read here."""
    suffix = suffix_of(name)
    return suffix in SEARCHED_SUFFIXES and not find_missing_package(suffix)


def describe_endings(kind: str) -> str:
    """The endings of images or videos that folders are searched for, for the help."""
    groups = [group for group in GROUPS if group.kind == kind and group.in_folders]
    return " ".join(ending.lstrip(".") for group in groups for ending in group.endings)


class LeftOut:
    """Counts what folders and patterns hold that is not looked at.

    Hidden files are not counted: names that begin with a dot, and two that Windows makes.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._num_folders = 0

    def add(self, name: str) -> None:
        """Counts a file."""
        if not name.startswith(".") and name.lower() not in _HIDDEN_NAMES:
            self._counts[suffix_of(name)] += 1

    def add_folder(self) -> None:
        """Counts a folder that is not searched."""
        self._num_folders += 1

    def include(self, other: LeftOut) -> None:
        """Adds what another search left out."""
        self._counts += other._counts
        self._num_folders += other._num_folders

    def describe(self) -> str:
        """Such as "11 .heic, 1 .psd"; empty if nothing is left out."""
        kinds = sorted(self._counts.items(), key=lambda kind: (-kind[1], kind[0]))
        named = [f"{count:,} {suffix or 'without ending'}" for suffix, count in kinds]
        if len(kinds) > _MAX_KINDS_NAMED:
            rest = sum(count for _, count in kinds[_MAX_KINDS_NAMED:])
            named = [*named[:_MAX_KINDS_NAMED], f"{rest:,} of other kinds"]
        if self._num_folders:
            folders = "folder" if self._num_folders == 1 else "folders"
            named.append(f"{self._num_folders:,} {folders} (--recursive searches them)")
        return ", ".join(named)

    def tell(self) -> None:
        """Logs what is left out, if anything is."""
        if text := self.describe():
            log.info("%s", " ".join(filter(None, [f"Left out: {text}.", self.advise()])))

    def advise(self) -> str:
        """What to install so that less is left out; empty if nothing would help."""
        needs = {find_missing_package(suffix) for suffix in self._counts}
        return " ".join(f"{advice}." for advice in sorted(filter(None, needs)))


def nothing_found(what: str, left_out: LeftOut) -> ValueError:
    """The error where there is no image or video, which names what there is."""
    there = left_out.describe()
    sentences = [f"{what}.", f"It has {there}." if there else "", left_out.advise()]
    return ValueError(" ".join(filter(None, sentences)))
