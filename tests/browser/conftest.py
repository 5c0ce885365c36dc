"""JupyterLab as ``make lab`` starts it, on a copy of the course, in a Chromium without a window.

These tests run only when asked for: ``make test-browser``, or ``pytest tests/browser -m browser``. They keep
pictures of what they saw in ``artefacts/browser``.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from seattn_course.authoring import browser as browsing
from seattn_course.course.language import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "artefacts" / "browser"
# Cells are drawn down to the end of the window, or to the last one.
DRAWN = """() => {
    const cells = window.panel.content.widgets.map(cell => cell.node);
    const drawn = cells.filter(node => node.isConnected && node.getBoundingClientRect().height);
    const bottom = Math.max(...drawn.map(node => node.getBoundingClientRect().bottom));
    const images = drawn.flatMap(node => [...node.querySelectorAll('img')]);
    return images.every(image => image.complete)
        && (drawn.includes(cells.at(-1)) || bottom > window.innerHeight - 100);
}"""
STEMS = sorted(path.stem for path in (ROOT / "notebooks" / "en").glob("??_*.ipynb") if ".mine-" not in path.stem)


def pytest_addoption(parser):
    parser.addoption("--lessons-once", action="store_true", help="run each lesson in one language, in turns")


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: drives a real browser; runs only with -m browser")


def pytest_collection_modifyitems(config, items):
    if "browser" not in config.option.markexpr:
        here = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=here)
        items[:] = [item for item in items if item not in here]


def pytest_generate_tests(metafunc):
    """``lesson``: (language, stem) of every lesson in both languages; with --lessons-once in one of them."""
    if "lesson" in metafunc.fixturenames:
        pairs = [(language, stem) for language in LANGUAGES for stem in STEMS]
        if metafunc.config.getoption("--lessons-once"):
            pairs = [(language, stem) for language, stem in pairs if STEMS.index(stem) % 2 == (language == "tr")]
        metafunc.parametrize("lesson", pairs, ids=["-".join(pair) for pair in pairs])


@pytest.fixture(scope="session")
def course(tmp_path_factory) -> Path:
    """The copy of the course that the browser works on."""
    return browsing.copy_course(ROOT, tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def chromium():
    with browsing.chromium() as browser:
        if browser is None:
            pytest.skip("no Chromium here: `playwright install chromium` brings one (2026-11-22)")
        yield browser


@pytest.fixture(scope="session")
def lab_page(course, chromium, tmp_path_factory):
    """``lab_page("tr")`` is a page of the Turkish JupyterLab; one server and one page a language."""
    home = tmp_path_factory.mktemp("home")
    pages = {}
    with contextlib.ExitStack() as stack:

        def page_in(language: str):
            if language not in pages:
                address = stack.enter_context(browsing.lab(course, language, home))
                pages[language] = browsing.open_page(chromium, address)
            return pages[language]

        yield page_in
        for page in pages.values():
            page.context.close()


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture
def page(lab_page, language):
    """A page in ``language``; what a test opens is closed after it, and its kernels are stopped."""
    page = lab_page(language)
    yield page
    page.evaluate(browsing.CLOSE_ALL)


@pytest.fixture
def keep_picture() -> Callable:
    """``keep_picture(page, name)`` keeps what the page shows; ``height`` makes room for a whole lesson."""

    def keep(page, name: str, height: int = 0) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        size = page.viewport_size
        if height:
            page.set_viewport_size({"width": size["width"], "height": height})
            page.evaluate(browsing.SHOW_CELL, 0)
            page.wait_for_function(DRAWN)
        page.screenshot(path=PICTURES / f"{name}.jpg", type="jpeg", quality=70)
        page.set_viewport_size(size)

    return keep
