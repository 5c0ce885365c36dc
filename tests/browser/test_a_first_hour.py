"""What a learner does in their first hour: looks around, answers wrong, then right, sees progress, comes back."""

import json

import pytest

from seattn_course.authoring.browser import named_cell, open_notebook, run_named
from seattn_course.course.language import Catalogue

pytestmark = pytest.mark.browser

MENUS = {"en": {"File", "Edit", "View", "Run"}, "tr": {"Dosya", "Düzenle", "Görünüm", "Çalıştır"}}
# Contrast (WCAG 2) of each text in the outputs with what lies behind it: the lowest, with its text.
LOWEST_CONTRAST = """root => {
    const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
    const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = colour => {
        const [r, g, b] = parse(colour).map(v => linear(v / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = node => {
        for (; node; node = node.parentElement) {
            const colour = getComputedStyle(node).backgroundColor, alpha = parse(colour)[3] ?? 1;
            if (alpha > 0) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !node.checkVisibility()) continue;
        const [a, b] = [light(getComputedStyle(node).color), light(behind(node))].sort((x, y) => y - x);
        found.push([(a + 0.05) / (b + 0.05), walker.currentNode.textContent.trim().slice(0, 40)]);
    }
    return found.sort((x, y) => x[0] - y[0])[0] || [21, ''];
}"""


def test_the_first_lesson_is_open_and_the_menus_speak_its_language(lab_page, language, keep_picture):
    page = lab_page(language)
    menus = page.locator(".lm-MenuBar-itemLabel").all_inner_texts()
    assert MENUS[language] <= set(menus), menus
    assert page.url.split("?")[0].endswith(f"/notebooks/{language}/00_start_here.ipynb")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    assert page.locator(".jp-Dialog, .jp-toast-message").count() == 0
    keep_picture(page, f"{language}-lab")


def test_the_machinery_is_hidden(page):
    page.evaluate("window.jupyterapp.commands.execute('filebrowser:go-to-path', {path: ''})")
    page.wait_for_selector(".jp-DirListing-item >> text=notebooks")
    shown = page.locator(".jp-DirListing-itemName").all_inner_texts()
    assert set(shown) == {"exercises", "notebooks", "solutions"}


def answer(page, text: str) -> None:
    """Type an answer to the first exercise over what stands there, and run it and its check by the keyboard."""
    editor = named_cell(page, "answer-first-check").locator(".cm-content")
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(f"axes = {text}")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")


def solved_at_home(page, language: str) -> str:
    """The first row of the table on the landing page."""
    open_notebook(page, f"notebooks/{language}/00_start_here.ipynb")
    run_named(page, "setup")
    run_named(page, "home")
    return named_cell(page, "home").locator("tbody tr").first.inner_text()


def test_wrong_then_right_then_progress_and_a_reload_loses_nothing(page, language, keep_picture):
    words = Catalogue("seattn_course.checks.messages", language)
    exercise = f"exercises/{language}/00_start_here.ipynb"
    open_notebook(page, exercise)
    run_named(page, "setup")
    answer(page, "3")
    output = named_cell(page, "check-first-check").locator(".jp-OutputArea-output")
    sentence = words.text("start_here.first_check.wrong.batch_forgotten").split("`")[0].strip()
    output.get_by_text(sentence).wait_for()
    keep_picture(page, f"{language}-wrong")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg=str("Light" in theme).lower()
        )
        ratio, text = output.evaluate(LOWEST_CONTRAST)
        assert ratio >= 4.5, f"{text!r} has a contrast of {ratio:.1f} in {theme}"
    answer(page, "4")
    output.get_by_text(words.text("start_here.first_check.done")).wait_for()
    keep_picture(page, f"{language}-right")
    page.keyboard.press("ControlOrMeta+s")
    page.wait_for_function("() => !window.panel.context.model.dirty")
    assert "1/5 ✓––––" in solved_at_home(page, language)
    keep_picture(page, f"{language}-home")
    page.evaluate("() => window.panel.context.save()")
    # The address names the tab in front, and what it names comes to the front after a reload.
    open_notebook(page, exercise)
    page.wait_for_url(f"**/{exercise}*")
    page.reload()
    page.wait_for_function("() => window.jupyterapp")
    open_notebook(page, exercise)
    assert "axes = 4" in named_cell(page, "answer-first-check").inner_text()
    assert words.text("start_here.first_check.done") in named_cell(page, "check-first-check").inner_text()
    run_named(page, "check-first-check")  # the kernel and its variables are there as well
    assert words.text("start_here.first_check.done") in named_cell(page, "check-first-check").inner_text()
    assert "1/5 ✓––––" in solved_at_home(page, language)


def test_saving_an_edited_lesson_updates_its_text(page, language, course):
    stem = "01_channels_and_squeeze"
    open_notebook(page, f"notebooks/{language}/{stem}.ipynb")
    edit = """async name => {
        const cell = window.panel.content.widgets.find(cell => cell.model.getMetadata('name') === name);
        cell.model.sharedModel.setSource(cell.model.sharedModel.getSource() + '\\n\\nA word of my own.');
        await window.within(window.panel.context.save());
    }"""
    page.evaluate(edit, "summary")
    assert "A word of my own." in (course / "text/notebooks" / language / f"{stem}.md").read_text(encoding="utf-8")
    stored = json.loads((course / "notebooks" / language / f"{stem}.ipynb").read_text(encoding="utf-8"))
    assert any("A word of my own." in "".join(cell["source"]) for cell in stored["cells"])


def test_long_work_can_be_stopped_and_keeps_what_is_done(page, language):
    open_notebook(page, f"exercises/{language}/01_channels_and_squeeze.ipynb")
    run = """async source => {
        const kernel = window.panel.sessionContext.session.kernel;
        const future = kernel.requestExecute({code: source});
        let told = '';
        future.onIOPub = message => {
            if (message.header.msg_type === 'stream') told += message.content.text;
            if (told.includes('begun') && !window.stopped) { window.stopped = true; kernel.interrupt(); }
        };
        window.stopped = false;
        const reply = await window.within(future.done);
        return [reply.content.status, reply.content.ename || '', told];
    }"""
    long_work = """
import time
from tqdm.auto import tqdm
done = []
print("begun", flush=True)
for step in tqdm(range(10**6)):
    done.append(step)
    time.sleep(0.01)
"""
    assert page.evaluate(run, long_work)[:2] == ["error", "KeyboardInterrupt"]
    status, _, told = page.evaluate(run, "print(0 <= len(done) < 10**6)")
    assert (status, told) == ("ok", "True\n")
