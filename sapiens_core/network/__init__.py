"""The Sapiens and Sapiens2 networks."""
