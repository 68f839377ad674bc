"""People over the frames of a clip: who is who, and steadier keypoints."""
