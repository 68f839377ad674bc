"""The ComfyUI nodes: thin wrappers that unpack sockets, call the core and pack the answer."""
