"""File formats of poses: one module a format, and ``table``, which lists them."""
