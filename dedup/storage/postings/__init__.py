"""Postings on disk: an LSM tree of sealed, sorted files, rebuilt from the log when damaged."""
