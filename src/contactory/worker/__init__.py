"""Floor 4: what runs for long beside the calls."""
