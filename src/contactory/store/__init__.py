"""Floor 2: all SQL and all drivers."""
