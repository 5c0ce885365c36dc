"""JupyterLab in a Chromium without a window, as the browser tests and the benchmarks drive it.

Nothing waits for a time: each step waits for what it causes, with a limit that suits a busy machine.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seattn_course.course.language import LANGUAGES, Catalogue

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

COPIED = (
    *("notebooks", "exercises", "solutions", "text", "seattn_course"),
    *("jupytext.toml", "pyproject.toml", "claims.toml"),
)
PATIENCE_MS = 120_000
RUN_MS = 600_000

OPEN = """async ([path, limit]) => {
    const app = window.jupyterapp;
    // A dialog that waits for an answer would otherwise hang whoever asked.
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('too late')), limit));
    const within = promise => Promise.race([promise, late]);
    await within(app.restored);
    const panel = await within(app.commands.execute('docmanager:open', {path}));
    await within(panel.context.ready);
    await within(panel.sessionContext.ready);
    window.panel = panel;
    window.within = within;
}"""
RUN_ALL = """async () => {
    const {panel, within} = window;
    await within(window.jupyterapp.commands.execute('notebook:run-all-cells'));
    const cells = [...panel.content.widgets].filter(cell => cell.model.type === 'code');
    const errors = cells.flatMap(cell => cell.model.outputs.toJSON())
        .filter(output => output.output_type === 'error').map(output => `${output.ename}: ${output.evalue}`);
    return {cells: cells.length, idle: cells.filter(cell => cell.model.executionCount === null).length, errors};
}"""
# Places of the cells that show one of the course's widgets (a progress bar is a widget as well), by their text.
WIDGET_CELLS = """texts => window.panel.content.widgets.flatMap((cell, place) =>
    cell.model.type === 'code' && cell.model.outputs.toJSON().some(
        output => output.data && texts.includes([output.data['text/plain']].flat().join(''))) ? [place] : [])"""
NAMED_CELL = """name => window.panel.content.widgets.findIndex(cell => cell.model.getMetadata('name') === name)"""
# After a reload JupyterLab restores its tabs late, and may put another one in front.
IN_FRONT = """() => {
    if (!window.panel.isVisible) window.jupyterapp.shell.activateById(window.panel.id);
    return window.panel.isVisible;
}"""
SHOW_CELL = "place => window.panel.content.scrollToItem(place, 'start')"
CLOSE_ALL = """async () => {
    for (const widget of [...window.jupyterapp.shell.widgets('main')]) {
        if (widget.context) widget.context.model.dirty = false;
        widget.dispose();
    }
    await window.jupyterapp.serviceManager.sessions.shutdownAll();
}"""
DIGEST = """async image => {
    const bytes = await (await fetch(image.src)).arrayBuffer();
    return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].join();
}"""


def copy_course(root: Path, copy: Path) -> Path:
    """A copy to work on: JupyterLab saves what it runs."""
    for name in COPIED:
        if (root / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.mine-*", ".ipynb_checkpoints")
            shutil.copytree(root / name, copy / name, ignore=ignored)
        else:
            shutil.copy(root / name, copy / name)
    return copy


@contextmanager
def lab(course: Path, language: str, home: Path) -> Iterator[str]:
    """The address of the first lesson in JupyterLab, started on ``course`` as ``make lab`` does."""
    command = [sys.executable, "-m", "seattn_course", "lab", "--language", language, "--no-browser"]
    command += ["--settings", str(home / "lab"), "--", "--LabApp.expose_app_in_browser=True"]
    environment = os.environ | {"XDG_DATA_HOME": str(home), "HOME": str(home), "PYTHONIOENCODING": "utf-8"}
    server = subprocess.Popen(command, cwd=course, env=environment, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        told = ""
        while "token=" not in told:
            line = server.stdout.readline()
            if not line:
                raise RuntimeError(f"the lab ended before it told its address: {told}")
            told += line
        yield re.search(r"http\S+token=\w+", told).group()
    finally:
        server.terminate()
        server.wait(timeout=60)


def chromium_path() -> str | None:
    """The system's Chromium or Chrome; None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def chromium() -> Iterator["Browser | None"]:
    """A Chromium: the system's, otherwise the one that playwright has installed; None where there is neither."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = chromium_path() or playwright.chromium.executable_path
        if not Path(path).exists():
            yield None
            return
        options = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


def open_page(browser: "Browser", address: str, **options: Any) -> "Page":
    """A page that shows the first lesson."""
    page = browser.new_context(viewport={"width": 1400, "height": 900}, locale="de-DE", **options).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    return page


def open_notebook(page: "Page", path: str) -> None:
    """Open a notebook and wait for its kernel."""
    page.evaluate(OPEN, [path, RUN_MS])


def cell_at(page: "Page", place: int) -> "Locator":
    """The cell at a place in the open notebook, scrolled into view (JupyterLab draws only what is seen)."""
    page.wait_for_function(IN_FRONT)
    page.evaluate(SHOW_CELL, place)
    panel = page.evaluate("window.panel.id")
    cell = page.locator(f'[id="{panel}"] .jp-Cell[data-windowed-list-index="{place}"]')
    cell.wait_for()
    return cell


def named_cell(page: "Page", name: str) -> "Locator":
    return cell_at(page, page.evaluate(NAMED_CELL, name))


def run_named(page: "Page", name: str) -> None:
    """Run one cell of the open notebook to its end."""
    page.evaluate("place => { window.panel.content.activeCellIndex = place; }", page.evaluate(NAMED_CELL, name))
    page.evaluate("() => window.within(window.jupyterapp.commands.execute('notebook:run-cell'))")


class Control:
    """One control of a widget, moved by the keyboard alone: a slider, a list, a row of buttons or a check box."""

    KINDS = ("[role=slider]", "select", ".widget-toggle-buttons", "input[type=checkbox]")

    def __init__(self, page: "Page", kind: str, locator: "Locator"):
        self.page, self.kind, self.locator = page, kind, locator

    def enabled(self) -> bool:
        inner = {"[role=slider]": "xpath=ancestor::*[contains(@class, 'noUi-target')]",
                 ".widget-toggle-buttons": "button >> nth=0"}.get(self.kind)  # fmt: skip
        node = self.locator.locator(inner) if inner else self.locator
        return node.get_attribute("disabled") is None

    def state(self) -> str:
        scripts = dict(zip(self.KINDS, (
            "node => node.getAttribute('aria-valuenow') + node.getAttribute('aria-valuetext')",
            "node => node.value",
            "node => node.querySelector('.mod-active')?.textContent",
            "node => String(node.checked)",
        )))  # fmt: skip
        return self.locator.evaluate(scripts[self.kind])

    def move_to(self, end: int) -> None:
        """To the first (0) or the last (1) of what it offers."""
        if self.kind == "input[type=checkbox]":
            if self.locator.is_checked() != bool(end):
                self.locator.press("Space")
        elif self.kind == ".widget-toggle-buttons":
            buttons = self.locator.locator("button")
            buttons.nth((buttons.count() - 1) * end).press("Space")
        else:
            self.locator.press("End" if end else "Home")


def explorers(page: "Page") -> Iterator[tuple["Locator", list[Control]]]:
    """The figure and the controls of each widget in the open notebook, in turn."""
    texts = [
        Catalogue("seattn_course.show.labels", language).text("explorer.needs_kernel") for language in LANGUAGES
    ]
    for place in page.evaluate(WIDGET_CELLS, texts):
        box = cell_at(page, place).locator(".widget-vbox").first
        box.locator("img").wait_for()
        found = box.locator(", ".join(Control.KINDS))  # in the order of the page, as Tab goes through them
        kinds = found.evaluate_all(
            "(nodes, kinds) => nodes.map(node => kinds.find(kind => node.matches(kind)))", list(Control.KINDS)
        )
        yield box.locator("img"), [Control(page, kind, found.nth(i)) for i, kind in enumerate(kinds)]


def moved_figure(figure: "Locator", control: Control, end: int) -> str:
    """Move the control to an end, wait for the figure if that changed anything, and return the figure's digest."""
    before, state = figure.get_attribute("src"), control.state()
    control.move_to(end)
    if control.state() != state:
        changed = "([image, before]) => image.src !== before && image.complete"
        figure.page.wait_for_function(changed, arg=[figure.element_handle(), before])
    return figure.evaluate(DIGEST)
