"""``seattn lab``: the course in JupyterLab, in one language, apart from whatever Jupyter the user has set up."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from seattn_course.course.bootstrap import chosen_language
from seattn_course.course.installation import Stop
from seattn_course.course.language import LANGUAGES, Catalogue

FIRST_LESSON = "00_start_here.ipynb"
START_SECONDS = 120  # a cold start on a slow disk; on an installed machine it takes about five
# What a learner's file browser need not show; a link to it still opens.
HIDDEN = (
    *("__pycache__", "*.pyc", "*~", ".DS_Store", "*.egg-info", "seattn_course", "tests", "text", "benchmarks"),
    *("artefacts", "docs", "build", "site", "*.toml", "*.yml", "constraints.txt", "Makefile", "LICENSE"),
    "CONTRIBUTING.md",
)
# Settings of the user that would lead JupyterLab or its kernels to other files, packages or figures.
FOREIGN = (
    *("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_TOKEN", "JUPYTER_PORT", "JUPYTER_NO_CONFIG"),
    *("JUPYTERLAB_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"),
    *("PYTHONHOME", "PYTHONSTARTUP", "MPLBACKEND"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", default="", help="en or tr; by default the locale's")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    parser.add_argument("--port", type=int, default=8888, help="the first port to try; if busy, the next")
    parser.add_argument("--all-files", action="store_true", help="hide none of the course's own files")
    parser.add_argument("--settings", type=Path, help="folder of JupyterLab's settings; by default one in .venv")
    parser.add_argument("--log", action="store_true", help="show the server's messages instead of storing them")
    parser.add_argument("jupyter", nargs="*", help="after --: options for JupyterLab itself")


def run(arguments: argparse.Namespace) -> int:
    """Start JupyterLab, print its address, wait. 0 after Ctrl-C, 1 if it did not start, 2 for wrong usage."""
    try:
        language = chosen_language(arguments.language, os.environ)
    except Stop:
        print(f"--language must be one of {', '.join(LANGUAGES)}, got {arguments.language!r}", file=sys.stderr)
        return 2
    say = Catalogue("seattn_course.course.messages", language).text
    root = Path(__file__).resolve().parents[2]
    lesson = Path("notebooks", language, FIRST_LESSON)
    if not (root / lesson).is_file():
        print(say("lab.no_lessons", path=root / lesson), file=sys.stderr)
        return 1
    own = (arguments.settings or Path(sys.prefix, "share", "seattn-lab")).resolve() / language
    log_path = own / "server.log"
    try:
        own.mkdir(parents=True, exist_ok=True)
        own.chmod(0o700)  # the server writes its token there
        log = log_path.open("w", encoding="utf-8")
    except OSError as error:
        print(say("lab.no_settings", path=own, reason=error.strerror), file=sys.stderr)
        return 1
    environment = lab_environment(os.environ, root, own)
    options = lab_options(root, own, language, arguments) + arguments.jupyter
    with log:
        output = None if arguments.log else log
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # A terminal's Ctrl-C goes to the whole group; a server that got it beside our SIGTERM sometimes hung.
            start_new_session=True,
        )
    # SIGTERM makes the server stop its kernels and end; SIGHUP is a terminal that was closed.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: server.terminate())
    address = await_address(server, Path(environment["JUPYTER_RUNTIME_DIR"]), lesson)
    if address is None:
        server.terminate()
        tail = "\n".join(log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
        print(say("lab.not_started", tail=tail, log=log_path), file=sys.stderr)
        return 1
    print(say("lab.address", address=address), flush=True)
    status = server.wait()
    print(say("lab.stopped"))
    return 0 if status in (0, -signal.SIGINT, -signal.SIGTERM) else 1


def lab_environment(environ: Mapping[str, str], root: Path, own: Path) -> dict[str, str]:
    """The environment of the server and its kernels: this Python, this checkout, settings in ``own`` only."""
    environment = {name: value for name, value in environ.items() if name not in FOREIGN}
    return environment | {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), environ.get("PATH", os.defpath))),
        "PYTHONPATH": str(root),  # also when the folder was moved after its installation
        "PYTHONNOUSERSITE": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "IPYTHONDIR": str(own / "ipython"),
    }


def lab_options(root: Path, own: Path, language: str, arguments: argparse.Namespace) -> list[str]:
    """Command-line options of JupyterLab for this course."""
    settings = Path(__file__).with_name("lab_settings") / language
    browser = not arguments.no_browser and browser_is_likely(os.environ, sys.platform)
    options = {
        "ServerApp.root_dir": root,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": arguments.port,
        "ServerApp.port_retries": 50,
        "ServerApp.open_browser": browser,
        "ServerApp.answer_yes": True,  # one Ctrl-C stops it, as the message says
        "ServerApp.allow_root": True,  # in a container the only user is often root
        "ServerApp.contents_manager_class": "seattn_course.course.contents.LessonContentsManager",
        "ServerApp.log_level": "INFO" if arguments.log else "WARN",
        "LabApp.default_url": f"/lab/tree/notebooks/{language}/{FIRST_LESSON}",
        "LabApp.app_settings_dir": settings,
        "LabApp.user_settings_dir": own / "settings",
        "LabApp.workspaces_dir": own / "workspaces",
        "LabApp.extension_manager": "readonly",
    }
    hidden = [] if arguments.all_files else [f"--ContentsManager.hide_globs={pattern}" for pattern in HIDDEN]
    return [f"--{name}={value}" for name, value in options.items()] + hidden


def browser_is_likely(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a window can be opened: without a display, Python may find a text browser, which shows nothing."""
    if platform != "linux" or environ.get("BROWSER"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def await_address(server: subprocess.Popen, runtime: Path, lesson: Path) -> str | None:
    """The address of the first lesson, with its token, once ``server`` listens; None if it ended or took too long.

    Port and token come from the file that Jupyter Server writes about itself, so that a port it moved to is known.
    """
    about = runtime / f"jpserver-{server.pid}.json"
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            told = json.loads(about.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # not there yet, or half written
            time.sleep(0.1)
            continue
        return f"{told['url']}lab/tree/{lesson.as_posix()}?token={told['token']}"
    return None
