"""Kernels: what tells one from another, and where their machine code is kept."""

from __future__ import annotations

import dis
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from types import FunctionType

import numba
import numpy as np
import pytest
from news import FERRY
from prose import BRIDGE, changed

import dedup
import dedup.pipeline
import dedup.storage.local
from dedup._jit import cache, lean
from dedup._jit.code_digest import fingerprint, global_names
from dedup._jit.kernels import KERNELS, Compiled, Kernel, array_helper, helper
from dedup.portable import Lock

PACKAGE = Path(dedup.__file__).parent

ASK = """
import sys
import numpy as np
from dedup.match.near_duplicates import _shared as kernel
"""

SCORE = (
    ASK
    + """
out = np.zeros(1, np.int32)
sets = np.array([1, 2, 3, 2, 3, 4], np.uint32)
kernel.ready()(np.array([1], np.uint64), sets, np.array([0, 3, 6]), out)
print(out[0])
"""
)
"""How many items two sets share: 2, counted by a helper of another module."""

NAMED = "dedup.match.near_duplicates _shared\n"
"""The same kernel, as a process that compiles is told of it."""

KEPT = ASK + "print(kernel.kept.stands())"


def run(
    script: str,
    environment: dict[str, str] | None = None,
    *,
    root: Path = PACKAGE.parent,
    user: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a script with the package below `root` and little else in its environment."""
    inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    own = {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**inherited, **own, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        user=user,
        cwd=root,
    )


def made(code: str, **names: object) -> FunctionType:
    """Return the function `f` that a piece of code defines among names."""
    exec(code, names)
    function = names["f"]
    assert isinstance(function, FunctionType)
    return function


BASE = made("def f(x):\n    return g(x) + LIMIT", g=helper(made("def f(x): return x")), LIMIT=3)

SAME = {
    "a docstring": made(
        "def f(x):\n    'Add.'\n\n    return g(x) + LIMIT",
        g=helper(made("def f(x):\n    'Itself.'\n    return x")),
        LIMIT=3,
    ),
    "a name that nothing uses": made(
        "def f(x):\n    return g(x) + LIMIT",
        g=helper(made("def f(x): return x")),
        LIMIT=3,
        OTHER=object(),
    ),
}
OTHER = {
    "its own code": made(
        "def f(x):\n    return g(x) - LIMIT", g=helper(made("def f(x): return x")), LIMIT=3
    ),
    "a constant of its own": made(
        "def f(x):\n    return g(x) + 3", g=helper(made("def f(x): return x"))
    ),
    "a global constant": made(
        "def f(x):\n    return g(x) + LIMIT", g=helper(made("def f(x): return x")), LIMIT=4
    ),
    "the type of a global constant": made(
        "def f(x):\n    return g(x) + LIMIT", g=helper(made("def f(x): return x")), LIMIT=3.0
    ),
    "a helper": made(
        "def f(x):\n    return g(x) + LIMIT", g=helper(made("def f(x): return -x")), LIMIT=3
    ),
    "a helper's helper": made(
        "def f(x):\n    return g(x) + LIMIT",
        g=helper(made("def f(x): return h(x)", h=helper(made("def f(x): return x")))),
        LIMIT=3,
    ),
}


@pytest.mark.parametrize("what", SAME)
def test_a_fingerprint_stays_when_this_changes(what: str) -> None:
    assert fingerprint(SAME[what]) == fingerprint(BASE)


@pytest.mark.parametrize("what", OTHER)
def test_a_fingerprint_changes_with(what: str) -> None:
    prints = {fingerprint(function) for function in (BASE, *OTHER.values())}
    assert len(prints) == 1 + len(OTHER)


def test_a_fingerprint_follows_arrays_and_the_attributes_of_our_modules() -> None:
    tables = [made("def f(x): return T[x]", T=np.array([1, last])) for last in (2, 3)]
    assert fingerprint(tables[0]) != fingerprint(tables[1])
    before = fingerprint(made("def f(x): return x + m.VERSIONS", m=cache))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "VERSIONS", 77)
        assert fingerprint(made("def f(x): return x + m.VERSIONS", m=cache)) != before


def test_a_function_that_calls_itself_has_a_fingerprint() -> None:
    function = made("def f(x): return f(x - 1) if x else 0")
    assert len(fingerprint(function)) == 32


def test_what_has_no_value_that_stays_is_refused() -> None:
    with pytest.raises(TypeError, match="closes over"):
        fingerprint(made("def f(x): return x is THING", THING=object()))


def test_the_names_that_code_loads_are_those_that_python_tells() -> None:
    functions = [kernel.function for kernel in KERNELS]
    functions += [made(f"def f(x): return {' + '.join(f'n{i}(x.a{i})' for i in range(400))}")]
    assert len(functions) > 30
    for function in functions:
        loaded = [
            step.argval
            for step in dis.get_instructions(function.__code__)
            if step.opname == "LOAD_GLOBAL"
        ]
        assert list(global_names(function.__code__)) == list(dict.fromkeys(loaded))


@pytest.mark.parametrize("make", [helper, array_helper])
def test_only_a_helper_that_is_told_so_makes_arrays(make: Callable[[Compiled], Compiled]) -> None:
    ones = make(made("def f(size): return np.ones(size)", np=np))
    asked = Kernel(made("def f(size): return g(size).sum()", g=ones), "f8(i8)")
    if make is array_helper:
        assert asked.ready()(3) == 3
    else:
        with pytest.raises(numba.TypingError, match="Only accept returning of array passed"):
            asked.ready()


def test_no_two_kernels_share_a_file() -> None:
    files = {kernel.kept._file for kernel in KERNELS}
    assert len(files) == len(KERNELS)


def test_a_changed_helper_in_another_module_is_compiled_anew(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "dedup", ignore=shutil.ignore_patterns("__pycache__"))
    folder = {"DEDUP_CACHE_DIR": str(tmp_path / "cache")}
    assert run(SCORE, folder, root=tmp_path).stdout == "2\n"
    source = tmp_path / "dedup" / "_jit" / "hashset.py"
    before = source.stat()
    text = source.read_text("utf-8")
    assert text.count("common += has(") == 1
    source.write_text(text.replace("common += has(", "common -= has("), "utf-8")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))  # as from a wheel of that date
    assert run(SCORE, folder, root=tmp_path).stdout == "-2\n"
    source.write_text(text, "utf-8")
    assert run(KEPT, folder, root=tmp_path).stdout == "True\n"  # the first version is still there


def test_kernels_are_kept_where_one_says_and_loaded_from_there(tmp_path: Path) -> None:
    folder = {"DEDUP_CACHE_DIR": str(tmp_path / "not" / "yet")}
    assert run(KEPT, folder).stdout == "False\n"
    first = run(SCORE, folder)
    assert (first.stdout, first.stderr) == ("2\n", "")
    (kept,) = (tmp_path / "not" / "yet").glob("*/*")
    assert kept.name.startswith("dedup.match.near_duplicates._shared-")
    hits = SCORE + "print(sum(kernel.ready().stats.cache_hits.values()))"
    assert run(hits, folder).stdout == "2\n1\n"
    assert len(list((tmp_path / "not" / "yet").glob("*/*"))) == 1


@pytest.mark.parametrize(
    ("variable", "below"),
    [
        pytest.param("XDG_CACHE_HOME", "dedup", marks=pytest.mark.skipif("os.name == 'nt'")),
        pytest.param("HOME", ".cache/dedup", marks=pytest.mark.skipif("os.name == 'nt'")),
        ("NUMBA_CACHE_DIR", "dedup"),
    ],
)
def test_without_a_word_they_are_kept_for_the_user(
    variable: str, below: str, tmp_path: Path
) -> None:
    script = "from dedup._jit.cache import writable; print(writable())"
    told = run(script, {variable: str(tmp_path)})
    assert Path(told.stdout.strip()).parent == tmp_path / below
    assert told.stderr == ""


def test_a_damaged_file_is_compiled_anew(tmp_path: Path) -> None:
    folder = {"DEDUP_CACHE_DIR": str(tmp_path)}
    run(SCORE, folder)
    (kept,) = tmp_path.glob("*/*")
    whole = kept.read_bytes()
    for damaged in (b"", whole[:1000], b"no pickle"):
        kept.write_bytes(damaged)
        again = run(SCORE, folder)
        assert (again.stdout, again.stderr, again.returncode) == ("2\n", "", 0)
        assert len(kept.read_bytes()) == len(whole)


ONCE = "dedup: compiled kernels are kept for this run only, since nothing can be written to {}; "


def test_where_nothing_can_be_written_kernels_serve_one_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    refused = tmp_path / "file" / "cache"
    (tmp_path / "tmp").mkdir()
    told = run(SCORE, {"DEDUP_CACHE_DIR": str(refused), "TMPDIR": str(tmp_path / "tmp")})
    assert (told.stdout, told.returncode) == ("2\n", 0)
    assert told.stderr.startswith(ONCE.format(refused))
    assert told.stderr.endswith("start faster\n")
    assert told.stderr.count("\n") == 1
    assert list((tmp_path / "tmp").iterdir()) == []


def test_without_even_a_temporary_folder_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    script = "import tempfile; tempfile.tempdir = 'file/none'\n" + SCORE
    told = run(script, {"DEDUP_CACHE_DIR": str(tmp_path / "file" / "cache")})
    assert (told.stdout, told.returncode) == ("2\n", 0)
    assert told.stderr.count("\n") == 1


@pytest.mark.skipif("not hasattr(os, 'geteuid') or os.geteuid() != 0", reason="needs root")
def test_a_user_without_a_home_runs_what_root_installed() -> None:
    nobody = 65534
    try:
        run("pass", user=nobody)
    except PermissionError:
        pytest.skip("this Python lies where only root may read")
    told = run(SCORE, {"HOME": "/nonexistent"}, user=nobody)
    assert (told.stdout, told.returncode) == ("2\n", 0)
    assert told.stderr.startswith(ONCE.format("/nonexistent/.cache/dedup"))
    assert told.stderr.count("\n") == 1
    with tempfile.TemporaryDirectory() as folder:
        warm = {"DEDUP_CACHE_DIR": str(Path(folder, "warm"))}
        run(SCORE, warm)
        told = run(SCORE, warm, user=nobody)  # who may not even look into it
        assert (told.stdout, told.stderr.count("\n")) == ("2\n", 1)
        Path(folder).chmod(0o755)
        told = run(KEPT + "\nkernel.ready()", warm, user=nobody)
        assert (told.stdout, told.stderr) == ("True\n", "")  # only read: nothing to say


def test_old_versions_of_a_kernel_and_of_libraries_go(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"kernels-old-{number}").mkdir()
        os.utime(tmp_path / f"kernels-old-{number}", (number, number))
    (tmp_path / "mine").mkdir()
    script = """
from dedup._jit.kernels import Kernel
for number in range(5):
    names = {}
    exec(f"def f(x): return x + {number}", names)
    assert Kernel(names["f"], "i8(i8)")(1) == 1 + number
"""
    told = run(script, {"DEDUP_CACHE_DIR": str(tmp_path)})
    assert told.stderr == ""
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[1:] == ["kernels-old-7", "kernels-old-8", "mine"]
    assert len(list((tmp_path / left[0]).iterdir())) == 3


def test_processes_that_compile_the_same_kernel_at_once_do_no_harm(tmp_path: Path) -> None:
    environment = {**os.environ, "DEDUP_CACHE_DIR": str(tmp_path)}
    running = [
        subprocess.Popen([sys.executable, "-c", SCORE], env=environment, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [process.communicate()[0] for process in running] == [b"2\n"] * 3
    assert len(list(tmp_path.glob("*/*"))) == 1


def test_a_kernel_that_another_process_compiles_is_waited_for_and_loaded(tmp_path: Path) -> None:
    run(SCORE, {"DEDUP_CACHE_DIR": str(tmp_path)})
    (kept,) = tmp_path.glob("*/*")
    content = kept.read_bytes()
    kept.unlink()
    lock = Lock(kept.with_name(f"{kept.name}.lock"))  # as that process has it
    told = subprocess.Popen(
        [sys.executable, "-m", "dedup._jit.ahead"],
        env={**os.environ, "DEDUP_CACHE_DIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    done: list[bytes] = []
    asked = Thread(target=lambda: done.extend(told.communicate(NAMED.encode())))
    asked.start()
    asked.join(4)
    assert not done
    kept.write_bytes(content)
    written = kept.stat().st_mtime_ns
    lock.release(remove=True)
    asked.join()
    assert done[0] == b"done\n"
    assert kept.stat().st_mtime_ns == written
    assert list(kept.parent.iterdir()) == [kept]


def test_nobody_waits_where_nothing_can_be_locked(tmp_path: Path) -> None:
    run(SCORE, {"DEDUP_CACHE_DIR": str(tmp_path)})
    (kept,) = tmp_path.glob("*/*")
    kept.unlink()
    kept.with_name(f"{kept.name}.lock").mkdir()
    told = subprocess.run(
        [sys.executable, "-m", "dedup._jit.ahead"],
        env={**os.environ, "DEDUP_CACHE_DIR": str(tmp_path)},
        input=NAMED.encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    assert told.stdout == b"done\n"
    assert kept.exists()


def test_a_first_call_compiles_what_else_is_missing(tmp_path: Path) -> None:
    script = """
import numpy as np
from dedup._jit import ahead, kernels
from dedup.text.arrays import TextArrays
from dedup.text.shingle import shingle
kernels.FEW, ahead.cores = 1, lambda: 2
print(len(shingle(TextArrays.of(np.arange(2, 20, 2, dtype=np.uint32), np.array([0, 9])), 3).items))
print([kernel.missing() for kernel in kernels.KERNELS])
"""
    told = run(script, {"DEDUP_CACHE_DIR": str(tmp_path)})
    assert (told.stdout, told.stderr) == ("7\n[False, False]\n", "")


SPARED = """
import sys
import numpy as np
from numba.core import cpu
from dedup._jit import kernels, lean
before = dict(vars(cpu.CPUContext))
{other}
try:
    lean.spare()
    print(vars(cpu.CPUContext) == before)
except ImportError:
    print(vars(cpu.CPUContext) == before)

@kernels.helper
def root(number):
    if number < 0:
        raise ValueError("below 0")
    return np.sqrt(number)

@kernels.helper
def twice(number):
    return root(number) + root(number)

def f(numbers):
    found = np.empty(2 * len(numbers), np.float64)
    for place in range(len(numbers)):
        found[place] = twice(numbers[place])
    return found[: len(numbers)].copy()

compiled = kernels.Kernel(f, "f8[::1](f8[::1])").ready()
print(compiled(np.array([4.0, 9.0])).tolist())
try:
    compiled(np.array([-1.0]))
except ValueError as error:
    print(error)
(helper,) = kernels._dispatcher(twice).overloads.values()
print(helper.library._compiled)
"""


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("", id="as known"),
        pytest.param("lean.KNOWN = (0, 1)", id="another release"),
        pytest.param("sys.modules['numba._dynfunc'] = None", id="another inside"),
    ],
)
def test_of_a_helper_only_what_kernels_take_in_is_made_where_numba_is_as_known(
    other: str, tmp_path: Path
) -> None:
    if numba.version_info.short != lean.KNOWN:
        pytest.skip(f"numba {numba.__version__} is not the one that is known")
    told = run(SPARED.format(other=other), {"DEDUP_CACHE_DIR": str(tmp_path)})
    whole = bool(other)
    assert (told.stdout, told.stderr) == (f"{whole}\n[4.0, 6.0]\nbelow 0\n{whole}\n", "")


@pytest.mark.parametrize("content", [None, "", "#!/bin/sh\nexit 1\n"])
def test_processes_that_fail_are_done_without(content: str | None, tmp_path: Path) -> None:
    python = tmp_path / "python-of-another-kind"
    if content is not None:
        python.write_text(content)
        python.chmod(0o755)
    (tmp_path / "kernels.py").write_text("""
from dedup._jit.kernels import KERNELS, kernel
for number in range(5):
    names = {"__name__": __name__}
    exec(f"def f{number}(x): return x + {number}", names)
    kernel("i8(i8)")(names[f"f{number}"])
""")
    script = f"""
import sys; sys.executable = {str(python)!r}
from dedup._jit import kernels
from kernels import KERNELS
kernels.begin()
print([kernel(1) for kernel in KERNELS], kernels.compile_missing())
"""
    path = os.pathsep.join((str(tmp_path), str(PACKAGE.parent)))
    told = run(script, {"DEDUP_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": path})
    assert (told.stdout, told.stderr) == ("[1, 2, 3, 4, 5] 0\n", "")


def test_a_run_that_ends_does_not_wait_for_kernels(tmp_path: Path) -> None:
    script = """
import time
import dedup.pipeline
from dedup._jit import kernels
kernels.begin()
while not kernels._BEGUN:
    time.sleep(0.01)
"""
    began = time.perf_counter()
    told = run(script, {"DEDUP_CACHE_DIR": str(tmp_path)})
    assert (told.returncode, told.stderr) == (0, "")
    assert time.perf_counter() - began < 30, "seconds; one is usual, and all kernels take 40"
    assert len(list(tmp_path.glob("*/*.kernel"))) < len(KERNELS) // 2


def test_kernels_are_loaded_beside_what_comes_next() -> None:
    script = """
import threading, time
import dedup.pipeline
from dedup._jit.kernels import KERNELS, begin, compile_missing
compile_missing()
made = []
begin(lambda: made.append(1))
usual = [kernel for kernel in KERNELS if not kernel.seldom]
assert usual[-1]._compiled is None, "it does not wait"
(loading,) = [thread for thread in threading.enumerate() if thread.name == "dedup-kernels"]
loading.join()
assert [kernel for kernel in KERNELS if kernel._compiled] == usual
assert made == [1], "tables are made after them"
begin(lambda: made.append(1))
print(threading.active_count())
"""
    told = run(script, {"DEDUP_CACHE_DIR": str(cache.places()[0])})
    assert (told.stdout, told.stderr) == ("1\n", "")


def test_an_index_has_the_kernels_loaded_that_its_answers_ask_for(tmp_path: Path) -> None:
    pages = ["\n\n".join([BRIDGE, changed(FERRY[0], 3 * n), *FERRY[1:]]) for n in range(4)]
    script = f"""
import threading
import dedup
import dedup.pipeline
from dedup._jit.kernels import KERNELS, compile_missing
compile_missing()
with dedup.Index({str(tmp_path / "index")!r}) as index:
    for thread in threading.enumerate():
        if thread.name == "dedup-kernels":
            thread.join()
    ahead = {{kernel for kernel in KERNELS if kernel._compiled}}
    for number, text in enumerate({pages!r}):
        page = {{"id": str(number), "text": text, "date": f"2026-01-0{{1 + number}}"}}
        found = index.add({{**page, "site": f"{{number}}.example"}})
    late = [kernel.__name__ for kernel in KERNELS if kernel._compiled and kernel not in ahead]
    print(len(found.links), late, 1 / 4 < len(ahead) / len(KERNELS) < 3 / 5)
"""
    told = run(script, {"DEDUP_CACHE_DIR": str(cache.places()[0])})
    assert (told.stdout, told.stderr) == ("3 [] True\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_fork_while_kernels_are_loaded_loads_its_own() -> None:
    script = """
import os, signal, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads and forks
import numpy as np
import dedup.pipeline
from dedup._jit.kernels import begin, compile_missing
from dedup.text.arrays import TextArrays
from dedup.text.shingle import shingle
compile_missing()
begin()
for wait in range(30):
    if not (child := os.fork()):
        signal.alarm(30)  # what waits for ever is killed
        words = TextArrays.of(np.arange(2, 20, 2, dtype=np.uint32), np.array([0, 9]))
        os._exit(len(shingle(words, 3).items))
    time.sleep(0.01)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""
    told = run(script, {"DEDUP_CACHE_DIR": str(cache.places()[0])})
    assert (told.returncode, told.stderr) == (0, "")


def test_a_first_run_compiles_while_it_reads(tmp_path: Path) -> None:
    environment = {**os.environ, "DEDUP_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "dedup", "scan", "samples/newsroom", "-q", "-o"]
    began = time.perf_counter()
    running = [
        subprocess.Popen([*command, str(tmp_path / name)], env=environment, stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    assert [process.communicate()[1] for process in running] == [b"", b""]
    assert time.perf_counter() - began < 300, "seconds; 30 are usual for two at once on two cores"
    assert [process.returncode for process in running] == [0, 0]
    files = [{path.name for path in (tmp_path / name).iterdir()} for name in ("one", "two")]
    assert files[0] == files[1]
    for name in files[0] - {"summary.json"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_warm_compiles_every_kernel_and_says_where(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dedup", "warm"]
    for _ in range(2):
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kernels = sum(path.read_text("utf-8").count("\n@kernel(") for path in PACKAGE.rglob("*.py"))
    found = re.fullmatch(r"(\d+) kernels, 0 compiled now, kept in (.+)\n", told)
    assert found
    assert int(found[1]) == kernels
    assert len(list(Path(found[2]).glob("*.kernel"))) >= kernels
    (tmp_path / "file").write_text("no folder")
    refused = {**os.environ, "DEDUP_CACHE_DIR": str(tmp_path / "file" / "cache")}
    refusal = subprocess.run(command, capture_output=True, text=True, check=False, env=refused)
    assert refusal.returncode == 4
    assert refusal.stderr.splitlines()[-1] == (
        f"dedup: nothing can be written to {tmp_path / 'file' / 'cache'}: "
        "set DEDUP_CACHE_DIR to a folder that can be written"
    )


def test_a_second_scan_imports_nothing_that_compiles() -> None:
    script = """
import sys, dedup
dedup.scan("samples/newsroom")
before = {name for name in sys.modules}
from dedup._jit.kernels import KERNELS
missing = [kernel.__name__ for kernel in KERNELS if kernel.missing() and not kernel.seldom]
print(sum(kernel._compiled is not None for kernel in KERNELS), missing)
print(before & {"scipy.linalg", "numba.np.arrayobj", "numba.cpython.unicode", "dedup.report.write"})
"""
    told = [run(script, dict(os.environ), root=PACKAGE.parent) for _ in range(2)][1]
    loaded, rest = told.stdout.split(" ", 1)
    assert 20 < int(loaded) < 60, "a kernel more is 2 ms more"
    assert (rest, told.stderr) == ("[]\nset()\n", "")


def test_a_kept_kernel_still_says_what_is_wrong() -> None:
    script = (
        ASK
        + """
for sets in (np.zeros(2), [1, 2]):
    try:
        kernel(np.array([1], np.uint64), sets, np.array([0, 1, 2]), np.zeros(1, np.int32))
    except TypeError as error:
        print(str(error).split("(")[0])
"""
    )
    told = run(script, {"DEDUP_CACHE_DIR": str(cache.places()[0])})
    assert told.stdout == "No matching definition for argument type\n" * 2


def test_tables_are_kept_without_numba_and_no_harm_is_done_where_they_cannot(
    tmp_path: Path,
) -> None:
    script = """
import sys
from dedup.metadata.urls import site
print(site("www.herald.co.uk"), "numba" in sys.modules)
"""
    (tmp_path / "file").write_text("no folder")
    for below in ("cache", "cache", "file/cache"):
        told = run(script, {"DEDUP_CACHE_DIR": str(tmp_path / below)})
        assert (told.stdout, told.stderr) == ("herald.co.uk False\n", "")
    (kept,) = (tmp_path / "cache").glob("tables-*/*")
    kept.write_bytes(kept.read_bytes()[:1000])
    told = run(script, {"DEDUP_CACHE_DIR": str(tmp_path / "cache")})
    assert (told.stdout, told.stderr) == ("herald.co.uk False\n", "")
    assert len(kept.read_bytes()) > 1000


def test_kernels_run_as_python_where_numba_is_told_so() -> None:
    assert run(SCORE, {"NUMBA_DISABLE_JIT": "1"}).stdout == "2\n"


def test_importing_kernels_does_not_import_numba() -> None:
    script = "import sys, dedup.pipeline; print('numba' in sys.modules)"
    assert run(script).stdout == "False\n"
    assert all(isinstance(kernel, Kernel) for kernel in KERNELS)


FORKED = """
import os, threading, time
from dedup._jit.kernels import Kernel
inside = threading.Event()
class Kept:
    def stands(self):
        inside.set()
        time.sleep(0.3)
        inside.clear()
        return True
kernel = Kernel(lambda: None, "void()")
kernel.__dict__["kept"] = Kept()
thread = threading.Thread(target=kernel.missing)
thread.start()
inside.wait()
child = os.fork()
if not child:
    os._exit(inside.is_set())
thread.join()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_no_process_forks_while_a_thread_asks_whether_a_kernel_is_missing(tmp_path: Path) -> None:
    told = run(FORKED, {"DEDUP_CACHE_DIR": str(tmp_path), "PYTHONWARNINGS": "ignore"})
    assert told.stdout == "0\n", told.stderr
