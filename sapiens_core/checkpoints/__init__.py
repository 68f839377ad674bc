"""Checkpoints: the table of official files, and how they are downloaded and read."""
