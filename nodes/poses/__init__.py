"""Nodes that take poses and give poses: selected, tracked, smoothed, retargeted, edited."""
