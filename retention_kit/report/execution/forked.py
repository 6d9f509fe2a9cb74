"""Kernels forked from one process that has done the imports, for jupyter_client and papermill.

`Engine` is papermill's own engine except for where its kernels come from. Each notebook still has its own process, so
nothing leaks from one to the next. Where a kernel cannot be forked (no fork, another Python, the warmed process did not
start), an ordinary kernel is started.
"""

from __future__ import annotations

import os
import sys
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.paths import jupyter_runtime_dir
from jupyter_core.utils import ensure_dir_exists
from papermill.engines import NBClientEngine, papermill_engines

from retention_kit import warm_kernels

ENGINE: Final = "retention-kit"
"""Name of the papermill engine."""
_LAUNCHER: Final = ["-m", "ipykernel_launcher"]
_LONGEST: Final = 102
"""Most bytes of a connection file's path: its sockets end in "-ipc-5" in place of ".json", and the path of a socket
may have 107 bytes, on macOS 103."""


class Kernels:
    """The kernels of one run: the folder of their connection files, the file with the wording of their figures if they
    are not in English, the bytes that the engine of each may use, and a way to stop all of them."""

    def __init__(self, folder: Path | None = None, wording: Path | None = None, memory: int | None = None) -> None:
        self.folder = folder
        self.wording = wording
        self.memory = memory
        self.lock = threading.Lock()
        self._stopped = threading.Event()
        self._processes: list[Any] = []

    @property
    def stopped(self) -> bool:
        """Whether the kernels were stopped."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise an error if the kernels were stopped, after which none is started.

        Raises
        ------
        RuntimeError
        """
        if self.stopped:
            raise RuntimeError("The run was stopped.")

    def add(self, process: Any) -> None:
        """Register a process that has been started; it is ended at once if the kernels were stopped meanwhile."""
        self._processes.append(process)
        if self.stopped:
            process.kill()

    def stop(self) -> None:
        """End every kernel and the process they are forked from; none is started after that."""
        with self.lock:
            self._stopped.set()
            for process in self._processes:
                process.kill()
            warm_kernels.stop()


class Provisioner(LocalProvisioner):
    """Forks a kernel where that is equivalent to running its command, and starts an ordinary kernel otherwise."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel with a command."""
        manager: Any = self.parent
        kernels, arguments = manager.kernels, _arguments(cmd)
        if arguments is not None and warm_kernels.available() and _warmed(kernels).ready():
            env = dict(kwargs.get("env") or os.environ)
            cwd = str(kwargs.get("cwd") or Path.cwd())
            try:
                with kernels.lock:
                    process = _warmed_now(kernels).fork(arguments, env, os.path.abspath(cwd))
                    kernels.add(process)
            except OSError:
                return await self._ordinary(cmd, kernels, **kwargs)
            self.process = process  # type: ignore[assignment]  # it has every method of Popen that is used
            self.pid = self.pgid = process.pid
            self.cwd = cwd
            return self.connection_info
        return await self._ordinary(cmd, kernels, **kwargs)

    async def _ordinary(self, cmd: list[str], kernels: Kernels, **kwargs: Any) -> Any:
        kernels.check()
        info = await super().launch_kernel(cmd, **kwargs)
        with kernels.lock:
            kernels.add(self.process)
        return info


def _warmed(kernels: Kernels) -> warm_kernels.Server:
    with kernels.lock:
        return _warmed_now(kernels)


def _warmed_now(kernels: Kernels) -> warm_kernels.Server:
    """The process that kernels are forked from; a stopped run starts none."""
    kernels.check()
    return warm_kernels.current()


def _arguments(command: Sequence[str]) -> list[str] | None:
    """The arguments after the launcher of an IPython kernel of the running Python; None for any other command."""
    if list(command[1:3]) != _LAUNCHER or not os.path.samefile(command[0], sys.executable):
        return None
    return list(command[3:])


class KernelManager(AsyncKernelManager):
    """Kernel manager whose kernels come from `Provisioner`, whatever the kernel's specification says.

    Messages go through sockets that only their owner can open. A port would be open to everybody on the machine, and
    another program may take it between its choice and its use.
    """

    kernels = Kernels()
    """The kernels of the run, which `Engine` sets."""

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start a kernel."""
        if self.provisioner is None:  # a restarted kernel keeps its provisioner
            self._prefer_files()
            self.kernel_id = self.kernel_id or str(uuid.uuid4())
            self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        await super().start_kernel(**options)

    def _prefer_files(self) -> None:
        """Use sockets with names; ports remain where the system has no such sockets or their names would be too
        long."""
        if self.kernels.folder is None:
            file = os.path.join(jupyter_runtime_dir(), f"kernel-{uuid.uuid4()}.json")
            ensure_dir_exists(os.path.dirname(file), 0o700)
        else:
            file = os.path.join(self.kernels.folder, f"{uuid.uuid4().hex[:12]}.json")
        self.connection_file = file
        if os.name == "posix" and len(os.fsencode(file)) <= _LONGEST:
            self.transport = "ipc"


class Engine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """papermill's engine with forked kernels: ``papermill.execute_notebook(..., engine_name=forked.ENGINE)``.

    It is registered below, not by an entry point: papermill loads entry points while it is being imported from here.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        kernels: Kernels | None = None,
        saved_to: Path | None = None,
        **options: Any,
    ) -> Any:
        """Run the notebook's cells; its kernel joins `kernels`.

        However the run ends, papermill then saves the outputs to `saved_to`, once: saving after each cell would write
        all figures of a page repeatedly.
        """
        manager = type(KernelManager.__name__, (KernelManager,), {"kernels": kernels or Kernels()})
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, kernel_manager_class=manager, **options)
        finally:
            nb_man.output_path = saved_to and str(saved_to)


papermill_engines.register(ENGINE, Engine)
