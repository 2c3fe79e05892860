"""The process that an executor forks its workers from: it has loaded all kernels, once for all.

Spark starts it in place of its own (`spark.python.daemon.module`).
"""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module

from dedup._jit.kernels import KERNELS


def prepare() -> None:
    """Import what workers run, and load the kernels that are kept on this machine.

    Nothing is compiled here, and what goes wrong is left to the workers, whom the driver hears.
    """
    with suppress(Exception):
        for name in ("dedup.engines.spark", "scipy.sparse.csgraph"):
            import_module(name)
        for kernel in KERNELS:
            if not kernel.missing():
                kernel.ready()
    gc.freeze()  # a worker that looked through all this for garbage would make it its own


def main() -> None:
    """Prepare, and start workers as Spark asks for them."""
    from pyspark.daemon import manager

    prepare()
    manager()


if __name__ == "__main__":
    main()
