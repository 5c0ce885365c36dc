"""pyproject.toml, constraints.txt and environment.yml ask for the same packages."""

import importlib.metadata
import itertools
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# PyPI's name: conda-forge's name, where they differ.
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert len({canonicalize_name(pin.name) for pin in found}) == len(found), "a package is pinned twice"
    return {canonicalize_name(pin.name): pin for pin in found}


def conda_environment() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def test_conda_gets_what_pip_gets():
    expected = {f"python{PROJECT['requires-python']}", "pip"}
    for text in PROJECT["dependencies"]:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        expected.add(text.replace(requirement.name, CONDA_NAMES.get(name, name)))
    listed = [entry for entry in conda_environment()["dependencies"] if isinstance(entry, str)]
    assert len(listed) == len(set(listed))
    assert set(listed) == expected


def test_conda_installs_the_course_itself():
    by_pip = [entry["pip"] for entry in conda_environment()["dependencies"] if isinstance(entry, dict)]
    assert by_pip == [["--editable ."]]
    assert conda_environment()["name"] == PROJECT["name"]


def test_every_pin_is_exact_and_without_a_local_label():
    for pin in pins().values():
        assert re.fullmatch(r"==[^*+,]+", str(pin.specifier)), pin


@pytest.mark.parametrize("extra", ["core", *EXTRAS])
def test_every_requirement_is_pinned_to_a_version_it_allows(extra):
    pinned = pins()
    for text in PROJECT["dependencies"] if extra == "core" else EXTRAS[extra]:
        requirement = Requirement(text)
        pin = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(str(pin.specifier).removeprefix("=="), prereleases=True), pin


def test_what_the_requirements_require_is_pinned_too():
    """As far as it is installed here: an extra that is absent brings no requirements to follow."""
    pinned = pins()
    waiting = [Requirement(text) for text in [*PROJECT["dependencies"], *itertools.chain(*EXTRAS.values())]]
    waiting.append(Requirement("setuptools"))  # builds the course, before anything else
    followed = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        environments = [{"extra": extra} for extra in requirement.extras or {""}]
        if (name, frozenset(requirement.extras)) in followed:
            continue
        followed.add((name, frozenset(requirement.extras)))
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        assert name in pinned or name.startswith(("nvidia-", "cuda-", "triton")), f"{name} is not pinned"
        for text in distribution.requires or ():
            child = Requirement(text)
            if child.marker is None or any(child.marker.evaluate(each) for each in environments):
                waiting.append(child)
    assert len(followed) > 100


def test_no_file_names_a_package_registry():
    """Which index pip asks is the user's affair: a mirror, a proxy or a folder must do."""
    for name in (
        "Makefile",
        "constraints.txt",
        "environment.yml",
        "pyproject.toml",
        ".github/workflows/course.yml",
    ):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name
