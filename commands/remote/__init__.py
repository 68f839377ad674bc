"""Servers that misbehave: what their answers mean, and how long to wait for them."""
