"""Floor 1: what a contact is and which rules hold for it. No I/O."""
