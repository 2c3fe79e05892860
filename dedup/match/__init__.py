"""From distinct texts to matches, each of a kind, and to clusters with a canonical version."""
