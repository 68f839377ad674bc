"""Checks of weights and accuracy: ``sapiens-pose check`` and ``sapiens-pose evaluate``."""
