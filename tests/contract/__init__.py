"""What the wire, the tables and the files promise."""
