"""Run a Python program in a fork of fork_server.py as Python itself would."""

import atexit
import builtins
import os
import runpy
import sys
from typing import Any


class ModuleProgram:
    """A run of `python -m` that skips Python's last step, which frees each module.

    In a fork, that copies the memory of all preloaded modules: a third of a server's processor time. Threads are joined
    and exit functions are called as usual. A script of `python -c` ends as Python does.
    """

    def __init__(self) -> None:
        self._status: int | None = None
        atexit.register(self._leave)  # the first to be registered is the last to be called

    def run(self, module: str) -> None:
        self._status = 1
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            self._status = 0
        except SystemExit as end:
            if end.code is None or isinstance(end.code, int):
                self._status = end.code or 0
            raise

    def _leave(self) -> None:
        if self._status is not None:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self._status)


def run(program: dict[str, Any], module_program: ModuleProgram) -> None:
    """Run a module or a script as `python -m` and `python -c` do."""
    os.chdir(program["directory"])
    os.environ.clear()
    os.environ.update(program["environ"])
    given = program["environ"].get("PYTHONPATH", "")
    # Without this file's folder, which is the first.
    sys.path[:] = [program["directory"], *filter(None, given.split(os.pathsep)), *sys.path[1:]]
    # The program imports it again, but not its submodules.
    sys.modules.pop("aws_xray_sdk.core", None)
    option, code, *arguments = program["arguments"]
    sys.argv[:] = [option, *arguments]
    if option == "-m":
        module_program.run(code)
    else:
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__", "__builtins__": builtins})
