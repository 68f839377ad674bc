"""What travels between nodes, and its translation to and from our values."""
