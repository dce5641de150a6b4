"""Floor 3: the library's calls, made over HTTP to a server elsewhere."""
