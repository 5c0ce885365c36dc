"""The small course that the authoring tests break, made once and copied for each test."""

import shutil
from pathlib import Path

import pytest
from small_course import make_course


@pytest.fixture(scope="session")
def pristine_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    make_course(root)
    return root


@pytest.fixture
def course(pristine_course: Path, tmp_path: Path) -> Path:
    """Root folder of a fresh copy of the small course."""
    return Path(shutil.copytree(pristine_course, tmp_path / "course"))
