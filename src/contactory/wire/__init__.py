"""Floor 2: names and shapes of other dialects."""
