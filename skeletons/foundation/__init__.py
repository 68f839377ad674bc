"""What everything else stands on: checks, limits, safe names and JSON. Knows nothing of poses."""
