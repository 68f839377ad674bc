"""A run of ``estimate`` on one machine: plan, chunks, workers, resuming, results."""
