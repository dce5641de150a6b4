"""The command line: every command, settings, and the life of a server."""
