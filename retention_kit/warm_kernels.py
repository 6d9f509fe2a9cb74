"""Kernels that start at once: one process imports the libraries, and every kernel is forked from it.

The upper half requests kernels and runs in the process of the report; the lower half is the process from which they are
forked. The module itself needs only the standard library, so that the imports can begin before the report is imported.
Only imports happen before the fork: no connection is opened and no thread is started, so a kernel begins like a new
process whose modules are loaded already.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

MODULES: Final = (
    "duckdb",
    "great_tables",
    "ibis.backends.duckdb",
    "ipykernel.kernelapp",
    "matplotlib.pyplot",
    "pyarrow.parquet",
    "scipy.optimize",
    "scipy.stats",
    "seaborn",
    "retention_kit.embedded_tables",
    "retention_kit.load",
    "retention_kit.metrics",
    "retention_kit.models",
    "retention_kit.plots",
    "retention_kit.summarise",
)
"""Modules loaded before the fork. lifetimes is not one of them: importing it changes an option of pandas."""
READY: Final = b"ready"
"""Message of the process once its modules are loaded."""
_START: Final = "import sys; del sys.path[0]; from retention_kit.warm_kernels import serve; serve(int(sys.argv[1]))"
_PATIENCE: Final = 120.0
"""Seconds that the imports may take; they take 3 on an idle machine."""
_PAUSE: Final = 0.1
"""Seconds between two checks for kernels that have ended, which is how often jupyter_client asks."""
_LARGEST: Final = 1 << 20
"""Most bytes of a request, which contains the environment of the kernel."""
_YOUNG: Final = 10_000
"""Number of new objects after which a kernel collects garbage. Figures, expressions and pages consist of thousands of
objects; Python's default of 700 costs a sixth of a processor second in each notebook."""
_THREADS: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Kernels run side by side, one for each processor. With several threads, numpy's linear algebra would wait for
processors that other kernels use, and it waits actively: small matrices took twelve times as long."""
_WARMED: Final = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    **_THREADS,
}
"""Default environment of the warmed process; the user's environment takes precedence, and each kernel gets its own."""


def available() -> bool:
    """Whether kernels can be forked here; if not, each notebook gets an ordinary kernel, which takes longer to start.

    macOS has fork, but its system libraries do not survive it.

    Examples
    --------
    >>> available() == (sys.platform == "linux")
    True
    """
    return sys.platform == "linux" and hasattr(socket, "send_fds")


def warm_up() -> None:
    """Start the imports now, so that they are done when the first notebook runs; they take 3 processor seconds.

    Examples
    --------
    >>> warm_up()
    >>> current().ready() if available() else True
    True
    >>> stop()
    """
    if available():
        current()


def stop() -> None:
    """End the warmed process and every kernel that was forked from it.

    Examples
    --------
    >>> stop()
    """
    if _server.cache_info().currsize:
        current().stop()
        _server.cache_clear()


def current() -> Server:
    """The warmed process of this process; a new one starts its imports."""
    return _server(os.getpid())


@functools.lru_cache(maxsize=1)
def _server(owner: int) -> Server:  # noqa: ARG001 - a process forked from this one needs its own
    return Server()


