"""Command lines of the miniature, which is tried on images of one person: nobody is detected."""

ESTIMATE = ("estimate", "--detector=whole")
BATCH = ("batch", "--detector=whole")
