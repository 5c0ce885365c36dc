"""Jupyter's way to start a kernel otherwise than by a command: ask the warm process for one.

Named in a kernel spec's metadata, so that nbval, nbclient and every other client use it without knowing.
"""

import json
import os
import select
import signal
import socket
import time
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Float, Unicode

# A Unix socket's path has at most 103 bytes on any system; jupyter_client adds a hyphen and a small number.
LONGEST_SOCKET_PATH = 95


class ForkedKernel:
    """A kernel that the warm process forked, with the part of Popen's interface that LocalProvisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket):
        self.connection = connection
        self.received = b""
        self.returncode: int | None = None
        self.pid: int = self._message()["pid"]

    def _message(self) -> dict[str, int]:
        """The server's next line; ConnectionError if it closed the connection instead."""
        while b"\n" not in self.received:
            data = self.connection.recv(4096)
            if not data:
                raise ConnectionError("the warm process closed the connection")
            self.received += data
        line, self.received = self.received.split(b"\n", 1)
        return json.loads(line)

    def poll(self, timeout: float = 0) -> int | None:
        if self.returncode is None and (self.received or select.select([self.connection], [], [], timeout)[0]):
            try:
                self.returncode = self._message()["exit"]
            except OSError:  # the server is gone, and took its kernels along
                self.returncode = -int(signal.SIGKILL)
            self.connection.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        give_up = None if timeout is None else time.monotonic() + timeout
        while self.poll(0.1) is None:
            if give_up is not None and time.monotonic() > give_up:
                raise TimeoutError(f"kernel {self.pid} did not end within {timeout} s")
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):
    """Starts kernels through the warm process that listens on ``server``; ordinary ones if it does not answer."""

    server = Unicode(help="path of the warm process's Unix socket").tag(config=True)
    fallback = Unicode(help="file that takes a line for each kernel started the ordinary way").tag(config=True)
    patience = Float(60.0, help="seconds to wait for the warm process").tag(config=True)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Unix sockets: a port that is free when it is chosen may be another's before the kernel binds it."""
        base = os.path.join(os.path.dirname(self.server), self.kernel_id)
        if len(os.fsencode(base)) <= LONGEST_SOCKET_PATH:
            self.parent.transport, self.parent.ip = "ipc", base
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        try:
            self.process = self._fork(cmd, kwargs)
        except (OSError, ValueError, KeyError) as error:
            with open(self.fallback, "a", encoding="utf-8") as file:
                file.write(f"{type(error).__name__}: {error}\n")
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd") or os.getcwd()
        return self.connection_info

    def _fork(self, cmd: list[str], kwargs: dict[str, Any]) -> ForkedKernel:
        request = {
            "argv": cmd[cmd.index("ipykernel_launcher") + 1 :],
            "cwd": str(kwargs.get("cwd") or os.getcwd()),
            "env": dict(kwargs["env"]),
        }
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(self.patience)
            connection.connect(self.server)
            connection.sendall(json.dumps(request).encode() + b"\n")
            return ForkedKernel(connection)
        except BaseException:
            connection.close()
            raise
