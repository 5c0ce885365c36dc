"""What a learner sees after ``make lab``: the first lesson, menus in their language, Run All to the end."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

MENUS = {"en": {"File", "Edit", "View", "Run"}, "tr": {"Dosya", "Düzenle", "Görünüm", "Çalıştır"}}
LESSONS = sorted(path.stem for path in (Path(__file__).parents[2] / "notebooks" / "en").glob("*.ipynb"))
START_MS = 60_000
RUN_MS = 120_000

RUN_ALL = """async ([path, limit]) => {
    const app = window.jupyterapp;
    // A dialog that waits for an answer would otherwise hang the test.
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('too late')), limit));
    const within = promise => Promise.race([promise, late]);
    const panel = await within(app.commands.execute('docmanager:open', {path}));
    await within(panel.context.ready);
    await within(panel.sessionContext.ready);
    await within(app.commands.execute('notebook:run-all-cells'));
    const cells = [...panel.content.widgets].filter(cell => cell.model.type === 'code');
    const errors = cells.flatMap(cell => cell.model.outputs.toJSON())
        .filter(output => output.output_type === 'error').map(output => `${output.ename}: ${output.evalue}`);
    const idle = cells.filter(cell => cell.model.executionCount === null).length;
    return {path: panel.context.path, cells: cells.length, idle, errors};
}"""


@pytest.fixture(params=["en", "tr"])
def language(request) -> str:
    return request.param


@pytest.fixture
def page(chromium, open_lab, language):
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(START_MS)
    page.goto(open_lab(language) + "&reset")  # without the tabs of the test before
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    yield page
    page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")
    context.close()


def test_the_first_lesson_is_open_and_the_menus_speak_its_language(page, language):
    menus = page.locator(".lm-MenuBar-itemLabel").all_inner_texts()
    assert MENUS[language] <= set(menus), menus
    assert page.evaluate("window.jupyterapp.shell.currentWidget.context.path") == (
        f"notebooks/{language}/00_start_here.ipynb"
    )


def test_nothing_pops_up_and_the_machinery_is_hidden(page):
    assert page.locator(".jp-Dialog, .jp-toast-message").count() == 0
    page.evaluate("window.jupyterapp.commands.execute('filebrowser:go-to-path', {path: ''})")
    page.wait_for_selector(".jp-DirListing-item >> text=notebooks")
    shown = page.locator(".jp-DirListing-itemName").all_inner_texts()
    assert set(shown) == {"exercises", "notebooks", "solutions"}


@pytest.mark.parametrize("stem", LESSONS)
def test_run_all_reaches_the_end(page, language, stem):
    result = page.evaluate(RUN_ALL, [f"notebooks/{language}/{stem}.ipynb", RUN_MS])
    assert result["cells"] > 0
    assert (result["errors"], result["idle"]) == ([], 0), result
