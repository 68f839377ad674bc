"""Values that nodes of ComfyUI and of other packs hand on: read, and written for them."""
