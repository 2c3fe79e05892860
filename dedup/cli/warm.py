"""The command `dedup warm`: every kernel compiled before it is needed, for images and executors."""

from __future__ import annotations

import click


@click.command()
def warm() -> None:
    """Compile all kernels, and say where they are kept.

    Later runs start at once. They find the kernels in the folder that DEDUP_CACHE_DIR names, else
    in the user's own cache folder.

    \b
    Examples:
      dedup warm                                 once in an image, or on a new machine
      DEDUP_CACHE_DIR=/opt/kernels dedup warm    for users that cannot write anywhere
    """  # noqa: D301  # click reads the backspace
    import dedup.index.settle
    import dedup.storage.postings.lsm  # noqa: F401 - both for the kernels that they import
    from dedup._jit import cache
    from dedup._jit.kernels import KERNELS, compile_missing

    folder = cache.lasting()
    compiled = compile_missing()
    click.echo(f"{len(KERNELS)} kernels, {compiled} compiled now, kept in {folder}")
