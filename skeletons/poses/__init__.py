"""What is done to the poses of a frame: select, merge doubles, hide parts, cut parts out."""