class Server:
    """The warmed process, as the process that requests kernels sees it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel.settimeout(_PATIENCE)
        self._lock = threading.Lock()
        self._ready: bool | None = None
        self.owner = os.getpid()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Ctrl+C only reaches the report, which then ends this process by closing the socket
                start_new_session=True,
                env={**_WARMED, **os.environ},
            )
        atexit.register(self.stop)

    def ready(self) -> bool:
        """Whether the process can fork; waits until its imports are done."""
        with self._lock:
            if self._ready is None:
                try:
                    self._ready = self._channel.recv(len(READY)) == READY
                except OSError:
                    self._ready = False
            return self._ready and self.process.poll() is None

    def stop(self) -> None:
        """End the process. It ends its kernels first, of which there are none before it is ready."""
        if self.owner != os.getpid():
            return
        with contextlib.suppress(OSError):  # it has ended already
            self._channel.shutdown(socket.SHUT_RDWR)
        if not self._ready:
            self.process.kill()
        self.process.wait()
        self._channel.close()

    def fork(self, arguments: Sequence[str], env: dict[str, str], cwd: str) -> Forked:
        """A new kernel; raises OSError if the process could not fork."""
        status, status_end = os.pipe()
        try:
            request = json.dumps({"arguments": list(arguments), "env": env, "cwd": cwd}).encode()
            socket.send_fds(self._channel, [request], [status_end])
        except OSError:
            os.close(status)
            raise
        finally:
            os.close(status_end)
        return Forked(status)


class Forked:
    """A forked kernel with the part of Popen's interface that its provisioner needs.

    Parameters
    ----------
    status : int
        A pipe to which the warmed process writes the id of the kernel's process, and its exit status when it has ended.
    """

    stdin = stdout = stderr = None

    def __init__(self, status: int) -> None:
        self._status = os.fdopen(status, "rb", buffering=0)
        line = self._status.readline()
        if not line:
            self._status.close()
            raise OSError("the warmed process did not fork")
        self.pid = int(line)
        self.returncode: int | None = None
        self._lock = threading.Lock()
        os.set_blocking(status, False)

    def poll(self) -> int | None:
        """Exit status; None while the kernel runs."""
        with self._lock:  # called by the thread of its notebook, and by the one that stops the run
            if self.returncode is None:
                line = self._status.read(32)
                if line is not None:  # empty if the warmed process has ended, and its kernels with it
                    self.returncode = int(line or -signal.SIGKILL)
                    self._status.close()
            return self.returncode

    def wait(self) -> int | None:
        """Exit status; called once the kernel has ended."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal unless the kernel has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


def serve(descriptor: int) -> None:
    """Run the warmed process: load the modules, fork a kernel for each request, end when the report has ended.

    `descriptor` is the socket to the process that requests kernels.
    """
    gc.disable()  # imports create no garbage
    for module in MODULES:
        importlib.import_module(module)
    gc.freeze()  # otherwise garbage collection in a kernel would copy all memory that it shares with this process
    gc.set_threshold(_YOUNG)
    gc.enable()
    channel = socket.socket(fileno=descriptor)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the report has ended already
        channel.send(READY)
        request = _next_kernel(channel)
        if request is not None:
            _become_kernel(request)


def _next_kernel(channel: socket.socket) -> dict[str, Any] | None:
    """Wait for requests. Returns a request in each forked process, and None in this one when the report has ended."""
    kernels: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([channel], [], [], _PAUSE if kernels else None)
        _report_ended(kernels)
        if not ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(channel, _LARGEST, 1)
        if not message:
            _end(kernels)
            return None
        pid = os.fork()
        if pid == 0:
            channel.close()
            for inherited in (*descriptors, *kernels.values()):
                os.close(inherited)
            request: dict[str, Any] = json.loads(message)
            return request
        os.write(descriptors[0], f"{pid}\n".encode())
        kernels[pid] = descriptors[0]


def _report_ended(kernels: dict[int, int]) -> None:
    """Write the exit status of every kernel that has ended to its pipe."""
    for pid, pipe in list(kernels.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with contextlib.suppress(BrokenPipeError):  # no process waits for it any more
                os.write(pipe, f"{os.waitstatus_to_exitcode(status)}\n".encode())
            os.close(pipe)
            del kernels[pid]


def _end(kernels: dict[int, int]) -> None:
    """End all kernels: their report has ended, and they may be in the middle of a computation."""
    for pid in kernels:
        os.kill(pid, signal.SIGKILL)
    for pid in kernels:
        os.waitpid(pid, 0)


def _become_kernel(request: dict[str, Any]) -> None:
    """Become the process that the request's command would have started."""
    os.setsid()  # signals to the report reach the kernel only through its manager
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    importlib.import_module("numpy").random.seed()  # otherwise every kernel would draw the same numbers
    # the kernel ends within a second if the warmed process is killed
    watched = f"--IPKernelApp.parent_handle={os.getppid()}"
    sys.argv = ["ipykernel_launcher", *request["arguments"], watched]
    importlib.import_module("ipykernel.kernelapp").launch_new_instance()
