"""What a pose is, and every format and drawing of it. Needs numpy and OpenCV only."""
