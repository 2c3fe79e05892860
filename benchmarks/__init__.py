"""Benchmarks of dedup beside what else a user would pick.

`pytest benchmarks` checks everything at small size, and with `--benchmark-enable` times it;
`python -m benchmarks` measures at full size, one process a run, and writes `benchmarks/RESULTS.md`.
Real text comes from the folder that the environment variable DEDUP_CORPORA names.
"""
