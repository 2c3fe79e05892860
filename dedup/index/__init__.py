"""The persistent index: what was seen before, where, and whose it is."""
