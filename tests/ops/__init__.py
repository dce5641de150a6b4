"""Operations, each on a real store in a file."""
