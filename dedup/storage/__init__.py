"""Where an index keeps what it knows: a folder of its own, or Redis."""
