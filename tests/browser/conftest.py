"""JupyterLab as ``make lab`` starts it, on a copy of the course, in a Chromium without a window.

These tests run only when asked for (``make test-browser``, or ``pytest tests/browser -m browser``).
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("notebooks", "exercises", "solutions", "text", "seattn_course", "jupytext.toml", "pyproject.toml")


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: drives a real browser; runs only with -m browser")


def pytest_collection_modifyitems(config, items):
    if "browser" not in config.option.markexpr:
        here = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=here)
        items[:] = [item for item in items if item not in here]


@pytest.fixture(scope="session")
def course(tmp_path_factory) -> Path:
    """A copy of the course: JupyterLab saves what it runs, and a test must not edit the lessons."""
    copy = tmp_path_factory.mktemp("course")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="session")
def open_lab(course, tmp_path_factory) -> Iterator[Callable[[str], str]]:
    """``open_lab("tr")`` is the address of the first lesson in a Turkish JupyterLab; one server a language."""
    home = tmp_path_factory.mktemp("home")
    servers: dict[str, tuple[subprocess.Popen, str]] = {}

    def start(language: str) -> str:
        if language not in servers:
            command = [sys.executable, "-m", "seattn_course", "lab", "--language", language, "--no-browser"]
            command += ["--settings", str(home / "lab"), "--", "--LabApp.expose_app_in_browser=True"]
            environment = os.environ | {"XDG_DATA_HOME": str(home), "HOME": str(home)}
            server = subprocess.Popen(command, cwd=course, env=environment, stdout=subprocess.PIPE, text=True)
            told = ""
            while "token=" not in told:
                line = server.stdout.readline()
                assert line, f"the lab ended before it told its address: {told}"
                told += line
            servers[language] = server, re.search(r"http\S+token=\w+", told).group()
        return servers[language][1]

    yield start
    for server, _ in servers.values():
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="session")
def chromium():
    """A Chromium; playwright's own where it is installed, otherwise the system's."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        if not path and not Path(own).exists():
            pytest.skip("no Chromium here: `playwright install chromium` brings one (2026-11-22)")
        browser = playwright.chromium.launch(
            executable_path=path or own,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()
