"""A process that has torch, matplotlib and ipykernel loaded and forks a kernel for whoever asks.

``multiprocessing`` has a fork server too, but its children are marked: they inherit its start method, process
name and daemon flag, so a ``DataLoader`` with workers behaves differently in them. A kernel forked here is an
ordinary process: session, working folder, environment, signals, threads and random state as freshly started.

Protocol, on a Unix socket, one connection for each kernel, one JSON object a line: the client sends
``{"argv": [...], "cwd": ..., "env": {...}}``; the server answers ``{"pid": n}`` and, when that process ends,
``{"exit": status}``. A client that goes away takes its kernel with it. When the server's standard input closes,
its owner is gone, and the server kills all kernels and ends.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass, field

from seattn_course.authoring.kernels.fork import become_fresh, fork_works, preload


@dataclass
class Client:
    """One connection and, once it asked for one, its kernel."""

    connection: socket.socket
    received: bytes = b""
    pid: int | None = None

    def send(self, **message: object) -> None:
        with contextlib.suppress(OSError):
            self.connection.sendall(json.dumps(message).encode() + b"\n")

    def kill(self) -> None:
        """End the kernel and whatever it started in its process group."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


@dataclass
class Server:
    """Waits for requests, deaths and the end of its owner, in one thread."""

    listener: socket.socket
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    clients: list[Client] = field(default_factory=list)

    def serve(self) -> dict | None:
        """None when the owner is gone; the request it shall fulfil in each forked process."""
        woken, waker = socket.socketpair()
        waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        for source in (sys.stdin, woken, self.listener):
            self.selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is sys.stdin:
                    for client in self.clients:
                        client.kill()
                    return None
                if key.fileobj is woken:
                    woken.recv(4096)
                    self.reap()
                elif key.fileobj is self.listener:
                    client = Client(self.listener.accept()[0])
                    self.clients.append(client)
                    self.selector.register(client.connection, selectors.EVENT_READ, client)
                elif key.data in self.clients:
                    request = self.read(key.data)
                    if request and self.fork(key.data):
                        signal.set_wakeup_fd(-1)
                        for end in (self.selector, self.listener, woken, waker):
                            end.close()
                        return request

    def read(self, client: Client) -> dict | None:
        """The request, once it is complete; a closed connection ends the client's kernel."""
        try:
            data = client.connection.recv(1 << 20)
        except OSError:
            data = b""
        if not data:
            client.kill()
            self.forget(client)
            return None
        client.received += data
        return json.loads(client.received) if client.received.endswith(b"\n") else None

    def fork(self, client: Client) -> bool:
        """Fork the client's kernel; True in the new process."""
        client.received = b""
        client.pid = os.fork()
        if client.pid == 0:
            for other in self.clients:
                other.connection.close()
            return True
        client.send(pid=client.pid)
        return False

    def forget(self, client: Client) -> None:
        self.selector.unregister(client.connection)
        client.connection.close()
        self.clients.remove(client)

    def reap(self) -> None:
        """Tell each client whose kernel ended how it ended, and end what the kernel left behind."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for client in [client for client in self.clients if client.pid == pid]:
                client.send(exit=os.waitstatus_to_exitcode(status))
                client.kill()
                self.forget(client)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its owner decides when it ends
    del sys.path[0]  # the folder it was started in, which -m puts there
    path = sys.argv[1]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)  # clients may connect while it loads
        threads = preload()
        if not fork_works():
            raise SystemExit("a forked process cannot compute here")
        gc.freeze()
        server = os.getpid()
        request = Server(listener).serve()
    if request is not None:
        become_fresh(request, threads, server)
        from ipykernel.kernelapp import IPKernelApp

        sys.argv = ["ipykernel_launcher", *request["argv"]]
        IPKernelApp.launch_instance(parent_handle=server)


if __name__ == "__main__":
    main()
