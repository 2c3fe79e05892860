"""Run small tests with the kernels as Python, so that coverage counts their lines.

python tools/uncompiled.py
"""

from __future__ import annotations

import os
import sys

import pytest
from thresholds import ROOT

TESTS = (
    "test_*_limits.py",
    "test_cluster.py",
    "test_scopes.py",
    "test_shingle.py",
    "test_token_flags.py",
)
"""Files of which the kernels are not too slow as Python."""

LARGE = "thousands or proportion or linear or cost"
"""Words in the names of tests that are too large for that."""

if __name__ == "__main__":
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # read when numba is imported
    files = [str(path) for name in TESTS for path in sorted((ROOT / "tests").rglob(name))]
    # What wraps round in a compiled kernel wraps round here too, with a warning.
    options = ["-q", "-k", f"not ({LARGE})", "-W", "ignore:overflow:RuntimeWarning"]
    sys.exit(pytest.main([*options, *files]))
