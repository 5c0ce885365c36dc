"""The .venv of a checkout: what is in it, what should be, and how to get there. Python 3.6 can read this file."""

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

try:
    import fcntl
except ImportError:  # Windows: two starts at a time are not kept apart there
    fcntl = None

OLDEST_PYTHON = (3, 11)
THIS_PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"

# pip's own words, by what they mean; the first that matches is told, so the surer signs stand first.
SIGNS = (
    ("disk", r"No space left on device|Errno 28\b|Disk quota exceeded|not enough space on the disk"),
    ("permission", r"Permission denied|Errno 13\b|Read-only file system"),
    (
        "offline",
        r"Failed to establish a new connection|name resolution|Name or service not known|getaddrinfo failed"
        r"|nodename nor servname|Network is unreachable|Connection refused|NewConnectionError|ConnectTimeoutError"
        r"|ReadTimeoutError|Read timed out|ProxyError|Connection reset|RemoteDisconnected|SSLError"
        r"|CERTIFICATE_VERIFY_FAILED|No route to host"
        # Every index has this one for every computer; pip told not to retry gives no other sign.
        r"|No matching distribution found for setuptools|Cannot install setuptools",
    ),
    ("no-build", r"No matching distribution found for (?P<package>[\w.-]+)"),
)


class Stop(Exception):  # noqa: N818 - an end, and not always an error
    """The one sentence with which the installation ends."""

    def __init__(self, key, status=1, **values):
        super().__init__(key)
        self.key, self.status, self.values = key, status, values


def diagnose(output):
    """(message key, its values) for what pip printed before it failed."""
    for key, sign in SIGNS:
        match = re.search(sign, output, re.IGNORECASE)
        if match:
            return key, match.groupdict()
    return "pip", {}


