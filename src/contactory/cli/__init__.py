"""Floor 5: the terminal. It composes the rest, and alone reads the environment and settings."""
