"""Kernels forked from one process that has the imports done, for jupyter_client and papermill.

`Engine` is papermill's own engine but for where its kernels come from. Each notebook still has a process of its own,
so nothing leaks from one to the next. Where a kernel cannot be forked (no fork, another Python, the warmed process did
not start), an ordinary one is started.
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
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_core.paths import jupyter_runtime_dir
from jupyter_core.utils import ensure_dir_exists
from papermill.engines import NBClientEngine, papermill_engines

from retention_kit.report.warmed import READY

__all__ = ["ENGINE", "Engine", "KernelManager", "Provisioner", "available", "stop", "warm_up"]

ENGINE: Final = "retention-kit"
"""Name of the papermill engine."""
_LAUNCHER: Final = ["-m", "ipykernel_launcher"]
_START: Final = "import sys; del sys.path[0]; from retention_kit.report.warmed import main; main(int(sys.argv[1]))"
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

_LONGEST: Final = 96
"""Bytes of a path to which "-ipc-5" can still be added: the name of a socket holds 107, on macOS 103."""


def available() -> bool:
    """Whether kernels can be forked here. macOS has fork, but its system libraries do not survive it."""
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
        os.set_blocking(told, False)

    def poll(self) -> int | None:
        """Exit status, None while it runs."""
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


@functools.lru_cache(maxsize=1)
def _server(owner: int) -> Server:  # noqa: ARG001 - a process forked from this one needs its own
    return Server()


def warm_up() -> None:
    """Begin with the imports now, so that they are done when the first notebook runs."""
    if available():
        _server(os.getpid())


def stop() -> None:
    """End the warmed process, and with it every kernel that was forked from it."""
    if _server.cache_info().currsize:
        _server(os.getpid()).stop()
        _server.cache_clear()


class Provisioner(LocalProvisioner):
    """Forks a kernel where that comes to the same as its command, and starts an ordinary one where not."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel with a command."""
        arguments = _arguments(cmd)
        if arguments is not None and available() and _server(os.getpid()).ready():
            env = dict(kwargs.get("env") or os.environ)
            cwd = str(kwargs.get("cwd") or Path.cwd())
            try:
                self.process = _server(os.getpid()).fork(arguments, env, os.path.abspath(cwd))
            except OSError:
                return await super().launch_kernel(cmd, **kwargs)
            self.pid = self.pgid = self.process.pid
            self.cwd = cwd
            return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)


def _arguments(command: Sequence[str]) -> list[str] | None:
    """What follows the launcher of an IPython kernel of this very Python; None for any other command."""
    if list(command[1:3]) != _LAUNCHER or not os.path.samefile(command[0], sys.executable):
        return None
    return list(command[3:])


class KernelManager(AsyncKernelManager):
    """Kernel manager whose kernels come from `Provisioner`, whatever the kernel's specification says.

    They are spoken to through files that only their owner can open. A port would be open to everybody on the machine,
    and another program may take it between its choice and its use.
    """

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        if self.provisioner is None:
            self._prefer_files()
            self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**options)

    def _prefer_files(self) -> None:
        """Ports remain where there are no sockets with names, or the names would be too long."""
        folder = jupyter_runtime_dir()
        file = os.path.join(folder, f"kernel-{uuid.uuid4()}.json")
        if os.name == "posix" and len(os.fsencode(file)) <= _LONGEST:
            ensure_dir_exists(folder, 0o700)
            self.transport, self.connection_file = "ipc", file


class Engine(NBClientEngine):
    """papermill's engine with forked kernels: ``papermill.execute_notebook(..., engine_name=forked.ENGINE)``.

    It is registered below and not by an entry point: papermill loads those while it is itself being imported from here.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook's cells."""
        return super().execute_managed_notebook(nb_man, kernel_name, kernel_manager_class=KernelManager, **options)


papermill_engines.register(ENGINE, Engine)