class Installation:
    """The .venv of one checkout: what is in it, what should be, and how to get there."""

    def __init__(self, root, environ):
        self.root = root
        self.environ = environ
        self.folder = os.path.join(root, ".venv")
        place = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        self.python = os.path.join(self.folder, *place)
        self.stamp = os.path.join(self.folder, "seattn-installed.json")
        self.unfinished = os.path.join(self.folder, "seattn-unfinished")
        self.log = os.path.join(self.folder, "install.log")

    def read_stamp(self):
        try:
            with open(self.stamp, encoding="utf-8") as file:
                stamp = json.load(file)
            return stamp if isinstance(stamp, dict) and isinstance(stamp.get("extras"), list) else None
        except (OSError, ValueError):
            return None

    def fingerprint(self):
        """Hash of all that decides what pip installs; settings of other tools in pyproject.toml do not count."""
        import tomllib  # Python 3.11: known to be there by now

        with open(os.path.join(self.root, "pyproject.toml"), "rb") as file:
            project = tomllib.load(file)
        with open(os.path.join(self.root, "constraints.txt"), encoding="utf-8") as file:
            pins = [line.strip() for line in file if line.strip() and not line.startswith("#")]
        parts = [project.get("build-system"), project["project"], project.get("tool", {}).get("setuptools"), pins]
        return hashlib.sha256(json.dumps([*parts, self.root], sort_keys=True).encode("utf-8")).hexdigest()

    def venv_version(self):
        """'3.11' of the Python in .venv, or None where it does not start."""
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            answer = subprocess.run([self.python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError:
            return None
        version = answer.stdout.decode("ascii", "replace").strip()
        folder = os.path.join(self.folder, "lib", "python" + version)
        # After an upgrade of the system's Python, .venv/bin/python starts but looks into an empty folder.
        return version if answer.returncode == 0 and (os.name == "nt" or os.path.isdir(folder)) else None

    def usable(self):
        """Whether .venv can be kept: its Python starts and is the one asked for, and no installation broke off."""
        version = self.venv_version()
        if version is None or os.path.exists(self.unfinished):
            return False
        if self.environ.get("PYTHON"):
            return version == THIS_PYTHON
        return tuple(map(int, version.split("."))) >= OLDEST_PYTHON

    def current(self, extras):
        stamp = self.read_stamp()
        return (
            stamp is not None
            and set(extras) <= set(stamp["extras"])
            and stamp.get("fingerprint") == self.fingerprint()
            and (self.environ.get("TORCH_INDEX") or stamp.get("torch_index")) == stamp.get("torch_index")
            and self.usable()
        )

    @contextlib.contextmanager
    def alone(self, report):
        """Holds off a second start in the same folder while this one installs."""
        if fcntl is None:
            yield
            return
        name = hashlib.sha256(self.root.encode("utf-8")).hexdigest()[:16]
        # Not within .venv, which may be deleted and made anew meanwhile.
        with open(os.path.join(tempfile.gettempdir(), f"seattn-{os.getuid()}-{name}.lock"), "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                report("waiting")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def make_environment(self, report):
        """An empty .venv with pip; Stop where this Python cannot make one."""
        if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
            raise Stop("no-venv", python=sys.executable, minor=THIS_PYTHON)
        if os.path.lexists(self.folder):
            report("anew")
        # From within .venv itself the new one would lean on the old, which is about to go.
        python = getattr(sys, "_base_executable", None) or sys.executable
        command = [python, "-m", "venv", "--clear", self.folder]
        collected = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        made = subprocess.run(command, env=self.pip_environment(), **collected)
        output = made.stdout.decode("utf-8", "replace")
        if made.returncode:
            key, _ = diagnose(output)
            last = (output.strip().splitlines() or ["?"])[-1]
            raise Stop(key if key in ("disk", "permission") else "no-environment", reason=last)

    def pip_environment(self):
        """The user's settings (index, proxy, certificates) without those that would lead pip out of .venv."""
        drop = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "__PYVENV_LAUNCHER__")
        kept = {name: value for name, value in self.environ.items() if name not in drop}
        kept.update(PIP_USER="0", PYTHONNOUSERSITE="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
        return kept

    def run_pip(self, *arguments):
        """pip in .venv; Stop with the reason where it fails. All it prints goes to the log."""
        command = [self.python, "-m", "pip", "install", "--constraint", "constraints.txt", "--progress-bar", "off"]
        pip = subprocess.Popen(
            command + list(arguments),
            cwd=self.root,
            env=self.pip_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        lines = []
        try:
            for raw in pip.stdout:
                lines.append(raw.decode("utf-8", "replace").rstrip())
                show_status(lines[-1])
            status = pip.wait()
        finally:
            show_status("")
            if pip.poll() is None:
                pip.terminate()
                pip.wait()
            self.write_log(lines)
        if status < 0:
            raise Stop("killed", signal=-status)
        if status:
            key, values = diagnose("\n".join(lines))
            raise Stop(key, tail="\n".join("  " + line for line in lines[-8:]), **values)

    def write_log(self, lines):
        try:
            with open(self.log, "a", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
        except OSError:
            pass  # the disk may be full; what matters is told on the screen

    def install(self, extras, report):
        """Bring .venv to what pyproject.toml and constraints.txt say, with these extras and those it had."""
        started = time.time()
        stamp = self.read_stamp()
        torch_index = self.environ.get("TORCH_INDEX") or (stamp or {}).get("torch_index")
        extras = sorted(set(extras) | set((stamp or {}).get("extras", ())))
        if not self.usable():
            self.make_environment(report)
            stamp = None
        report("starting")
        from_folder = torch_index or self.environ.get("PIP_NO_INDEX")
        if sys.platform == "linux" and not from_folder and not shutil.which("nvidia-smi"):
            report("large-torch")
        open(self.unfinished, "w").close()
        try:
            # setuptools first: then the course is built with the pinned one, and again later without a network.
            self.run_pip("setuptools")
            if torch_index and torch_index != (stamp or {}).get("torch_index"):
                names = ["torch"] + (["torchvision"] if {"test", "work"} & set(extras) else [])
                self.run_pip("--no-deps", "--force-reinstall", "--index-url", torch_index, *names)
            course = "." + ("[" + ",".join(extras) + "]" if extras else "")
            self.run_pip("--no-build-isolation", "--editable", course)
        except Stop as stop:
            # pip fetches and resolves before it changes anything; only when it was cut short is .venv in doubt.
            if stop.key not in ("disk", "killed"):
                os.remove(self.unfinished)
            raise
        stamp = {"extras": extras, "fingerprint": self.fingerprint(), "torch_index": torch_index}
        with open(self.stamp, "w", encoding="utf-8") as file:
            json.dump(stamp, file, indent=1)
        os.remove(self.unfinished)
        report("done", seconds=time.time() - started)


def show_status(line):
    """One line that pip's progress overwrites, on a terminal only; an empty line wipes it."""
    if not sys.stderr.isatty() or (line and not line.startswith(("Collecting", "Downloading", "Installing"))):
        return
    width = shutil.get_terminal_size().columns - 1
    sys.stderr.write("\r\033[K" + line.strip()[:width])
    sys.stderr.flush()
