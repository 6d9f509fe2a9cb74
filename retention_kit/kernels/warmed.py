"""One Python process that has the imports done and forks a kernel on request: what runs in that process.

`server` is the other side. Nothing here runs before the fork but imports, and what they put off to the first use: no
connection is opened and no thread is started, so a kernel begins as a fresh process would, only with its modules
loaded.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from retention_kit.kernels.garbage import none_in_imports

__all__ = ["MODULES", "READY", "main"]

READY: Final = b"ready"
"""What the process says once its modules are loaded."""
MODULES: Final = (
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "seaborn",
    "scipy.stats",
    "scipy.optimize",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "duckdb",
    "ibis",
    "ibis.backends.duckdb",
    "ibis.backends.duckdb.converter",
    "lifelines",
    "great_tables",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "psutil",
    "PIL.JpegImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.PpmImagePlugin",
    "ibis.expr.types.groupby",
    "pandas.core.reshape.reshape",
    "pandas.io.formats.string",
    "pandas.core.methods.to_dict",
    "pandas.core.arrays.arrow.extension_types",
    "retention_kit.load",
    "retention_kit.summarise",
    "retention_kit.metrics",
    "retention_kit.models",
    "retention_kit.models.rfm",
    "retention_kit.tables",
    "retention_kit.tables.behind",
    "retention_kit.plots",
)
"""Loaded before the fork. Not lifetimes: importing it changes an option of pandas for the whole process."""
_LARGEST: Final = 1 << 20
_PR_SET_PDEATHSIG: Final = 1


def main(descriptor: int) -> None:
    """Load the modules, fork a kernel for each request that comes in, end when the other side is gone.

    Parameters
    ----------
    descriptor : int
        Socket to the process that asks for kernels.
    """
    with none_in_imports():
        _load()
    channel = socket.socket(fileno=descriptor)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the report has ended already
        channel.send(READY)
        request = _serve(channel)
        if request is not None:
            _become_kernel(request)
            _end_control_thread()
    _end()


def _load() -> None:
    """Import the modules, and have done what they put off to the first use."""
    for name in MODULES:
        with contextlib.suppress(ImportError):  # what is broken here is broken, and told, in the notebook that needs it
            importlib.import_module(name)
    with contextlib.suppress(ImportError):  # from ibis import duckdb: looks through all installed packages, once
        importlib.__import__("ibis", fromlist=["duckdb"])
    with contextlib.suppress(ImportError):  # the first of these points unpacks a large table, once
        importlib.import_module("scipy.stats").qmc.Sobol(1, scramble=False)
    with contextlib.suppress(ImportError):  # the first fit looks through all loaded libraries, once
        importlib.import_module("retention_kit.models.base.fitting").libraries()
    gc.collect()


def _serve(channel: socket.socket) -> dict[str, Any] | None:
    """Wait for requests. Comes back with one in each forked process, and with None in this one at the end."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    children: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([channel, woken], [], [])
        if woken in ready:
            os.read(woken, _LARGEST)
            _reap(children)
        if channel not in ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(channel, _LARGEST, 1)
        if not message:
            return None
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            channel.close()
            for inherited in (woken, wake, *descriptors, *children.values()):
                os.close(inherited)
            return json.loads(message)
        os.write(descriptors[0], f"{pid}\n".encode())
        children[pid] = descriptors[0]


def _reap(children: dict[int, int]) -> None:
    """Tell the exit status of every kernel that has ended."""
    for pid in list(children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            continue
        told = children.pop(pid)
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
            os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os.close(told)


def _become_kernel(request: dict[str, Any]) -> None:
    """Be the process that the request's command would have started."""
    os.setsid()  # signals to the report reach the kernel only through its manager
    _die_with_parent()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    importlib.import_module("numpy").random.seed()  # else every kernel would draw the same numbers
    sys.argv = ["ipykernel_launcher", *request["arguments"]]
    importlib.import_module("ipykernel.kernelapp").launch_new_instance()


def _end_control_thread() -> None:
    """Let the thread that took the order to end come to its own end first.

    The kernel's own exit first ends the thread that sends output and then waits for this one, which at that moment may
    be waiting for output to be sent: neither would go on before the report's patience is over, 2.5 seconds later.
    """
    thread = importlib.import_module("ipykernel.kernelapp").IPKernelApp.instance().control_thread
    if thread is not None:
        thread.stop()
        thread.join()


def _end() -> None:
    """End as a process ends by itself, but leave its memory to the system: taking it apart would copy all of it.

    IPython at its end lets go of all that the notebook made and looks for garbage: both find nothing to do.
    """
    gc.freeze()
    held = vars(sys.modules["__main__"]).copy()  # noqa: F841 - holding it is its use
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _die_with_parent() -> None:
    """A kernel whose report was killed is of no use to anybody, and may be deep in a computation."""
    parent = os.getppid()
    if Path("/proc").exists():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
