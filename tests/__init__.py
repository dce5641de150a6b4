"""The tests of contactory."""
