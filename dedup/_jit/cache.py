"""Where machine code is kept from one run to the next: a file a kernel, named by its fingerprint.

The file of a kernel is looked for in the folders that `places` names and written to the first of
them that can be written. Where none can, kernels are kept in a temporary folder of the process,
and one line on the log `dedup` says what to set. A file is written beside its place and moved
there, so that processes which compile the same kernel at once do no harm; those that compile many
do it in turns. A file is named by all that it depends on, so none is ever out of date.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import logging
import os
import pickle
import shutil
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from dedup.errors import OutputError
from dedup.portable import Held, Lock

Value = TypeVar("Value")

VERSIONS = 3
"""Files kept of one kernel, and folders of one set of libraries; higher takes more disk (a set of
kernels is about 3 MB) and lets more versions of dedup share a folder without compiling anew."""

TURN = 60.0
"""Seconds that a process waits at most while another one compiles the same kernel, which takes some
3. Higher waits longer for one that was stopped in the middle of it."""

_FORMAT = 3  # of what is kept of a kernel: another number lets older files be
_FILE = ".kernel"
_IRRELEVANT = {"NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS"}


def places() -> list[Path]:
    """Return the folders that may hold kernels, the first choice first.

    `DEDUP_CACHE_DIR` is the only one where it is set. Otherwise they are `NUMBA_CACHE_DIR`, where
    that is set, and the user's own folder for such files.
    """
    if chosen := os.environ.get("DEDUP_CACHE_DIR"):
        return [Path(chosen).absolute()]
    found = []
    if numbas := os.environ.get("NUMBA_CACHE_DIR"):
        found.append(Path(numbas).absolute() / "dedup")
    variable, below = (
        ("LOCALAPPDATA", "~/AppData/Local") if os.name == "nt" else ("XDG_CACHE_HOME", "~/.cache")
    )
    user = Path(os.path.expanduser(os.environ.get(variable) or below))  # noqa: PTH111 - may stay ~
    if user.is_absolute():  # where nobody knows a home, the ~ is left
        found.append(user / "dedup")
    return found


def writable() -> Path:
    """Return the folder that kernels are written to; it exists.

    Raises `OSError` where not even a temporary folder can be made.
    """
    return _writable(tuple(places()))


def lasting() -> Path:
    """Return the folder that kernels are written to, which the next run finds too.

    Raises `OutputError` where only a temporary one could be made.
    """
    folder = writable()
    if folder.parent in places():
        return folder
    raise OutputError(
        f"nothing can be written to {' or '.join(map(str, places())) or 'a home folder'}: "
        "set DEDUP_CACHE_DIR to a folder that can be written"
    )


@cache
def _writable(candidates: tuple[Path, ...]) -> Path:
    found = _first(candidates, _name())
    if found is None:
        _tell(candidates)
        return _temporary() / _name()
    return found


@cache
def _first(candidates: tuple[Path, ...], name: str) -> Path | None:
    """Return the folder of a name in the first place that can be written; None: in none."""
    for place in candidates:
        folder = place / name
        try:
            made = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        if made:
            for old in _newest(place.glob(f"{name.partition('-')[0]}-*"))[VERSIONS:]:
                shutil.rmtree(old, ignore_errors=True)
        return folder
    return None


@cache
def _tell(candidates: tuple[Path, ...]) -> None:
    tried = ", ".join(map(str, candidates)) or "no home folder"
    logging.getLogger("dedup").warning(
        "dedup: compiled kernels are kept for this run only, since nothing can be written to %s; "
        "set DEDUP_CACHE_DIR to a folder that can be written, to start faster",
        tried,
    )


@cache
def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="dedup-"))
    process = os.getpid()

    def remove() -> None:
        if os.getpid() == process:  # not in a fork
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    (folder / _name()).mkdir()
    return folder


@cache
def _name() -> str:
    """Return the name of the folder for this Python, processor and set of libraries."""
    import llvmlite
    import numba
    import numpy as np
    from numba.core.registry import cpu_target

    options = sorted(
        item
        for item in os.environ.items()
        if item[0][:6] == "NUMBA_" and item[0] not in _IRRELEVANT
    )
    processor = cpu_target.target_context.codegen().magic_tuple()
    versions = (numba.__version__, llvmlite.__version__, np.__version__)
    told = repr((_FORMAT, sys.version, sys.platform, processor, versions, options))
    digest = hashlib.blake2b(told.encode(), digest_size=6).hexdigest()
    return f"kernels-{sys.implementation.cache_tag}-{digest}"


def _newest(paths: Iterator[Path]) -> list[Path]:
    """Return paths, the one changed last first; those that went away meanwhile last."""

    def changed(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except OSError:
            return 0

    return sorted(paths, key=changed, reverse=True)


class _File(ABC):
    """A file that stands in a folder of one of the places, or nowhere yet.

    `name` is that of what it holds with its module, `fingerprint` tells one version from another.
    """

    def __init__(self, name: str, fingerprint: str) -> None:
        self._prefix = f"{name}-"
        self._file = f"{name}-{fingerprint}{_FILE}"

    @abstractmethod
    def _folders(self) -> Iterator[Path]:
        """Yield the folders that may hold it."""

    @abstractmethod
    def _folder(self) -> Path | None:
        """Return the folder that it is written to, if there is one."""

    def stands(self) -> bool:
        """Tell whether the file is there; it is not where nobody may look."""
        for folder in self._folders():
            with contextlib.suppress(OSError):
                if (folder / self._file).exists():
                    return True
        return False

    def read(self, understood: Callable[[bytes], Value]) -> Value | None:
        """Return what the file means; None where there is none. A damaged one is removed."""
        for folder in self._folders():
            file = folder / self._file
            with contextlib.suppress(OSError):
                try:
                    return understood(file.read_bytes())
                except OSError:
                    raise
                except Exception:  # what a damaged pickle may raise: anything
                    file.unlink()
        return None

    def write(self, content: bytes) -> None:
        """Keep the file, where the disk lets it."""
        with contextlib.suppress(OSError):
            if folder := self._folder():
                self._write(content, folder)

    def _write(self, content: bytes, folder: Path) -> None:
        with tempfile.NamedTemporaryFile(prefix=self._file, dir=folder, delete=False) as stream:
            draft = Path(stream.name)
            try:
                stream.write(content)
                stream.close()
                draft.chmod(0o644)  # one user compiles for others
                draft.replace(folder / self._file)
            except BaseException:
                draft.unlink()
                raise
        for old in _newest(folder.glob(f"{self._prefix}*{_FILE}"))[VERSIONS:]:
            old.unlink(missing_ok=True)


class Kept(_File):
    """The machine code of one kernel on disk: what numba asks a dispatcher's cache for.

    The fingerprint is as `dedup._jit.code_digest` makes it, of the signature too: one file holds
    one signature.
    """

    @property
    def cache_path(self) -> str:
        """The folder that numba names in its statistics."""
        return str(writable())

    def load_overload(self, _signature: object, target: Any) -> Any:
        """Return the compiled kernel, or None where it is not kept or its file is damaged.

        Of numba no more is imported for it than what runs it: what compiles it takes as long.
        """
        from numba.core.compiler import CompileResult
        from numba.core.runtime.nrt import rtsys

        rebuild: Callable[..., Any] = CompileResult._rebuild

        def understood(content: bytes) -> Any:
            rtsys.initialize(target)
            return rebuild(target, *pickle.loads(content))

        return self.read(understood)

    def save_overload(self, _signature: object, compiled: Any) -> None:
        """Keep a compiled kernel; where the disk refuses, it serves this process only."""
        from numba.core import serialize

        dumps: Callable[[object], bytes] = serialize.dumps
        if compiled.library.has_dynamic_globals:  # as numba: addresses of this process
            return
        self.write(dumps(_needed(compiled._reduce())))

    @contextlib.contextmanager
    def in_turn(self) -> Iterator[None]:
        """Wait while another process compiles this kernel: it need not be compiled twice.

        Nobody waits where nothing can be locked, nor longer than `TURN` seconds.
        """
        lock = None
        with contextlib.suppress(OSError, Held):
            lock = Lock(writable() / f"{self._file}.lock", TURN)
        try:
            yield
        finally:
            if lock is not None:
                lock.release(remove=True)

    def _folders(self) -> Iterator[Path]:
        for place in places():
            yield place / _name()
        if _temporary.cache_info().currsize:
            yield _temporary() / _name()

    def _folder(self) -> Path | None:
        return writable()


class _Table(_File):
    """A table on disk. It does not depend on numba, and one that is not kept is no loss."""

    def _folders(self) -> Iterator[Path]:
        for place in places():
            yield place / f"tables-{sys.implementation.cache_tag}"

    def _folder(self) -> Path | None:
        return _first(tuple(places()), f"tables-{sys.implementation.cache_tag}")


def _needed(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave out of a compiled kernel what takes time to load and serves to compile others.

    That is its code for linking, of which only the names are left by which it is called, as no
    kernel calls another; and what numba's own functions would need to make objects of Python, where
    they make none.
    """
    library, described, *others, environments = parts
    match library:
        case (str(name), "object", (code, bytes())):
            called = (described.llvm_func_name, described.llvm_cpython_wrapper_name)
            library = (name, "object", (code, _defining(called)))
    return (library, described, *others, tuple(one for one in environments if one.consts))


def _defining(names: Iterable[str]) -> bytes:
    """Return a module, as bitcode, that defines some names and nothing else."""
    from llvmlite.binding import parse_assembly

    lines = (f'@"{name}" = global i8 0\n' for name in names)
    module: bytes = parse_assembly("".join(lines)).as_bitcode()
    return module


def remembered(name: str, fingerprint: str, make: Callable[[], Value]) -> Value:
    """Return what a function makes, from disk where it was made before.

    For tables that depend on nothing but their code, and the data that it reads; `fingerprint` is
    that of both.
    """
    kept = _Table(name, fingerprint)
    found: Value | None = kept.read(pickle.loads)
    if found is None:
        found = make()
        kept.write(pickle.dumps(found, protocol=5))
    return found
