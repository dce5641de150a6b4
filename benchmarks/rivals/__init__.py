"""Other servers that keep contacts, to compare with; each is installed and started here."""
