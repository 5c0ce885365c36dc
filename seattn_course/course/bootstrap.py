"""Makes .venv and installs the course into it; does nothing when that is already done.

Runs before anything is installed, with whatever Python the computer has: standard library only, and (like the
modules it imports) no syntax newer than Python 3.6, so that an old Python gets a sentence, not a SyntaxError.

    python3 seattn_course/course/bootstrap.py [--language en|tr] [--extra test]

Environment: PYTHON (build .venv with this Python; read only to notice that it was chosen), TORCH_INDEX
(address of a package index from which torch alone is fetched, for instance PyTorch's CPU builds).
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
if __name__ == "__main__":
    sys.path[0] = ROOT  # in place of this folder, whose modules could hide those of the standard library

from seattn_course.course.installation import OLDEST_PYTHON, Installation, Stop, diagnose  # noqa: E402

LANGUAGES = ("en", "tr")
SCRIPT = "seattn_course/course/bootstrap.py"


def locale_language(environ):
    """'tr' where the locale is Turkish, otherwise 'en'; the first variable that is set decides, as in POSIX."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "tr" if environ[name].lower().startswith("tr") else "en"
    return "en"


def chosen_language(choice, environ):
    """The language asked for, or the locale's where none was; Stop for any other than en and tr."""
    language = choice or locale_language(environ)
    if language not in LANGUAGES:
        raise Stop("language", status=2, value=language)
    return language


def say(key, language, **values):
    """Print a message of messages/<language>/bootstrap.json (JSON, for a Python without a TOML reader)."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "messages", language)
    with open(os.path.join(folder, "bootstrap.json"), encoding="utf-8") as file:
        message = json.load(file)[key]
    # stderr replaces what its encoding lacks; a Turkish sentence must not end in a UnicodeEncodeError.
    print(message.format(**values), file=sys.stderr, flush=True)


def find_other_python(which=shutil.which, call=subprocess.call):
    """The name of a Python on PATH that is new enough and starts, or None."""
    for minor in range(14, OLDEST_PYTHON[1] - 1, -1):
        name = f"python3.{minor}"
        if which(name):
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            if call([name, "-c", "pass"], **quiet) == 0:
                return name
    return None


def ensure(installation, extras, report):
    """Install what is missing, or find that nothing is; Stop with the sentence to show otherwise."""
    if sys.version_info < OLDEST_PYTHON:
        # A .venv from an earlier `make lab PYTHON=...` serves as well: its Python takes over from this one.
        if installation.venv_version() and not installation.environ.get("PYTHON"):
            os.execv(installation.python, [installation.python, os.path.abspath(__file__), *sys.argv[1:]])
        other = find_other_python()
        raise Stop("other-python" if other else "old-python", version=platform.python_version(), other=other)
    if installation.current(extras):
        return
    try:
        with installation.alone(report):
            if not installation.current(extras):  # the start that was waited for may have done it
                installation.install(extras, report)
    except Stop as stop:
        stamp = installation.read_stamp()
        if stop.key == "offline" and stamp and not extras and installation.usable():
            report("offline-but-there")
            return
        raise


def free_gigabytes(folder):
    try:
        return shutil.disk_usage(folder).free / 1e9
    except OSError:
        return 0.0


def main(argv=None):
    parser = argparse.ArgumentParser(description="Make .venv and install the course into it, if need be.")
    parser.add_argument("--language", default="", help="en or tr; by default the locale's")
    parser.add_argument("--extra", action="append", default=[], help="an extra of pyproject.toml; may be repeated")
    parser.add_argument("--again", default="", help="the make command to repeat, for messages")
    arguments = parser.parse_args(argv)
    language = locale_language(os.environ)
    installation = Installation(ROOT, dict(os.environ))
    try:
        language = chosen_language(arguments.language, os.environ)
        ensure(installation, arguments.extra, lambda key, **values: say(key, language, **values))
        return 0
    except Stop as stop:
        problem = stop
    except KeyboardInterrupt:
        problem = Stop("interrupted", status=130)
    except OSError as error:
        key, _ = diagnose(str(error))
        problem = Stop(key if key in ("disk", "permission") else "no-environment", reason=str(error))
    other = problem.values.get("other") or "python3.12"
    values = {
        "again": arguments.again or f"python3 {SCRIPT}",
        "newer": f"{arguments.again} PYTHON={other}" if arguments.again else f"{other} {SCRIPT}",
        "place": ROOT,
        "log": installation.log,
        "free": free_gigabytes(ROOT),
        "temporary": tempfile.gettempdir() if problem.key == "disk" else "",
        "free_temporary": free_gigabytes(tempfile.gettempdir()) if problem.key == "disk" else 0.0,
        "machine": f"{platform.system()} {platform.machine()}",
        "version": platform.python_version(),
    }
    values.update(problem.values)
    say(problem.key, language, **values)
    return problem.status


if __name__ == "__main__":
    sys.exit(main())
