"""Clips of this package's own formats: reading and writing them frame by frame."""
