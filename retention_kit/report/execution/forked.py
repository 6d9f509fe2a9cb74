"""Kernels forked from one process that has the imports done, for jupyter_client and papermill.

`Engine` is papermill's own engine but for where its kernels come from. Each notebook still has a process of its own,
so nothing leaks from one to the next. Where a kernel cannot be forked (no fork, another Python, the warmed process did
not start), an ordinary one is started.
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

__all__ = ["ENGINE", "Engine", "KernelManager", "Kernels", "Provisioner"]

ENGINE: Final = "retention-kit"
"""Name of the papermill engine."""
_LAUNCHER: Final = ["-m", "ipykernel_launcher"]
_LONGEST: Final = 102
"""Bytes of a path of which ".json" can still become "-ipc-5": the name of a socket holds 107, on macOS 103."""


class Kernels:
    """The kernels of one run: where the files are through which they are spoken to, and an end to all of them.

    Parameters
    ----------
    folder : Path, optional
        A private folder, which is removed after the run; by default that of Jupyter.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        self._stopped = threading.Event()
        self._processes: list[Any] = []

    @property
    def stopped(self) -> bool:
        """Whether they were stopped."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise where they were stopped: then nothing is started any more.

        Raises
        ------
        RuntimeError
        """
        if self.stopped:
            raise RuntimeError("The run was stopped.")

    def add(self, process: Any) -> None:
        """Take note of a process that has been started; it ends at once where they were stopped meanwhile."""
        self._processes.append(process)
        if self.stopped:
            process.kill()

    def stop(self) -> None:
        """End every kernel and the process that they are forked from, and start no other one."""
        with self.lock:
            self._stopped.set()
            for process in self._processes:
                process.kill()
            warm_kernels.stop()


class Provisioner(LocalProvisioner):
    """Forks a kernel where that comes to the same as its command, and starts an ordinary one where not."""

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
            self.process = process  # type: ignore[assignment]  # it has what is called of a Popen
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
    """The process that kernels are forked from; a run that was stopped starts none."""
    kernels.check()
    return warm_kernels.current()


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

    kernels = Kernels()
    """Of a run they are its own, see `Engine`."""

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start a kernel."""
        if self.provisioner is None:  # it is kept where a kernel is started again
            self._prefer_files()
            self.kernel_id = self.kernel_id or str(uuid.uuid4())
            self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        await super().start_kernel(**options)

    def _prefer_files(self) -> None:
        """Ports remain where there are no sockets with names, or the names would be too long."""
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

    It is registered below and not by an entry point: papermill loads those while it is itself being imported from here.
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

        However the run ends, papermill then saves what was made to `saved_to`: once, and not after each cell, which
        would write all figures of a page again and again.
        """
        manager = type(KernelManager.__name__, (KernelManager,), {"kernels": kernels or Kernels()})
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, kernel_manager_class=manager, **options)
        finally:
            nb_man.output_path = saved_to and str(saved_to)


papermill_engines.register(ENGINE, Engine)
