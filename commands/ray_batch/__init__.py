"""A run of ``batch`` on a cluster of Ray."""
