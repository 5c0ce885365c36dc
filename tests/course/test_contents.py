"""JupyterLab's view of a lesson and its text: the newer one is shown, saving keeps both, a lesson always opens."""

import asyncio
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from tornado.web import HTTPError

from seattn_course.course.contents import LessonContentsManager

ROOT = Path(__file__).resolve().parents[2]
LESSON = "notebooks/tr/n.ipynb"
TEXT = "text/notebooks/tr/n.md"
OLD, NEW = 1_000_000_000, 1_000_000_100


@pytest.fixture
def manager(tmp_path) -> LessonContentsManager:
    shutil.copy(ROOT / "jupytext.toml", tmp_path)
    for path in (LESSON, TEXT):
        (tmp_path / path).parent.mkdir(parents=True)
    manager = LessonContentsManager(root_dir=str(tmp_path))
    save(manager, "1 + 1")
    return manager


def save(manager: LessonContentsManager, source: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, metadata={"name": "sum"})])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    asyncio.run(manager.save({"type": "notebook", "content": notebook}, LESSON))


def shown(manager: LessonContentsManager) -> tuple[str, dict]:
    model = asyncio.run(manager.get(LESSON, require_hash=True))
    return model["content"]["cells"][0]["source"], model


def edit(manager: LessonContentsManager, path: str, old: str, new: str, modified: int) -> None:
    file = Path(manager.root_dir, path)
    file.write_text(file.read_text().replace(old, new))
    os.utime(file, (modified, modified))


def test_saving_keeps_the_text_in_step(manager):
    save(manager, "2 + 2")
    assert "2 + 2" in Path(manager.root_dir, TEXT).read_text()
    assert shown(manager)[0] == "2 + 2"


@pytest.mark.parametrize(("newer", "expected"), [(LESSON, "from the notebook"), (TEXT, "from the text")])
def test_the_newer_one_is_shown(manager, newer, expected):
    edit(manager, LESSON, "1 + 1", "from the notebook", NEW if newer == LESSON else OLD)
    edit(manager, TEXT, "1 + 1", "from the text", NEW if newer == TEXT else OLD)
    manager = LessonContentsManager(root_dir=manager.root_dir)  # a fresh start, without memory of pairs
    source, model = shown(manager)
    assert source == expected
    # JupyterLab asks for these before it saves, and warns of a foreign change if they differ.
    later = asyncio.run(manager.get(LESSON, content=False, require_hash=True))
    assert (later["hash"], later["last_modified"]) == (model["hash"], model["last_modified"])
    save(manager, source)
    assert expected in Path(manager.root_dir, LESSON).read_text()
    assert expected in Path(manager.root_dir, TEXT).read_text()


def test_a_notebook_that_is_no_json_still_says_so(manager):
    Path(manager.root_dir, LESSON).write_text("{")
    with pytest.raises(HTTPError) as error:
        shown(manager)
    assert error.value.status_code == 400
    assert "json" in str(error.value).lower()
