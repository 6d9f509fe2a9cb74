"""Kernels forked from one process that has the imports done, for jupyter_client and papermill.

`Engine` is papermill's own engine but for where its kernels come from. Each notebook still has a process of its own,
so nothing leaks from one to the next. Where a kernel cannot be forked (no fork, another Python, the warmed process did
not start), an ordinary one is started.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_core.paths import jupyter_runtime_dir
from jupyter_core.utils import ensure_dir_exists
from papermill.engines import NBClientEngine, papermill_engines

from retention_kit.kernels import server

__all__ = ["ENGINE", "Engine", "KernelManager", "Provisioner"]

ENGINE: Final = "retention-kit"
"""Name of the papermill engine."""
_LAUNCHER: Final = ["-m", "ipykernel_launcher"]
_LONGEST: Final = 96
"""Bytes of a path to which "-ipc-5" can still be added: the name of a socket holds 107, on macOS 103."""


class Provisioner(LocalProvisioner):
    """Forks a kernel where that comes to the same as its command, and starts an ordinary one where not."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel with a command."""
        arguments = _arguments(cmd)
        if arguments is not None and server.available() and server.current().ready():
            env = dict(kwargs.get("env") or os.environ)
            cwd = str(kwargs.get("cwd") or Path.cwd())
            try:
                self.process = server.current().fork(arguments, env, os.path.abspath(cwd))
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
