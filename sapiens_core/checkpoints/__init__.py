"""Weights: which are published, where they lie, how they are fetched and read."""
