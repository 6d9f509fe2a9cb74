"""The process that kernels are forked from, as seen by the process that asks for them.

It is a process of its own and knows nothing of reports, so that it can begin with its imports before anything else.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Final

from retention_kit.kernels.warmed import READY

__all__ = ["Forked", "Server", "available", "current", "stop", "warm_up"]

_START: Final = "import sys; del sys.path[0]; from retention_kit.kernels.warmed import main; main(int(sys.argv[1]))"
_PATIENCE: Final = 120.0
"""Seconds that the imports may take."""
_THREADS: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Kernels run side by side, one for each processor. With threads of its own, numpy's linear algebra would wait for a
processor that another kernel has, and waits by keeping its own busy: small matrices took twelve times as long."""
_WARMED: Final = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    **_THREADS,
}
"""Environment of the warmed process, where the user's has nothing else; each kernel gets its own."""


def available() -> bool:
    """Whether kernels can be forked here. macOS has fork, but its system libraries do not survive it.

    Returns
    -------
    bool
        Elsewhere each notebook gets an ordinary kernel, which takes longer to start and does the same.

    Examples
    --------
    >>> available() == (sys.platform == "linux")
    True
    """
    return sys.platform == "linux" and hasattr(socket, "send_fds")


class Server:
    """The warmed process as seen from here; one for all kernels of this process."""

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
                start_new_session=True,  # Ctrl+C is for the report, which then ends this by closing the socket
                env={**_WARMED, **os.environ},
            )
        atexit.register(self.stop)

    def ready(self) -> bool:
        """Whether it can fork; waits until its imports are done."""
        with self._lock:
            if self._ready is None:
                try:
                    self._ready = self._channel.recv(len(READY)) == READY
                except OSError:
                    self._ready = False
            return self._ready and self.process.poll() is None

    def stop(self) -> None:
        """End it, and with it its kernels."""
        if self.owner == os.getpid():
            self._channel.close()
            self.process.kill()
            self.process.wait()

    def fork(self, arguments: Sequence[str], env: dict[str, str], cwd: str) -> Forked:
        """A new kernel; OSError where there is none."""
        told, tell = os.pipe()
        try:
            request = json.dumps({"arguments": list(arguments), "env": env, "cwd": cwd}).encode()
            socket.send_fds(self._channel, [request], [tell])
        except OSError:
            os.close(told)
            raise
        finally:
            os.close(tell)
        return Forked(told)


class Forked:
    """A forked kernel with the part of Popen's interface that its provisioner needs."""

    stdin = stdout = stderr = None

    def __init__(self, told: int) -> None:
        self._told = os.fdopen(told, "rb", buffering=0)
        line = self._told.readline()
        if not line:
            self._told.close()
            raise OSError("the warmed process did not fork")
        self.pid = int(line)
        self.returncode: int | None = None
        self._lock = threading.Lock()
        os.set_blocking(told, False)

    def poll(self) -> int | None:
        """Exit status, None while it runs."""
        with self._lock:  # the thread of its notebook asks, and the one that stops the run
            if self.returncode is None:
                line = self._told.read(32)
                if line is not None:  # empty where the warmed process is gone, and its kernels with it
                    self.returncode = int(line or -signal.SIGKILL)
                    self._told.close()
            return self.returncode

    def wait(self) -> int | None:
        """Exit status; called once it has ended."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def current() -> Server:
    """The one of this process; begins with its imports where it is new."""
    return _server(os.getpid())


@functools.lru_cache(maxsize=1)
def _server(owner: int) -> Server:  # noqa: ARG001 - a process forked from this one needs its own
    return Server()


def warm_up() -> None:
    """Begin with the imports now, so that they are done when the first notebook runs; they take a processor 3 seconds.

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
    """End the warmed process, and with it every kernel that was forked from it.

    Examples
    --------
    >>> stop()
    """
    if _server.cache_info().currsize:
        current().stop()
        _server.cache_clear()
