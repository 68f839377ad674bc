"""The Sapiens networks and the way from a picture to poses. Knows nothing of ComfyUI."""
