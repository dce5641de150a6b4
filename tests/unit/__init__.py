"""Rules without I/O: one file of tests a module."""
