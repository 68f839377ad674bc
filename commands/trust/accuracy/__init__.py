"""Accuracy on annotated images: the truth, the people found, their average precision."""
