"""Floor 3: what the product can do. This is the library API."""
