"""A motion in the proportions of another body."""
