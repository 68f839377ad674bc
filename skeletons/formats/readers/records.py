"""What readers find in a document, before units, joints and canvas are decided for the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...foundation.limits import MAX_FRAMES, MAX_PEOPLE, check_count
from ...pose import Array, Frame, Pose

BODY = "body"
FACE = "face"
LEFT_HAND = "left_hand"
RIGHT_HAND = "right_hand"
FEET = "feet"
NATIVE = "native"
"""The network's own keypoints, and no others."""


@dataclass(slots=True)
class FoundPerson:
    """One person, in the numbers of the file.

    Attributes:
        where: the person's place in the file, for messages.
        parts: (N, 3) x, y, score of each body part that the file has, by the names above; zeros for
            a keypoint that was not found.
        keys: the key of each part in the file, for messages.
        names: the joints of ``parts[BODY]`` if the file names them, else None: their number and
            position tell.
        box_xyxy: left, top, right, bottom in the same unit as the parts, or None.
        box_score: confidence of the box.
        person_id: the person's number in all frames, or None.
        prefers_openpose: whether a body is read as OPENPOSE_136 rather than as a set of its own.
    """

    where: str
    parts: dict[str, Array] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] | None = None
    box_xyxy: Array | None = None
    box_score: Any = 1.0
    person_id: int | None = None
    prefers_openpose: bool = False


@dataclass(slots=True)
class FoundFrame:
    """One frame, in the numbers of the file.

    Attributes:
        where: the frame's place in the file, for messages.
        people: whom the file has in it.
        canvas_wh: width and height of its image in pixels, or None.
        name: the name of its image or pose, or None.
        frame: the frame itself, where the file holds the complete poses of this package.
        is_matching: whether these are under the key ``sapiens``, beside people who are the same.
        stored: the complete poses under that key, if they are not ``frame``; see ``edited_files``.
        units: the unit of the coordinates, if the file says so.
        num_animals: how many animals the frame has, which are not read.
        is_exact: whether this package wrote the numbers: pixels, and none stands for a missing one.
    """

    where: str
    people: list[FoundPerson] = field(default_factory=list)
    canvas_wh: tuple[int, int] | None = None
    name: str | None = None
    frame: Frame | None = None
    is_matching: bool = False
    stored: tuple[Pose, ...] = ()
    units: str | None = None
    num_animals: int = 0
    is_exact: bool = False


@dataclass
class Count:
    """How much of a document was found so far; each is counted before it is read.

    Attributes:
        frames, people: their numbers.
    """

    frames: int = 0
    people: int = 0

    def add_frames(self, number: int) -> None:
        """Raises ValueError if there are more than ``MAX_FRAMES`` then."""
        self.frames += number
        check_count(self.frames, MAX_FRAMES, "frames")

    def add_people(self, number: int) -> None:
        """Raises ValueError if there are more than ``MAX_PEOPLE`` then."""
        self.people += number
        check_count(self.people, MAX_PEOPLE, "people")
