"""Edits of poses as data: read, matched to people, and applied; dragging is the page's affair."""
