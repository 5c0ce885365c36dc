"""``seattn lab``: its address, its isolation, its options; and the real server, started once and stopped."""

import argparse
import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from seattn_course.course import launch
from seattn_course.course.language import LANGUAGES, Catalogue

ROOT = Path(launch.__file__).parents[2]


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    launch.add_arguments(parser)
    return parser.parse_args(words)


def test_both_languages_say_the_same_things():
    english, turkish = (Catalogue("seattn_course.course.messages", language) for language in LANGUAGES)
    assert english.keys() == turkish.keys()
    for key in english.keys():  # noqa: SIM118 - a Catalogue is no mapping
        assert set(re.findall(r"\{\w+\}", english.text(key))) == set(re.findall(r"\{\w+\}", turkish.text(key)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_ask_nothing_of_the_learner(language):
    folder = Path(launch.__file__).with_name("lab_settings") / language
    overrides = json.loads((folder / "overrides.json").read_text(encoding="utf-8"))
    assert overrides["@jupyterlab/translation-extension:plugin"]["locale"] == {"en": "en", "tr": "tr_TR"}[language]
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    options = launch.lab_options(ROOT, Path("own"), language, arguments("--port", "9000"))
    assert f"--LabApp.app_settings_dir={folder}" in options
    assert f"--LabApp.default_url=/lab/tree/notebooks/{language}/00_start_here.ipynb" in options
    assert {"--ServerApp.ip=127.0.0.1", "--ServerApp.port=9000"} <= set(options)
    assert not any("token" in option for option in options)  # the server draws its own


def test_the_file_browser_hides_the_machinery_unless_asked():
    hidden = "--ContentsManager.hide_globs=tests"
    assert hidden in launch.lab_options(ROOT, Path("own"), "en", arguments())
    assert hidden not in launch.lab_options(ROOT, Path("own"), "en", arguments("--all-files"))


def test_the_users_own_jupyter_is_left_out():
    found = launch.lab_environment(
        {"JUPYTER_PATH": "/x", "PYTHONPATH": "/y", "MPLBACKEND": "agg", "LANG": "tr_TR.UTF-8"}, ROOT, Path("own")
    )
    assert not {"JUPYTER_PATH", "MPLBACKEND"} & set(found)
    assert (found["PYTHONPATH"], found["LANG"]) == (str(ROOT), "tr_TR.UTF-8")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        assert found[name].startswith("own")


@pytest.mark.parametrize(
    ("environ", "platform", "likely"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "firefox"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_browser_is_opened_only_where_one_can_be_seen(environ, platform, likely):
    assert launch.browser_is_likely(environ, platform) == likely
    options = launch.lab_options(ROOT, Path("own"), "en", arguments("--no-browser"))
    assert "--ServerApp.open_browser=False" in options


def test_an_unknown_language_is_wrong_usage(capsys):
    assert launch.run(arguments("--language", "de")) == 2
    assert "'de'" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert launch.run(arguments("--language", "en", "--settings", str(tmp_path / "file"))) == 1
    assert "--settings FOLDER" in capsys.readouterr().err


def start(home: Path, *options: str, **environ: str) -> subprocess.Popen:
    """The verb, as the make target calls it, with ``home`` as the user's folder."""
    command = [sys.executable, "-m", "seattn_course", "lab", "--settings", str(home / "lab"), *options]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.slow
def test_the_lab_starts_beside_a_broken_jupyter_on_the_next_port_and_stops_at_ctrl_c(tmp_path):
    broken = tmp_path / ".jupyter"
    broken.mkdir()
    for name in ("jupyter_server_config.py", "jupyter_lab_config.py", "jupyter_config.py"):
        (broken / name).write_text("raise RuntimeError('a configuration that does not load')")
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n')
    browser.chmod(0o755)
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        lab = start(tmp_path, "--language", "tr", "--port", str(port), BROWSER=f"{browser} %s", LC_ALL="C.UTF-8")
        try:
            told = ""
            while "token=" not in told:
                line = lab.stdout.readline()
                assert line, lab.stderr.read()
                told += line
            url = re.search(r"http\S+", told).group()
            assert told.startswith("Kurs")
            assert "/lab/tree/notebooks/tr/00_start_here.ipynb?token=" in url
            assert f":{port}/" not in url
            assert stat.S_IMODE((tmp_path / "lab" / "tr").stat().st_mode) == 0o700  # the token is in there
            server, token = url.split("lab/tree")[0], url.split("token=")[1]
            lesson = server + "api/contents/notebooks/tr/00_start_here.ipynb"
            assert status_of(lesson) == 403
            assert status_of(f"{lesson}?token={token}") == 200
            listing = urllib.request.urlopen(f"{server}api/contents?token={token}", timeout=20)
            names = {entry["name"] for entry in json.load(listing)["content"]}
            assert {"notebooks", "exercises", "solutions"} <= names
            assert not names & {"tests", "text", "seattn_course", "Makefile", ".venv"}
            os.killpg(lab.pid, signal.SIGINT)  # as a terminal does it: to the whole group
            rest, errors = lab.communicate(timeout=30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(lab.pid, signal.SIGKILL)
    assert lab.returncode == 0, errors
    assert "make lab" in rest
    page = opened.read_text().strip()
    assert page.startswith("file://")
    assert token not in page  # other users can read a command line, not this file


def test_a_server_that_cannot_start_shows_its_own_words(tmp_path):
    lab = start(tmp_path, "--language", "en", "--no-browser", "--", "--ServerApp.port=many")
    _, errors = lab.communicate(timeout=60)
    assert lab.returncode == 1
    assert "JupyterLab did not start" in errors
    assert "Traceback" not in errors
    assert "server.log" in errors
