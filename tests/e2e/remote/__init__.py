"""The remote client and the blocking bridge, against real servers."""
