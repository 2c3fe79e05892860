"""A worker process: reads pages from its standard input, writes their fields to standard output.

Both ways a message is a line of JSON; after that of a page comes the page itself, `size` bytes.
Not pickle, because a page may make the parser do what it should not.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from dedup.readers import pdf
from dedup.readers.page import fields

MEMORY = 2 * 2**30
"""Bytes of memory that a worker may take (2 GiB), where the system can hold it to that."""
_AFTER = 2000
"""Pages after which trafilatura's caches are emptied, as its documentation asks of long runs."""


def main() -> None:
    """Serve until there is nothing more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it, when it has ended itself
    logging.disable()
    _bounded()
    pages = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever else is printed is no answer
        for number, line in enumerate(pages, 1):
            asked = json.loads(line)
            data = pages.read(asked["size"])
            read = partial(fields, data, asked["encoding"], asked["url"])
            answer = _answer(partial(pdf.fields, data) if asked["kind"] == "pdf" else read)
            answers.write(json.dumps(answer).encode("ascii") + b"\n")
            answers.flush()
            if number % _AFTER == 0:
                _forget()


def _answer(read: Callable[[], dict[str, str]]) -> dict[str, str]:
    try:
        return read()
    except MemoryError:
        return {"failed": f"extraction takes more than {MEMORY >> 30} GiB of memory"}
    except Exception as error:  # whatever a page does to a library, the run goes on
        return {"failed": f"extraction failed ({type(error).__name__}: {str(error)[:200]})"}


def _bounded() -> None:
    if sys.platform != "win32":
        with suppress(ImportError, OSError, ValueError):  # macOS has the limit and may refuse it
            import resource

            most = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))


def _forget() -> None:
    from trafilatura.meta import reset_caches

    reset_caches()
