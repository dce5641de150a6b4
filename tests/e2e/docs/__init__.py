"""What the documents show is true: they are run."""
