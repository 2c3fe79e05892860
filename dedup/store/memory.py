"""What an index does so that the memory of its process stays small."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def trim() -> None:
    """Give freed memory back to the system where the C library (glibc) would keep it.

    A bulk load frees arrays of megabytes from several threads, each of which has a heap of its own:
    at a million paragraphs that is 70 MB less. It takes 3 ms.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
