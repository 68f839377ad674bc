"""What was found once and is kept, so that it is not computed again."""
