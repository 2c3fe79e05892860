"""Compiling in a process that does nothing else: what numba does for others than us is left out.

numba makes each function ready to be called from anywhere: it is optimised and turned into machine
code by itself, also where only kernels call it, which take its code in and do both again. Here that
is done for kernels alone. It concerns a whole process, so only those of `dedup._jit.ahead` ask for
it. Where numba is another one than this knows, kernels are compiled as usual.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

KNOWN = (0, 68)
"""The release of numba whose insides these are. With another one a first run takes half as long
again, until somebody has run the tests with it."""


def spare() -> None:
    """Compile only what kernels are made of, from now on, in this process.

    Raises `ImportError` or `AttributeError` where numba is not as known; nothing is changed then.
    """
    release = import_module("numba").version_info.short
    if release != KNOWN:
        raise ImportError(f"numba is of release {release}, and {KNOWN} is known")
    codegen, ir, context, event, functions, registry, runtime, native = (
        _numbas(name)
        for name in (
            "core.codegen",
            "core.ir",
            "core.cpu",
            "core.event",
            "core.types.functions",
            "core.registry",
            "core.runtime.nrt",
            "_dynfunc",
        )
    )
    runtime.rtsys.initialize(registry.cpu_target.target_context)  # it is called by its addresses
    wrap = context.CPUContext.create_cpython_wrapper
    executable = context.CPUContext.get_executable
    listed = ir.Inst._rec_list_vars
    resolve = functions.BaseFunction.get_call_type
    leaves = {str, int, float, bool, bytes, type(None), ir.Loc}

    class Library(codegen.JITCodeLibrary):  # type: ignore[misc, name-defined]
        """The code of a function: of a kernel, or of what kernels take in."""

        called = False
        """Whether Python calls it."""
        taken_in = False
        """Whether nothing but others' code holds it."""

        def add_linking_library(self, library: Any) -> None:
            super().add_linking_library(library)
            if getattr(library, "taken_in", False):  # it has not taken in what it calls
                self._linking_libraries.extend(library._linking_libraries)
                self._reload_init.update(library._reload_init)

        def finalize(self) -> None:
            if not self.taken_in:
                super().finalize()
                return
            self._raise_if_finalized()
            self._finalized = True

        def _optimize_functions(self, module: Any) -> None:
            """Tidy up; the kernel that takes it in is optimised as a whole."""
            module.data_layout = self._codegen._data_layout
            for function in module.functions:
                if not function.is_declaration:
                    passes, builder = self._codegen._function_pass_manager(opt=1)
                    passes.run(function, builder)

    def create_cpython_wrapper(self: Any, library: Any, *rest: Any, **named: Any) -> None:
        library.called = True
        wrap(self, library, *rest, **named)

    def get_executable(self: Any, library: Any, described: Any, environment: Any) -> Any:
        if not isinstance(library, Library) or library.called:
            return executable(self, library, described, environment)
        library.taken_in = True
        name = described.qualname.rpartition(".")[2]  # an object by which numba knows it
        return native.make_function(described.lookup_module(), name, "", 0, environment, (library,))

    def rec_list_vars(self: Any, value: Any) -> Any:
        """List the variables in a part of a statement: as numba, without a call for each leaf."""
        if not isinstance(value, dict):
            return listed(self, value)
        found: list[Any] = []
        for part in value.values():
            if type(part) is ir.Var:
                found.append(part)
            elif type(part) not in leaves:
                found.extend(listed(self, part))
        return found

    def get_call_type(self: Any, typing: Any, args: Any, kws: Any) -> Any:
        """Return what a function of numba's own returns: the same again for the same types."""
        if kws:
            return resolve(self, typing, args, kws)
        known = self.__dict__.setdefault("_dedup_known", {})
        if args not in known:
            known[args] = resolve(self, typing, args, kws)
        return known[args]

    codegen.JITCPUCodegen._library_class = Library
    context.CPUContext.create_cpython_wrapper = create_cpython_wrapper
    context.CPUContext.get_executable = get_executable
    context.CPUContext.create_cfunc_wrapper = lambda *_arguments, **_named: None  # C calls none
    event.start_event = event.end_event = lambda *_arguments, **_named: None  # nobody listens
    ir.Inst._rec_list_vars = rec_list_vars
    functions.BaseFunction.get_call_type = get_call_type


def _numbas(name: str) -> Any:
    return import_module(f"numba.{name}")
