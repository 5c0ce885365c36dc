"""The targets of the Makefile, and what a CI host calls."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from seattn_course.course.command import VERBS

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split()
TURKISH_LETTERS = set("çğıöşüÇĞİÖŞÜ")


def make(*words: str, **environ: str) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "MAKE", "PYTHON"))}
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        env={**clean, "LANG": "C.UTF-8", **environ},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("words", "environ"), [((), {}), (("help",), {}), (("help", "L=tr"), {}),
                                                (("help",), {"LC_ALL": "tr_TR.UTF-8"})])  # fmt: skip
def test_help_lists_every_target_in_one_line(words, environ):
    lines = make(*words, **environ).stdout.splitlines()
    assert [line.split()[1] for line in lines] == TARGETS
    turkish = "L=tr" in words or bool(environ)
    assert bool(TURKISH_LETTERS & set("".join(lines))) == turkish
    assert all(len(line) <= 100 for line in lines)


def test_a_chosen_language_wins_over_the_locale():
    assert make("help", "L=en", LC_ALL="tr_TR.UTF-8").stdout == make("help").stdout


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "help"])
def test_a_target_installs_what_it_needs_and_calls_what_exists(target):
    recipe = make("--dry-run", target, "L=tr").stdout
    assert f'bootstrap.py --language "tr" --again "make {target} L=tr"' in recipe
    verbs = re.findall(r"-m seattn_course (\S+)", recipe)
    assert set(verbs) <= set(VERBS)
    scripts = re.findall(r"\S+\.py", recipe)
    assert scripts
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("lab",), 'lab --language ""'),
        (("lab", "L=tr", "NO_BROWSER=1"), 'lab --language "tr" --no-browser'),
        (("test", "L=en", "KERNEL=stock", "CHANGED=1"), "everything --language en --kernel stock --changed"),
        (("test-gpu",), "test --device cuda"),
        (("test-browser", "ONCE=1"), "pytest tests/browser -m browser --lessons-once"),
    ],
)
def test_options_are_passed_on(words, expected):
    recipe = make("--dry-run", *words).stdout
    assert expected in recipe.replace(" \n", "\n").strip()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "There is no python3.99"), ("tr", "python3.99 bu bilgisayarda yok")]
)
def test_a_python_that_is_not_there_is_a_sentence(language, words):
    ended = make("check", "PYTHON=python3.99", f"L={language}")
    assert ended.returncode != 0
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_a_clone_without_a_network_says_so_in_one_sentence(tmp_path):
    """A real first run: make, a real venv, a real pip, an index that does not answer."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("bootstrap.py", "installation.py", "__init__.py", "messages/tr/bootstrap.json"):
        copy = tmp_path / "seattn_course" / "course" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "seattn_course" / "course" / name, copy)
    shutil.copy(ROOT / "seattn_course" / "__init__.py", tmp_path / "seattn_course")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    ended = make("-C", str(tmp_path), "lab", "L=tr", **nowhere, PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull)
    assert ended.returncode != 0
    assert "paket dizini yanıt vermiyor" in ended.stderr
    assert "make lab L=tr" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


@pytest.mark.parametrize(
    ("there", "failing", "calls", "status"),
    [
        (["chromium"], "", ["test", "test-browser ONCE=1"], 0),
        (["google-chrome"], "", ["test", "test-browser ONCE=1"], 0),
        ([], "", ["test"], 0),
        (["chromium"], "test", ["test"], 1),
        (["chromium"], "test-browser", ["test", "test-browser ONCE=1"], 1),
    ],
)
def test_ci_runs_the_tests_and_the_browser_lane_where_there_is_a_browser(tmp_path, there, failing, calls, status):
    """With a PATH of its own: a make that notes what it is asked for, and a browser or none."""
    for name in ("bash", "dirname", "id", "env"):
        (tmp_path / name).symlink_to(shutil.which(name))
    make_it = f'#!/bin/sh\necho "$*" >> "{tmp_path}/calls"\ntest "$1" != "{failing}"\n'
    for name, text in {"make": make_it, **dict.fromkeys(there, "#!/bin/sh\n")}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "calls").touch()
    ended = subprocess.run([ROOT / ".ci" / "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert (tmp_path / "calls").read_text().splitlines() == calls
    assert ended.returncode == status, ended.stderr
    assert ("no Chromium here" in ended.stdout) == (not there)


def test_the_site_is_published_by_a_workflow():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "site.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make site"]
    uploads = [step for step in job["steps"] if "upload-pages-artifact" in step.get("uses", "")]
    assert [step["with"]["path"] for step in uploads] == ["build/site"]
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}


def test_the_workflow_covers_what_the_course_promises():
    text = (ROOT / ".github" / "workflows" / "course.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    triggers, jobs = workflow[True], workflow["jobs"]  # YAML 1.1 reads the key "on" as true
    assert {"push", "pull_request", "schedule"} <= set(triggers)
    matrix = jobs["cpu"]["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f">={matrix['python'][0]}" == project["requires-python"]
    assert all(isinstance(version, str) for version in matrix["python"])  # 3.10 as a number would be 3.1
    assert "'schedule' && 'stock'" in jobs["cpu"]["env"]["KERNEL"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert commands == [".ci/run", "make test-gpu"]
    assert set(jobs["gpu"]["runs-on"]) == {"self-hosted", "gpu"}
    assert "pull_request" in jobs["gpu"]["if"]  # a stranger's code does not run on one's own machine
    assert all(job["timeout-minutes"] <= 90 for job in jobs.values())
