"""What the nodes ask of ComfyUI: model folders, memory, progress, names of outputs."""
