"""What is kept of the images of a clip: enough to see cuts and the way of the camera."""

from __future__ import annotations

from dataclasses import dataclass

from ....skeletons.foundation.arrays import Image
from .camera import Grey, make_grey
from .cuts import Thumbnail, make_thumbnail


@dataclass(frozen=True, eq=False)
class SmallImage:
    """An image in two small sizes, 22 kB at most.

    Attributes:
        thumbnail: in colours, for cuts.
        grey: in its proportions, for the camera.
    """

    thumbnail: Thumbnail
    grey: Grey

    @classmethod
    def of(cls, image_rgb: Image) -> SmallImage:
        """Of an image, (H, W, 3) uint8 RGB."""
        return cls(make_thumbnail(image_rgb), make_grey(image_rgb))
