"""Reading the pose files of other programs: what a document holds, and the poses made of it."""
