"""Where the people of an image are: boxes, masks, and the detector."""
