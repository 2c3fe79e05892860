"""From articles to distinct texts, as arrays of tokens, flags and shingles."""
