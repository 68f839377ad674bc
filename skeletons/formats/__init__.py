"""File formats of poses: one module per format, and ``table``, which lists them."""
