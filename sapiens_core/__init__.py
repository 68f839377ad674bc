"""The Sapiens networks and the way from an image to poses. Knows nothing of ComfyUI."""
